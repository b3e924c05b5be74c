package verify_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// team are policies for the images of a team, and a warning for all others.
const team = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: team}
spec:
  images: [{glob: "registry.example/team/**"}]
  authorities:
    - {name: ci, keyless: {identities: [{issuer: "https://issuer.example", subject: ci@acme.example}]}}
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: others}
spec:
  mode: warn
  images: [{glob: "registry.example/other/**"}]
  authorities:
    - {name: ci, keyless: {identities: [{issuer: "https://issuer.example", subject: ci@acme.example}]}}
`

// judged is an input that is judged by team, with the files that evidence is in.
func judged(t *testing.T, s *signaturetest.Sigstore, in verify.Input, files map[string][]byte) verify.Input {
	t.Helper()
	root, err := s.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Parse([]policy.Document{{File: "team.yaml", Data: []byte(team)}, {File: "root.json", Data: root}}, policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	judge := evidence.Judge{Policies: set, Read: func(path string) ([]byte, error) {
		data, ok := files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	}}
	in.Judge = func(e lockfile.Entry, _ *manifest.Reference) verify.Judgement {
		v := judge.Entry(e)
		return verify.Judgement{Accepted: v.Accepted, Reasons: v.Reasons(), Remarks: v.Remarks(), Faults: slices.Concat(v.Faults, v.Unproven)}
	}
	return in
}

// TestCheckSigned holds the rules unsigned and evidence against what they reject
// and the nearest thing that they accept.
func TestCheckSigned(t *testing.T) {
	s, err := signaturetest.New()
	if err != nil {
		t.Fatal(err)
	}
	a, b := digest("a"), digest("b")
	const app, other, third = "registry.example/team/app:1", "registry.example/other/app:1", "registry.example/third/app:1"
	e, err := s.Sign(signaturetest.Signing{Repository: "registry.example/team/app", Digest: a, Subject: "ci@acme.example", Issuer: "https://issuer.example"})
	if err != nil {
		t.Fatal(err)
	}
	good := map[string][]byte{evidence.File(evidence.Digest(e)): e.Format()}
	altered := map[string][]byte{evidence.File(evidence.Digest(e)): append(e.Format(), '\n')}
	nonsense := map[string][]byte{evidence.File(digestOf("{}")): []byte("{}")}
	vouched := func(name, pin, by, evidence string) lockfile.Entry {
		e := image(name, pin)
		e.Verified = []lockfile.Verified{{Policy: "team", Authority: "ci", Signer: by, Evidence: evidence}}
		return e
	}
	const ci = "ci@acme.example (issuer https://issuer.example)"
	signed := vouched(app, a, ci, evidence.Digest(e))
	named := func(in *verify.Input) {
		in.Images = []verify.Named{{Tracked: app, Written: app, Line: 3, Column: 10}}
	}
	for _, tt := range []struct {
		name  string
		in    verify.Input
		files map[string][]byte
		want  []string // file:line:column rule
		says  string
	}{
		{"signed", locked(pod(app+"@"+a), signed), good, nil, ""},
		{"not signed", locked(pod(app+"@"+a), image(app, a)), good, []string{"pod.yaml:6:14 unsigned"},
			"is not accepted: policy team is not satisfied: ci: no signature or attestation was found"},
		{"in two places", locked(pod(app+"@"+a, app+"@"+a), image(app, a)), good,
			[]string{"pod.yaml:6:14 unsigned", "pod.yaml:7:14 unsigned"}, "is not accepted"},
		{"altered", locked(pod(app+"@"+a), signed), altered, []string{"pod.yaml:6:14 evidence"}, "is altered"},
		{"missing", locked(pod(app+"@"+a), signed), nil, []string{"pod.yaml:6:14 evidence"}, "is missing"},
		{"nonsense", locked(pod(app+"@"+a), vouched(app, a, ci, digestOf("{}"))), nonsense, []string{"pod.yaml:6:14 evidence"}, "cannot be used"},
		{"of another image", locked(pod(app+"@"+b), vouched(app, b, ci, evidence.Digest(e))), good,
			[]string{"pod.yaml:6:14 evidence"}, "policy team is not satisfied: ci: it is not about " + b},
		{"of nobody that the lock says", locked(pod(app+"@"+a), vouched(app, a, "the president", evidence.Digest(e))), good,
			[]string{"pod.yaml:6:14 evidence"}, "plumb.lock lists the president as verified"},
		{"no policy", locked(pod(third+"@"+a), image(third, a)), good, []string{"pod.yaml:6:14 unsigned"}, "no policy matches it"},

		{"a warning", locked(pod(other+"@"+a), image(other, a)), good, []string{"pod.yaml:6:14 unsigned"},
			"policy others (mode: warn) is not satisfied"},

		{"named by plumb.yaml, signed", with(locked(pod(), signed), named), good, nil, ""},
		{"named by plumb.yaml, not signed", with(locked(pod(), image(app, a)), named), good, []string{"plumb.yaml:3:10 unsigned"}, "is not accepted"},
		{"named by plumb.yaml, altered", with(locked(pod(), signed), named), altered, []string{"plumb.yaml:3:10 evidence"}, "is altered"},

		{"excepted", with(locked(pod(app+"@"+a), image(app, a)), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(app, false)}
		}), good, nil, ""},
		{"no longer excepted", with(locked(pod(app+"@"+a), image(app, a)), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(app, true)}
		}), good, []string{"plumb.yaml:4:5 exception", "pod.yaml:6:14 unsigned"}, "is not accepted"},

		// What the lock has of it is not what the manifest would run: that comes first.
		{"another pin", locked(pod(app+"@"+b), signed), good, []string{"pod.yaml:6:14 mismatch"}, ""},
		{"not locked", locked(pod(app + "@" + a)), good, []string{"pod.yaml:6:14 unlocked"}, ""},
		{"an artifact", locked(pod(), artifact(app, a)), good, []string{"plumb.lock:4:5 unused"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := verify.Check(judged(t, s, tt.in, tt.files))
			if diff := cmp.Diff(tt.want, places(found)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			said := ""
			for _, f := range found {
				said += f.Message + "\n"
				if f.Severity == verify.Error { // a remark of a rule is less than the rule promises
					checkFinding(t, f)
				}
			}
			if !strings.Contains(said, tt.says) {
				t.Errorf("it says %q, want %q in it", said, tt.says)
			}
		})
	}
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// A policy that only warns does not fail the tree.
func TestCheckRemarksOnWarnings(t *testing.T) {
	in := locked(pod(nginx+"@"+digest("a")), image(nginx, digest("a")))
	in.Judge = func(lockfile.Entry, *manifest.Reference) verify.Judgement {
		return verify.Judgement{Accepted: true, Remarks: []string{"policy p (mode: warn) is not satisfied"}}
	}
	found := verify.Check(in)
	if diff := cmp.Diff([]string{"pod.yaml:6:14 unsigned"}, places(found)); diff != "" || verify.Failed(found) {
		t.Errorf("failed: %t (-want +got):\n%s", verify.Failed(found), diff)
	}
	in.Judge = func(lockfile.Entry, *manifest.Reference) verify.Judgement { return verify.Judgement{} }
	if !verify.Failed(verify.Check(in)) {
		t.Error("the zero Judgement does not fail the tree")
	}
}
