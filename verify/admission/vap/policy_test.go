package vap

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
)

var update = flag.Bool("update", false, "write the golden files")

// digest is a digest that tests tell from others by n.
func digest(n int) string { return fmt.Sprintf("sha256:%02x%062x", n*37%256, n) }

// testLock is a lock of n images with two platforms each, whose digests are those from
// 3 on, three to an image.
func testLock(n int) *lockfile.Lock {
	l := &lockfile.Lock{Entries: []lockfile.Entry{
		{Kind: lockfile.Artifact, Name: "ghcr.io/acme/manifests:v1", Digest: digest(1)},
		{Kind: lockfile.Git, Name: "https://github.com/acme/bases.git", Ref: "refs/heads/main",
			Commit: strings.Repeat("5b", 20)},
	}}
	for i := range n {
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image,
			Name:   fmt.Sprintf("ghcr.io/acme/app-%d:v1", i),
			Digest: digest(3 * (i + 1)),
			Platforms: []lockfile.Platform{
				{Platform: "linux/amd64", Manifest: digest(3*(i+1) + 1), Config: digest(2)},
				{Platform: "linux/arm64", Manifest: digest(3*(i+1) + 2), Config: digest(2)},
			}})
	}
	return l
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what is written (-want +got; -update writes it):\n%s", path, diff)
	}
}

func TestPolicyGolden(t *testing.T) {
	for _, tt := range []struct {
		file string
		o    Options
	}{
		{"policy.yaml", Options{Locks: []*lockfile.Lock{testLock(2)},
			Exempt: []string{"kube-system"}}},
		{"policy-literals.yaml", Options{Locks: []*lockfile.Lock{testLock(2)}, Form: Literals,
			Name: "shop", Only: []string{"shop", "web"},
			Mode: admission.Warn, Existing: true,
			Repository: `https://git.example.org/acme/"shop".git`}},
	} {
		got, err := Policy(tt.o)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, tt.file, got)
		again, err := Policy(tt.o)
		if err != nil || !bytes.Equal(got, again) {
			t.Errorf("%s: a second run writes something else: %v", tt.file, err)
		}
	}
}

func TestOptions(t *testing.T) {
	locks := []*lockfile.Lock{testLock(1)}
	long := strings.Repeat("n", maxName)
	for _, tt := range []struct {
		o      Options
		option string // that is refused
	}{
		{Options{Locks: locks, Name: long}, ""},
		{Options{Locks: locks, Name: long + "n"}, "name"},
		{Options{Locks: locks, Name: "Shop"}, "name"},
		{Options{Locks: locks, Repository: strings.Repeat("r", 512)}, ""},
		{Options{Locks: locks, Repository: strings.Repeat("r", 513)}, "repository"},
		{Options{Locks: locks, Repository: "a\nb"}, "repository"},
		{Options{Locks: locks, Mode: admission.Audit + 1}, "mode"},
		{Options{Locks: locks, Only: []string{"a", "b"}, Exempt: []string{"c"}}, ""},
		{Options{Locks: locks, Only: []string{"a", "a"}}, "only"},
		{Options{Locks: locks, Exempt: []string{"a*"}}, "exempt"},
	} {
		_, err := Policy(tt.o)
		var bad *admission.OptionError
		switch {
		case tt.option == "" && err != nil:
			t.Errorf("%+v: %v", tt.o, err)
		case tt.option != "" && (!errors.As(err, &bad) || bad.Option != tt.option):
			t.Errorf("%+v: got %v, want an error of %s", tt.o, err, tt.option)
		}
	}
	if _, err := Policy(Options{}); err == nil {
		t.Error("without a lock there is a policy")
	}
}

// TestHostileValues checks that texts that YAML could take for something else change
// nothing but the messages that they are in.
func TestHostileValues(t *testing.T) {
	o := Options{Locks: []*lockfile.Lock{testLock(1)}}
	plain, err := Policy(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"a: b", "a #b", "- a", "'", `"`, `\n`, "|", "a\u0085b",
		"a\u2028---\u2028kind: Secret", "---", "{{.Name}}", "' + object.metadata.name + '",
		"\" + \""} {
		o := Options{Locks: []*lockfile.Lock{testLock(1)}, Repository: value}
		o.Locks[0].Entries[2].Name = value + "\n    kind: Secret" // it stands in a comment
		text, err := Policy(o)
		if err != nil {
			t.Fatal(err)
		}
		want, got := documents(t, plain), documents(t, text)
		for _, docs := range [][]map[string]any{want, got} {
			for _, doc := range docs {
				spec, _ := doc["spec"].(map[string]any)
				validations, _ := spec["validations"].([]any)
				for _, v := range validations {
					v := v.(map[string]any)
					if message := v["message"].(string); !strings.Contains(message, ", in ") {
						t.Errorf("message %q", message)
					}
					delete(v, "message")
					delete(v, "messageExpression")
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
		newEvaluator(t, o) // which compiles the expressions
	}
}

func TestLimits(t *testing.T) {
	// spread are the digests of n images, spread as digests are.
	spread := func(n int) []*lockfile.Lock {
		l := &lockfile.Lock{}
		for i := range n {
			l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: "a",
				Digest: digest(i)})
		}
		return []*lockfile.Lock{l}
	}
	// crowded are those of n images that all begin with the same digits.
	crowded := func(n int) []*lockfile.Lock {
		l := &lockfile.Lock{}
		for i := range n {
			l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: "a",
				Digest: fmt.Sprintf("sha256:%064x", i)})
		}
		return []*lockfile.Lock{l}
	}
	for _, tt := range []struct {
		o    Options
		what string // that is exceeded, "" for nothing
	}{
		{Options{Locks: spread(23_000)}, ""},
		{Options{Locks: spread(24_000)}, "bytes"},
		{Options{Locks: spread(22_000), Form: Literals}, ""},
		{Options{Locks: spread(23_000), Form: Literals}, "bytes"},
		{Options{Locks: crowded(1_400), Form: Literals}, ""},
		{Options{Locks: crowded(1_500), Form: Literals}, "code points of one expression"},
		{Options{Locks: crowded(14_600)}, ""},
		{Options{Locks: crowded(14_700)}, "units of cost for a Pod of 64 images"},
	} {
		_, err := Policy(tt.o)
		var over *LimitError
		switch {
		case tt.what == "" && err != nil:
			t.Errorf("%d digests: %v", len(tt.o.Locks[0].Entries), err)
		case tt.what != "" && (!errors.As(err, &over) || over.What != tt.what ||
			over.Size <= over.Max):
			t.Errorf("%d digests: got %v, want too many %s", len(tt.o.Locks[0].Entries), err,
				tt.what)
		}
	}
}
