package policy_test

import (
	"testing"

	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// BenchmarkJudge judges one image by a keyless policy, which should cost little more than
// verifying its evidence does.
func BenchmarkJudge(b *testing.B) {
	w := newWorld(b)
	evidence := w.sign(b, signaturetest.Signing{})
	set := mustParse(b, cip(keyless()), w.root)
	image := app(b)
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if d := set.Judge(image, []signature.Evidence{evidence}); d.Verdict != policy.Allowed {
				b.Fatal(d.Lines())
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		trust, err := signature.ParseTrustedRoot([]byte(w.root))
		if err != nil {
			b.Fatal(err)
		}
		id, err := signature.NewIdentity(issuer, "", subject, "")
		if err != nil {
			b.Fatal(err)
		}
		of := signature.Subject{Repository: repository, Digest: digest}
		r := signature.Requirement{Kind: signature.Signature, Identities: []signature.Identity{id}, Trust: trust}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := signature.Verify(of, evidence, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkParse reads one policy with a rule in each language, which is compiled.
func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"none": cip("static: {action: pass}"),
		"cue":  cip("static: {action: pass}", "policy: {type: cue, data: 'a: 1'}"),
		"rego": cip("static: {action: pass}", `policy: {type: rego, data: "package sigstore\nisCompliant { true }"}`),
		"cel":  cip("static: {action: pass}", "policy: {type: cel, data: 'true'}"),
	} {
		b.Run("rule="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustParse(b, text)
			}
		})
	}
}
