package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// documents returns the files of a folder below testdata, of which there must be some.
func documents(t *testing.T, folder string) map[string]policy.Document {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no documents in %s: %v", folder, err)
	}
	docs := map[string]policy.Document{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs[filepath.Base(name)] = policy.Document{File: filepath.Base(name), Data: data}
	}
	return docs
}

// TestDocumentsTaken takes documents as policy-controller's users write them.
func TestDocumentsTaken(t *testing.T) {
	w := newWorld(t)
	for name, doc := range documents(t, "taken") {
		t.Run(name, func(t *testing.T) {
			set, err := policy.Parse([]policy.Document{doc, {File: "root.json", Data: []byte(w.root)}, {File: "trust.yaml", Data: []byte(w.trust)}}, policy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if set.Len() != strings.Count(string(doc.Data), "kind: ClusterImagePolicy") || len(set.Remarks()) != 0 {
				t.Errorf("%d policies, remarks %v", set.Len(), set.Remarks())
			}
		})
	}
}

// TestDocumentsRefused refuses those that a cluster is needed for, or that policy-controller
// refuses too. The first line of each says how.
func TestDocumentsRefused(t *testing.T) {
	for name, doc := range documents(t, "refused") {
		t.Run(name, func(t *testing.T) {
			first, _, _ := strings.Cut(string(doc.Data), "\n")
			want, ok := strings.CutPrefix(first, "# error: ")
			if !ok {
				t.Fatalf("the first line is %q", first)
			}
			_, err := policy.Parse([]policy.Document{doc}, policy.Options{})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error is\n%v\nwant\n%s", err, want)
			}
		})
	}
}

// fourAuthorities want two signatures and two attestations, which the policy on the
// whole demands of all: %s is the policy.
func fourAuthorities(t *testing.T, w *world, language, text string) string {
	t.Helper()
	keyed := keyOf(t, w.key.Public())
	authorities := []string{
		"name: keylesssignature\n" + keyless(),
		"name: keysignature\n" + keyed,
		"name: keyatt\n" + keyed + "attestations:\n" + wanted("custom", "custom", ""),
		"name: keylessatt\n" + keyless() + "attestations:\n" + wanted("custom", "custom", "") + wanted("vuln", "vuln", ""),
	}
	out := cip(authorities[0], "policy:", "  type: "+language, "  data: |", strings.TrimSuffix(indent(4, text), "\n"))
	for _, a := range authorities[1:] {
		out += "  -\n" + indent(4, a)
	}
	return out
}

// TestAllOfFour has a policy on the whole demand every authority of four, in CUE and Rego as
// policy-controller's own tests do, and in CEL.
func TestAllOfFour(t *testing.T) {
	w := newWorld(t)
	policies := map[string]string{
		"cue": `import "struct"
import "list"
authorityMatches: {
  keyatt: {
    attestations: struct.MaxFields(1) & struct.MinFields(1)
  },
  keysignature: {
    signatures: list.MaxItems(1) & list.MinItems(1)
  },
  if (len(authorityMatches.keylessatt.attestations) < 2) {
    keylessattMinAttestations: 2
    keylessattMinAttestations: "Error"
  },
  keylesssignature: {
    signatures: list.MaxItems(1) & list.MinItems(1)
  }
}
`,
		"rego": `package sigstore
default isCompliant = false
isCompliant {
  count(input.authorityMatches.keylessatt.attestations) == 2
  count(input.authorityMatches.keyatt.attestations) == 1
  count(input.authorityMatches.keylesssignature.signatures) == 1
  count(input.authorityMatches.keysignature.signatures) == 1
}
`,
		"cel": "authorityMatches.keylessatt.attestations.size() == 2 && authorityMatches.keyatt.attestations.size() == 1 &&\n" +
			"authorityMatches.keylesssignature.signatures.size() == 1 && authorityMatches.keysignature.signatures.size() == 1\n",
	}
	attest := func(s signaturetest.Signing, short string) signature.Evidence {
		s.PredicateType, s.Predicate = map[string]string{"custom": "https://cosign.sigstore.dev/attestation/v1",
			"vuln": "https://cosign.sigstore.dev/attestation/vuln/v1"}[short], json.RawMessage(`{}`)
		return w.sign(t, s)
	}
	byKey, byIdentity := signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog}, signaturetest.Signing{}
	all := []signature.Evidence{w.sign(t, byKey), w.sign(t, byIdentity), attest(byKey, "custom"), attest(byIdentity, "custom"), attest(byIdentity, "vuln")}
	another := w.sign(t, byKey)
	for language, text := range policies {
		t.Run(language, func(t *testing.T) {
			set := mustParse(t, fourAuthorities(t, w, language, text), w.root)
			wantVerdict(t, set.Judge(app(t), all), "")
			wantVerdict(t, set.Judge(app(t), append(all[:len(all):len(all)], another)), "its policy does not hold")
			if language == "cue" {
				return // what is not there is no conflict
			}
			for i := range all {
				rest := append(append([]signature.Evidence{}, all[:i]...), all[i+1:]...)
				wantVerdict(t, set.Judge(app(t), rest), "its policy does not hold")
			}
		})
	}
}
