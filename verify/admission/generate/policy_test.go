package generate

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
		{Kind: lockfile.Git, Name: "https://github.com/acme/bases.git", Ref: "refs/heads/main", Commit: strings.Repeat("5b", 20)},
	}}
	for i := range n {
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: fmt.Sprintf("ghcr.io/acme/app-%d:v1", i),
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
		o    PolicyOptions
	}{
		{"policy.yaml", PolicyOptions{Locks: []*lockfile.Lock{testLock(2)}, Exempt: []string{"kube-system"}}},
		{"policy-literals.yaml", PolicyOptions{Locks: []*lockfile.Lock{testLock(2)}, Form: Literals, Name: "shop", Only: []string{"shop", "web"},
			Mode: admission.Warn, Existing: true, Repository: `https://git.example.org/acme/"shop".git`}},
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
	got, err := Definition()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "definition.yaml", got)
}

func TestPolicyOptions(t *testing.T) {
	locks := []*lockfile.Lock{testLock(1)}
	long := strings.Repeat("n", maxName)
	for _, tt := range []struct {
		o      PolicyOptions
		option string // that is refused
	}{
		{PolicyOptions{Locks: locks, Name: long}, ""},
		{PolicyOptions{Locks: locks, Name: long + "n"}, "name"},
		{PolicyOptions{Locks: locks, Name: "Shop"}, "name"},
		{PolicyOptions{Locks: locks, Repository: strings.Repeat("r", 512)}, ""},
		{PolicyOptions{Locks: locks, Repository: strings.Repeat("r", 513)}, "repository"},
		{PolicyOptions{Locks: locks, Repository: "a\nb"}, "repository"},
		{PolicyOptions{Locks: locks, Mode: admission.Audit + 1}, "mode"},
		{PolicyOptions{Locks: locks, Only: []string{"a", "b"}, Exempt: []string{"c"}}, ""},
		{PolicyOptions{Locks: locks, Only: []string{"a", "a"}}, "only"},
		{PolicyOptions{Locks: locks, Exempt: []string{"a*"}}, "exempt"},
	} {
		_, err := Policy(tt.o)
		var bad *OptionError
		switch {
		case tt.option == "" && err != nil:
			t.Errorf("%+v: %v", tt.o, err)
		case tt.option != "" && (!errors.As(err, &bad) || bad.Option != tt.option):
			t.Errorf("%+v: got %v, want an error of %s", tt.o, err, tt.option)
		}
	}
	if _, err := Policy(PolicyOptions{}); err == nil {
		t.Error("without a lock there is a policy")
	}
}

func TestLimits(t *testing.T) {
	// spread are the digests of n images, spread as digests are.
	spread := func(n int) []*lockfile.Lock {
		l := &lockfile.Lock{}
		for i := range n {
			l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: "a", Digest: digest(i)})
		}
		return []*lockfile.Lock{l}
	}
	// crowded are those of n images that all begin with the same digits.
	crowded := func(n int) []*lockfile.Lock {
		l := &lockfile.Lock{}
		for i := range n {
			l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: "a", Digest: fmt.Sprintf("sha256:%064x", i)})
		}
		return []*lockfile.Lock{l}
	}
	for _, tt := range []struct {
		o    PolicyOptions
		what string // that is exceeded, "" for nothing
	}{
		{PolicyOptions{Locks: spread(23_000)}, ""},
		{PolicyOptions{Locks: spread(24_000)}, "bytes"},
		{PolicyOptions{Locks: spread(22_000), Form: Literals}, ""},
		{PolicyOptions{Locks: spread(23_000), Form: Literals}, "bytes"},
		{PolicyOptions{Locks: crowded(1_400), Form: Literals}, ""},
		{PolicyOptions{Locks: crowded(1_500), Form: Literals}, "code points of one expression"},
		{PolicyOptions{Locks: crowded(14_600)}, ""},
		{PolicyOptions{Locks: crowded(14_700)}, "units of cost for a Pod of 64 images"},
	} {
		_, err := Policy(tt.o)
		var over *LimitError
		switch {
		case tt.what == "" && err != nil:
			t.Errorf("%d digests: %v", len(tt.o.Locks[0].Entries), err)
		case tt.what != "" && (!errors.As(err, &over) || over.What != tt.what || over.Size <= over.Max):
			t.Errorf("%d digests: got %v, want too many %s", len(tt.o.Locks[0].Entries), err, tt.what)
		}
	}
}
