package verify_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
)

// TestFixCanBeFollowed has what fixes errors in a tree, in a stream, and by policies from
// outside of the tree: nothing that does not help there.
func TestFixCanBeFollowed(t *testing.T) {
	a, b := digest("a"), digest("b")
	entry := image(nginx, a)
	tree := func(*verify.Input) {}
	stream := func(in *verify.Input) { in.Partial = true }
	outside := func(in *verify.Input) { in.ExternalPolicies = true }
	unjudged := func(in *verify.Input) {
		in.Judge = func(lockfile.Entry, *manifest.Reference) verify.Judgement { return verify.Judgement{} }
	}
	tests := []struct {
		name, text string
		change     func(*verify.Input)
		want       string // the fix
		not        string // what it must not have
	}{
		{"filled in", pod("nginx:${TAG}"), tree, "under exceptions in plumb.yaml; to judge what is rendered: plumb verify -", ""},
		{"filled in, in a stream", pod("nginx:${TAG}"), stream, "under exceptions in plumb.yaml", "plumb verify -"},
		{"filled in, policies from outside", pod("nginx:${TAG}"), outside, "exceptions in plumb.yaml do not count here", "name it under"},
		{"built by ko", pod("ko://github.com/acme/app"), tree, "under exceptions in plumb.yaml", ""},
		{"broken", "kind: Pod\nimage: [", tree, "correct it, or, if no consumer applies it, add it to exclude in plumb.yaml", ""},
		{"broken, in a stream", "kind: Pod\nimage: [", stream, "correct it, or the command that writes it", "exclude"},
		{"another digest", pod("nginx:1.27@" + b), tree, "to keep the manifest's pin: plumb lock; ", ""},
		{"another digest, in a stream", pod("nginx:1.27@" + b), stream, "to make both agree: plumb lock, then render again", "edit the manifest"},
		{"a digest that a lock does not hold", pod("nginx:1.27@sha512:" + strings.Repeat("0", 128)), tree, "write its sha256 digest instead, or name it under exceptions", ""},
		{"not signed", pod("nginx:1.27@" + a), unjudged, "to look for its signatures: plumb lock", ""},
		{"not signed, policies from outside", pod("nginx:1.27@" + a), func(in *verify.Input) { unjudged(in); outside(in) },
			"plumb lock stores the signatures that the repository's own policies require", "to look for"},
	}
	for _, test := range tests {
		var fix []string
		for _, f := range verify.Check(with(locked(test.text, entry), test.change)) {
			if f.Severity == verify.Error {
				fix = append(fix, f.Fix)
			}
		}
		if len(fix) != 1 || !strings.Contains(fix[0], test.want) || test.not != "" && strings.Contains(fix[0], test.not) {
			t.Errorf("%s: %q, want %q without %q", test.name, fix, test.want, test.not)
		}
	}
}
