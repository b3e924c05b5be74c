package verify_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
)

func TestExplain(t *testing.T) {
	for _, r := range verify.Rules() {
		e, ok := verify.Explain(r.Name)
		if !ok || e.Why == "" || e.Fix == "" || !strings.HasSuffix(e.Example, "["+r.Name+"]") {
			t.Errorf("%s: the explanation is %+v", r.Name, e)
		}
	}
	if e, ok := verify.Explain("unpined"); ok {
		t.Errorf("a rule that there is not: %+v", e)
	}
}

var hexDigits = regexp.MustCompile(`\b(sha256[:-][0-9a-f]{4})[0-9a-f]{60}`)

// printed is a finding as an explanation shows one.
func printed(f verify.Finding) string {
	s := fmt.Sprintf("%s:%d:%d: %s [%s]", f.File, f.Line, f.Column, f.Message, f.Rule)
	return hexDigits.ReplaceAllString(s, "$1…")
}

// Examples are what Check says, to the letter.
func TestExplainedExamples(t *testing.T) {
	a, b := digest("a"), digest("b")
	entry := image(nginx, a, "linux/amd64")
	pinned := locked(pod("nginx:1.27@"+a), entry)
	judged := func(j verify.Judgement, verified ...lockfile.Verified) verify.Input {
		vouched := entry
		vouched.Verified = verified
		return with(locked(pod("nginx:1.27@"+a), vouched), func(in *verify.Input) {
			in.Judge = func(lockfile.Entry, *manifest.Reference) verify.Judgement { return j }
		})
	}
	inputs := map[string]verify.Input{
		verify.Unpinned:   locked(pod("nginx:1.27"), entry),
		verify.Unlocked:   locked(pod("nginx:1.27@" + a)),
		verify.StalePin:   locked(pod("nginx:1.28@"+a), entry),
		verify.Mismatch:   locked(pod("nginx:1.27@"+b), entry),
		verify.Unused:     locked(pod(), entry),
		verify.Unsigned:   judged(verify.Judgement{Reasons: []string{"policy web is not satisfied: acme: no signature or attestation was found"}}),
		verify.Evidence:   judged(verify.Judgement{Accepted: true, Faults: []string{".plumb/evidence/sha256-" + strings.Repeat("e", 64) + ".json is missing"}}),
		verify.Platform:   with(pinned, func(in *verify.Input) { in.Platforms = []string{"linux/arm64"} }),
		verify.Uneditable: locked(pod("nginx:${TAG}")),
		verify.Suspect:    locked("apiVersion: a.example/v1\nkind: W\nspec: {engine: 'ghcr.io/acme/web:v1'}\n"),
		verify.Unreadable: locked("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [}\n"),
		verify.LockRule: with(pinned, func(in *verify.Input) {
			in.Lock, in.LockError = lockfile.Parse("plumb.lock", []byte(strings.Replace(string(in.LockText), "version: 1", "version: one", 1)))
		}),
		verify.Exception: with(locked(pod("nginx:1.27")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(nginx, true)}
		}),
		verify.UnknownInput: with(pinned, func(in *verify.Input) {
			in.Files = append(in.Files, manifest.File{Path: "apps/base.yaml", Remarks: []manifest.Remark{{
				File: "apps/base.yaml", Line: 1, Column: 1, Rule: verify.UnknownInput, Severe: true,
				Message: "a symlink that leads out of the repository, to /srv/base.yaml"}}})
		}),
		verify.Unenforced: locked(gitRepository("tag: v1", "verify: {mode: Tag}"),
			lockfile.Entry{Kind: lockfile.Git, Name: bases, Ref: "refs/tags/v1",
				Commit: strings.Repeat("5b", 20)}),
		verify.Nothing: with(locked(""), func(in *verify.Input) { in.Empty = []string{"docs"} }),
	}
	findings := map[string][]verify.Finding{
		verify.Content: verify.Used(pinned)[0].Wrong("it has no manifest " + b + " for linux/amd64, as plumb.lock has"),
		verify.Gone:    verify.Used(pinned)[0].Gone("GET https://registry.example/v2/nginx/manifests/" + a + ": 404 MANIFEST_UNKNOWN"),
	}
	for rule, in := range inputs {
		findings[rule] = verify.Check(in)
	}
	for _, r := range verify.Rules() {
		e, _ := verify.Explain(r.Name)
		found := false
		for _, f := range findings[r.Name] {
			if f.Rule != r.Name {
				continue
			}
			if found = true; printed(f) != e.Example {
				t.Errorf("the example is\n%s\nand what is found\n%s", e.Example, printed(f))
			}
		}
		if !found {
			t.Errorf("%s: no example is tested", r.Name)
		}
	}
}
