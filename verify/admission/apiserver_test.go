package admission_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

// checkout is the top of this repository.
const checkout = "../.."

// TestAPIServer holds admission against a real kube-apiserver, through a real
// kubectl.
func TestAPIServer(t *testing.T) {
	cases := 0
	t.Cleanup(func() { fmt.Printf("apiserver %d cases\n", cases) })
	c := newCluster(t)
	for _, row := range slicesOf(kindRows(), subresourceRows(), ruleRows()) {
		cases++
		t.Run(row.name, func(t *testing.T) { c.check(t, row) })
	}
}

// row is one thing that is asked of the cluster.
type row struct {
	name    string
	object  string   // standard input of kubectl
	command []string // kubectl's; nil: create, without anything being kept
	allowed bool
	says    string // a regular expression that the output matches
}

func slicesOf(groups ...[]row) []row {
	var out []row
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// check runs a row's command.
func (c *cluster) check(t *testing.T, r row) {
	t.Helper()
	command := r.command
	if command == nil {
		command = []string{"create", "--dry-run=server", "-f", "-"}
	}
	out, err := c.kubectl(r.object, command...)
	if allowed := err == nil; allowed != r.allowed {
		t.Fatalf("allowed %v, want %v\n%s", allowed, r.allowed, out)
	}
	if !regexp.MustCompile(r.says).MatchString(out) {
		t.Errorf("the output does not match %s:\n%s", r.says, out)
	}
}

// cluster is an API server with plumb for a webhook.
type cluster struct {
	t          *testing.T
	kubeconfig string
	plumb      string // program
	hook       *hook
	dir        string
}

// newCluster starts an API server, with namespaces and what the rows need in them, and
// then plumb.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("NOT TESTED with a kube-apiserver: kubectl is not installed")
	}
	dir := t.TempDir()
	s, err := apiservertest.Start(checkout, filepath.Join(dir, "apiserver"))
	var missing *apiservertest.Missing
	switch {
	case errors.As(err, &missing):
		t.Skipf("NOT TESTED with a kube-apiserver: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c := &cluster{t: t, kubeconfig: s.Kubeconfig, dir: dir, plumb: filepath.Join(dir, "plumb")}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", c.plumb, "./cmd/plumb")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, namespace := range []string{"shop", "play", "watched", "audited", "system"} {
		c.must("", "create", "namespace", namespace)
		c.must("", "create", "serviceaccount", "default", "-n", namespace)
	}
	c.must("", "label", "namespace", "watched", "plumb.dev/mode=warn")
	c.must("", "label", "namespace", "audited", "plumb.dev/mode=audit")
	c.must(widgets, "create", "-f", "-")
	c.must(webPod(imageOf(1)), "create", "-f", "-")
	c.must(webDeployment(imageOf(1)), "create", "-f", "-")
	c.must(webPod("nginx:1.27", "old"), "create", "-f", "-")
	c.serve()
	return c
}

// kubectl runs kubectl and returns all that it says.
func (c *cluster) kubectl(stdin string, args ...string) (string, error) {
	cmd := exec.Command("kubectl", args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig, "HOME="+c.dir)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must runs kubectl, which has to succeed.
func (c *cluster) must(stdin string, args ...string) {
	c.t.Helper()
	if out, err := c.kubectl(stdin, args...); err != nil {
		c.t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// within waits until something holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
