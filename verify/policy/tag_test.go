package policy_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestTags judges an image by policies whose globs name a tag. A tag that somebody has
// written beside the digest is no reason to allow the image, but it is one to deny it.
func TestTags(t *testing.T) {
	w := newWorld(t)
	signed := []signature.Evidence{w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog})}
	const pass, fail = "static: {action: pass}", "static: {action: fail}"
	keyed := keyOf(t, w.key.Public())
	tagged := func(text, glob string) string { return strings.Replace(text, repository+"*", glob, 1) }
	const v1, all = repository + ":v1", repository + "@*"
	tests := []struct {
		name              string
		texts             []string
		evidence          []signature.Evidence
		written, resolved policy.Verdict
	}{
		{"the tag", []string{tagged(cip(pass), v1)}, nil, policy.Unmatched, policy.Allowed},
		{"some tags", []string{tagged(cip(pass), repository+":v*")}, nil, policy.Unmatched, policy.Allowed},
		{"tag and digest", []string{tagged(cip(pass), v1+"@*")}, nil, policy.Unmatched, policy.Allowed},
		{"the tag, signed", []string{tagged(cip(keyed), v1)}, signed, policy.Unmatched, policy.Allowed},
		{"the tag, not signed", []string{tagged(cip(keyed), v1)}, nil, policy.Denied, policy.Denied},
		{"the tag, only warns", []string{tagged(cip(fail, "mode: warn"), v1)}, nil, policy.Unmatched, policy.Allowed},
		{"the tag is forbidden", []string{tagged(named("a", fail), v1), named("b", pass)}, nil, policy.Denied, policy.Denied},
		{"another tag", []string{tagged(cip(pass), repository+":v2")}, nil, policy.Unmatched, policy.Unmatched},
		{"another tag is forbidden", []string{tagged(named("a", fail), repository+":v2"), named("b", pass)}, nil, policy.Allowed, policy.Allowed},
		{"the digest", []string{tagged(cip(pass), all)}, nil, policy.Allowed, policy.Allowed},
		{"the repository", []string{cip(pass)}, nil, policy.Allowed, policy.Allowed},
		{"the tag and the digest in one policy", []string{tagged(cip(pass), v1+"\n  - glob: "+all)}, nil, policy.Allowed, policy.Allowed},
		{"the tag and the digest in two policies", []string{tagged(named("a", pass), v1), tagged(named("b", pass), all)}, nil, policy.Allowed, policy.Allowed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := mustParse(t, tt.texts...)
			for resolved, want := range map[bool]policy.Verdict{false: tt.written, true: tt.resolved} {
				image := app(t)
				image.TagResolved = resolved
				if d := set.Judge(image, tt.evidence); d.Verdict != want {
					t.Errorf("resolved %t: %s, want %s:\n%s", resolved, d.Verdict, want, strings.Join(d.Lines(), "\n"))
				}
			}
		})
	}
	d := mustParse(t, tagged(cip(pass), v1)).Judge(app(t), nil)
	if !strings.Contains(d.Unmatched(), "policy p matches only the tag") {
		t.Errorf("unmatched because %s", d.Unmatched())
	}
}
