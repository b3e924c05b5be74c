package admission_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
)

// held is how many cases of TestAPIServer were as they should be, in words; "" if it
// did not run.
var held string

// TestMain prints it behind the hundreds of lines that "go test -v" has of the cases.
func TestMain(m *testing.M) {
	code := m.Run()
	if held != "" {
		fmt.Println(held)
	}
	os.Exit(code)
}

// TestAPIServer holds admission against a real kube-apiserver: the same table of
// cases by the webhook and by both forms of the policy, through net/http and the real
// kubectl, and then what happens to a webhook in its life.
func TestAPIServer(t *testing.T) {
	c := newCluster(t)
	cases := 0
	t.Cleanup(func() { held = fmt.Sprintf("apiserver %d cases", cases) })
	count := func(good bool) {
		if good {
			cases++
		}
	}
	table := func(by decider) func(*testing.T) {
		return func(t *testing.T) {
			for _, r := range rows(by.name) {
				count(t.Run(r.name, func(t *testing.T) { c.check(t, r, by) }))
			}
		}
	}
	live := func(lives []life) func(*testing.T) {
		return func(t *testing.T) {
			for _, l := range lives {
				count(t.Run(l.name, func(t *testing.T) { l.run(t, c) }))
			}
		}
	}
	c.serve()
	t.Run("webhook", table(webhook))
	t.Run("life", live(lives()))
	c.endWebhook()
	t.Run("installation", live(installation()))
	c.endWebhook()
	for _, form := range []string{"buckets", "literals"} {
		c.applyPolicy(form)
		t.Run(form, table(policyOf(form)))
		t.Run(form+" life", live(policyLives(form)))
		c.endPolicy()
	}
}

// row is one thing that is asked of the cluster.
type row struct {
	name    string
	object  string   // what is created without being kept, or standard input of kubectl
	command []string // kubectl's; nil: object is created by apiClient
	allowed bool
	says    string // a regular expression that the webhook's words match
	// what the policy does besides, as it says of itself: it knows no names, no
	// resources but Kubernetes' own, and no glass to break.
	policy otherwise
	warns  string // a regular expression that the policy's words match, where it allows
}

// otherwise is how the policy's verdict differs from the webhook's. The zero value: it
// does not.
type otherwise int

const (
	laxer    otherwise = iota + 1 // it allows what the webhook denies
	stricter                      // it denies what the webhook allows
)

// decider is what decides in the cluster.
type decider struct {
	name   string
	policy bool
}

var webhook = decider{name: "webhook"}

func policyOf(form string) decider { return decider{form, true} }

// life is something that happens in the cluster.
type life struct {
	name string
	run  func(t *testing.T, c *cluster)
}

func rows(suffix string) []row {
	return slices.Concat(kindRows(), subresourceRows(suffix), ruleRows())
}

// check asks for what a row says, and holds the answer against it.
func (c *cluster) check(t *testing.T, r row, by decider) {
	t.Helper()
	var out string
	var err error
	if r.command == nil {
		out, err = c.create(r.object)
	} else {
		out, err = c.kubectl(r.object, r.command...)
	}
	want, says := r.allowed, r.says
	if by.policy {
		want, says = r.allowed && r.policy != stricter || r.policy == laxer, r.warns
		if !want {
			says = `ValidatingAdmissionPolicy 'plumb' .*denied request: (.|\n)*\[(unpinned|unlocked)\]`
		}
	}
	if allowed := err == nil; allowed != want {
		t.Fatalf("allowed %v, want %v\n%s", allowed, want, out)
	}
	if !regexp.MustCompile(says).MatchString(out) {
		t.Errorf("the answer does not match %s:\n%s", says, out)
	}
}
