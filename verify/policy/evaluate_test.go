package policy_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(s[:])
}

// wanted is an item "attestations" with one that has a policy in CEL, if text is not "".
func wanted(name, predicateType, text string) string {
	item := "- name: " + name + "\n  predicateType: " + predicateType + "\n"
	if text != "" {
		item += "  policy: {type: cel, data: '" + text + "'}\n"
	}
	return item
}

func TestAttestations(t *testing.T) {
	w := newWorld(t)
	attest := func(predicateType, predicate string) signature.Evidence {
		return w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog, PredicateType: predicateType, Predicate: json.RawMessage(predicate)})
	}
	const spdx = "https://spdx.dev/Document"
	scanned, dirty, bill := attest(scan, `{"findings":3}`), attest(scan, `{"findings":9}`), attest(spdx, `{}`)
	few := wanted("scanned", scan, "predicate.findings < 5")
	tests := []struct {
		name, attestations string
		evidence           []signature.Evidence
		want               string
	}{
		{"there", wanted("scanned", scan, ""), []signature.Evidence{scanned}, ""},
		{"older format", wanted("scanned", scan, ""), []signature.Evidence{w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog,
			PredicateType: scan, Predicate: json.RawMessage(`{}`), Legacy: true})}, ""},
		{"none", wanted("scanned", scan, ""), nil, "attestation scanned (" + scan + "): no signature or attestation was found"},
		{"another type", wanted("scanned", scan, ""), []signature.Evidence{bill}, scan},
		{"short name", wanted("bill", "spdxjson", ""), []signature.Evidence{bill}, ""},
		{"short name of another", wanted("bill", "vuln", ""), []signature.Evidence{bill}, "https://cosign.sigstore.dev/attestation/vuln/v1"},
		{"a signature instead", wanted("scanned", scan, ""), []signature.Evidence{w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog})}, "attestation scanned"},
		{"by another", wanted("scanned", scan, ""), []signature.Evidence{w.sign(t, signaturetest.Signing{Key: newKey(t), Log: signaturetest.NoLog,
			PredicateType: scan, Predicate: json.RawMessage(`{}`)})}, "accepted signatures do not match"},
		{"policy holds", few, []signature.Evidence{scanned}, ""},
		{"policy does not hold", few, []signature.Evidence{dirty}, "its policy does not hold: the expression is false"},
		{"policy holds of one", few, []signature.Evidence{dirty, scanned}, ""},
		{"all of two", few + wanted("bill", spdx, ""), []signature.Evidence{scanned, bill}, ""},
		{"one of two", few + wanted("bill", spdx, ""), []signature.Evidence{scanned}, "attestation bill"},
		{"the other of two", few + wanted("bill", spdx, ""), []signature.Evidence{bill, dirty}, "attestation scanned"},
		{"one for two", few + wanted("again", scan, "predicate.findings > 1"), []signature.Evidence{scanned}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := mustParse(t, cip(keyOf(t, w.key.Public())+"attestations:\n"+tt.attestations))
			wantVerdict(t, set.Judge(app(t), tt.evidence), tt.want)
		})
	}
}

// TestWhole evaluates spec.policy, in all three languages, on what the authorities found.
func TestWhole(t *testing.T) {
	w := newWorld(t)
	evidence := []signature.Evidence{w.sign(t, signaturetest.Signing{}),
		w.sign(t, signaturetest.Signing{PredicateType: scan, Predicate: json.RawMessage(`{}`)})}
	object := &policy.Object{APIVersion: "apps/v1", Kind: "Deployment", Spec: json.RawMessage(`{"replicas":2}`),
		Metadata: json.RawMessage(`{"labels":{"app":"web"}}`)}
	configs := map[string]json.RawMessage{"linux/amd64": json.RawMessage(`{"config":{"User":"65532"}}`)}
	authorities := "name: signed\n" + keyless() + "\n"
	attested := "  -\n" + indent(4, "name: attested\n"+keyless()+"attestations:\n"+wanted("scanned", scan, ""))
	missing := "  -\n" + indent(4, "name: missing\n"+keyOf(t, w.key.Public()))
	tests := []struct {
		name, language, text string
		include              string
		image                func(*policy.Image)
		want                 string
	}{
		{"cue", "cue", `authorityMatches: signed: signatures: [{subject!: "` + subject + `", issuer!: "` + issuer + `", ...}]`, "", nil, ""},
		{"cue, another subject", "cue", `authorityMatches: signed: signatures: [{subject!: "someone", ...}]`, "", nil, "conflicting values"},
		{"rego", "rego", "package sigstore\nisCompliant { count(input.authorityMatches.signed.signatures) == 1; " +
			"count(input.authorityMatches.attested.attestations.scanned) == 1 }", "", nil, ""},
		{"rego, one that failed", "rego", "package sigstore\nisCompliant { input.authorityMatches.missing }", "", nil, "isCompliant is not true"},
		{"cel", "cel", `authorityMatches.attested.attestations.scanned[0].predicateType == "` + scan + `"`, "", nil, ""},
		{"cel, two of three", "cel", `size(authorityMatches) == 2 && !("missing" in authorityMatches)`, "", nil, ""},
		{"cel, id and digest", "cel", `authorityMatches.attested.attestations.scanned.all(a, a.id.size() == 64 && a.digest.size() == 71)`, "", nil, ""},
		{"cel, three of three", "cel", `size(authorityMatches) == 3`, "", nil, "the expression is false"},

		{"config", "cue", `config: "linux/amd64": config: User: "65532"`, "fetchConfigFile: true",
			func(i *policy.Image) { i.Configs = configs }, ""},
		{"config, other user", "cue", `config: "linux/amd64": config: User: "0"`, "fetchConfigFile: true",
			func(i *policy.Image) { i.Configs = configs }, "conflicting values"},
		{"config not known", "cue", `config: "linux/amd64": config: User: "65532"`, "fetchConfigFile: true", nil, "configuration (fetchConfigFile), which is not known here"},
		{"config not asked for", "cel", `has(input.config)`, "", func(i *policy.Image) { i.Configs = configs }, "the expression is false"},
		{"spec", "cel", `spec.replicas == 2`, "includeSpec: true", func(i *policy.Image) { i.Object = object }, ""},
		{"spec, other", "cel", `spec.replicas == 3`, "includeSpec: true", func(i *policy.Image) { i.Object = object }, "false"},
		{"spec not known", "cel", `true`, "includeSpec: true", func(i *policy.Image) { i.Object = &policy.Object{} }, "(includeSpec), which is not known here"},
		{"spec not asked for", "cel", `spec.replicas == 2`, "", func(i *policy.Image) { i.Object = object }, "no such attribute"},
		{"metadata", "cel", `metadata.labels.app == "web"`, "includeObjectMeta: true", func(i *policy.Image) { i.Object = object }, ""},
		{"metadata not known", "cel", `true`, "includeObjectMeta: true", nil, "(includeObjectMeta), which is not known here"},
		{"type", "cue", `typemeta: {kind: "Deployment", apiVersion: "apps/v1"}`, "includeTypeMeta: true", func(i *policy.Image) { i.Object = object }, ""},
		{"type, other", "cue", "typemeta:\n  kind: \"Pod\"", "includeTypeMeta: true", func(i *policy.Image) { i.Object = object }, "conflicting values"},
		{"type not known", "cel", `true`, "includeTypeMeta: true", nil, "(includeTypeMeta), which is not known here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := cip(authorities, "policy:", "  type: "+tt.language, "  data: |", strings.TrimSuffix(indent(4, tt.text), "\n"), "  "+tt.include)
			set := mustParse(t, text+attested+missing, w.root)
			image := app(t)
			if tt.image != nil {
				tt.image(&image)
			}
			wantVerdict(t, set.Judge(image, evidence), tt.want)
		})
	}
	t.Run("not without an authority", func(t *testing.T) {
		set := mustParse(t, cip(authorities, "policy: {type: cel, data: 'true'}"), w.root)
		wantVerdict(t, set.Judge(app(t), nil), "no signature or attestation was found")
	})
}

// TestStoredTwice has one signature count once, in whatever forms it is stored, and another as another.
func TestStoredTwice(t *testing.T) {
	w := newWorld(t)
	once := w.sign(t, signaturetest.Signing{})
	spaced := signature.Evidence{Bundle: append([]byte("\n"), once.Bundle...)}
	set := mustParse(t, cip("name: release\n"+keyless(), "policy: {type: cel, data: 'authorityMatches.release.signatures.size() == 2'}"), w.root)
	wantVerdict(t, set.Judge(app(t), []signature.Evidence{once, once}), "its policy does not hold")
	wantVerdict(t, set.Judge(app(t), []signature.Evidence{once, spaced}), "its policy does not hold")
	wantVerdict(t, set.Judge(app(t), []signature.Evidence{once, spaced, w.sign(t, signaturetest.Signing{})}), "")
}

// TestDecision holds the explanation in both forms.
func TestDecision(t *testing.T) {
	w := newWorld(t)
	e := w.sign(t, signaturetest.Signing{})
	set := mustParse(t,
		named("a-release", "name: github\n"+keyless()),
		named("b-scanned", "name: github\n"+keyless()+"attestations:\n"+wanted("scanned", "vuln", ""), "mode: warn"),
		strings.ReplaceAll(named("c-other", "static: {action: pass}"), repository, "ghcr.io/other/*"),
		w.root)
	d := set.Judge(app(t), []signature.Evidence{e})
	who := `subject "` + subject + `" from issuer "` + issuer + `"`
	evidence := sum(e.Format())
	want := []string{
		"ghcr.io/acme/app:v1@" + digest + ": allowed",
		`  policy a-release (policies/a.yaml:1) passes: its glob "ghcr.io/acme/app*" matches ghcr.io/acme/app@` + digest,
		"    authority github passes: it wants a signature by " + who,
		"      signed by " + subject + " (issuer " + issuer + ") (evidence " + evidence + ")",
		`  policy b-scanned (policies/b.yaml:1) does not pass (mode: warn): its glob "ghcr.io/acme/app*" matches ghcr.io/acme/app@` + digest,
		"    authority github does not pass: it wants an attestation vuln by " + who,
		"      attestation scanned (https://cosign.sigstore.dev/attestation/vuln/v1): ",
		`  policy c-other (policies/c.yaml:1) does not apply: none of its globs ("ghcr.io/other/**") matches ghcr.io/acme/app@` + digest,
	}
	got := d.Lines()
	if len(got) > 6 && strings.HasPrefix(got[6], want[6]) {
		got[6] = want[6] // the verifier's words are its own
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Verdict  string
		Policies []struct {
			Policy, File, Why     string
			Line                  int
			Warn, Matched, Passed bool
			Authorities           []struct {
				Authority string
				Passed    bool
				Proofs    []policy.Proof
				Reasons   []string
			}
		}
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	proof := []policy.Proof{{Evidence: evidence, Signer: subject + " (issuer " + issuer + ")", Digest: digest,
		Times: []string{"2026-03-04T05:06:07Z by the log https://rekor.signaturetest.invalid"},
		Log:   []string{"entry 0 of the log https://rekor.signaturetest.invalid"}}}
	if p := read.Policies; read.Verdict != "allowed" || len(p) != 3 || !p[0].Passed || !p[1].Warn || p[2].Matched ||
		!cmp.Equal(p[0].Authorities[0].Proofs, proof) || len(p[1].Authorities[0].Reasons) == 0 {
		t.Errorf("JSON: %s", data)
	}
}
