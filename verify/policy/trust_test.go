package policy_test

import (
	"slices"
	"strings"
	"testing"
)

func TestTrustRootRefuses(t *testing.T) {
	w := newWorld(t)
	pem := strings.TrimSpace(string(w.AuthorityPEM()))
	tests := []struct{ name, old, new, want string }{
		{"unknown field", "tLogs:", "tlogs:", `unknown field "tlogs" in spec.sigstoreKeys`},
		{"none", "  sigstoreKeys:\n", "  x: {}\n  sigstoreKeys:\n", `unknown field "x" in spec`},
		{"two", "  sigstoreKeys:\n", "  remote: {mirror: https://a.example, root: e30=}\n  sigstoreKeys:\n", "spec must have one of sigstoreKeys, repository and remote, and has 2"},
		{"no name", "name: acme", "namespace: a", "metadata has no name"},
		{"version", "/v1alpha1", "/v1beta1", `unknown version "v1beta1" of TrustRoot`},
		{"no uri", "      uri: https://fulcio.acme.example\n", "", "certificateAuthorities[0] has no uri"},
		{"no subject", "    - subject: {organization: acme, commonName: fulcio}\n      uri:", "    - uri:", "certificateAuthorities[0] has no subject"},
		{"half a subject", ", commonName: fulcio", "", "certificateAuthorities[0].subject has no commonName"},
		{"chain as PEM", "certChain: ", "certChain: |-\n" + indent(8, pem) + "      x: ", "certChain is not valid base64: it is PEM, which must be in base64 once more"},
		{"chain of nothing", "certChain: ", "certChain: eA== #", "certificateAuthorities[0].certChain: certificate authority"},
		{"no chain", "certChain: ", "uri2: ", "certificateAuthorities[0] has no certChain"},
		{"log without url", "baseURL: https://rekor.signaturetest.invalid\n      ", "", "tLogs[0]"},
		{"log's hash", "hashAlgorithm: sha-256", "hashAlgorithm: sha-1", `hashAlgorithm must be sha-256 or sha256`},
		{"log's key", "publicKey: ", "publicKey: eA== #", "tLogs[0].publicKey: transparency log"},
		{"no log", "    tLogs:\n", "    timestampAuthorities: []\n    x:\n", `unknown field "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(w.trust, tt.old) {
				t.Fatalf("the TrustRoot does not hold %q", tt.old)
			}
			_, err := parse(strings.Replace(w.trust, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is\n%v\nwant %q", err, tt.want)
			}
		})
	}
	t.Run("as it is", func(t *testing.T) { mustParse(t, w.trust) })
	t.Run("two of one name", func(t *testing.T) {
		_, err := parse(w.trust, w.trust)
		wantErrors(t, err, `policies/b.yaml:1:1: there are two TrustRoots named "acme": the other is policies/a.yaml:1:1`)
	})
	t.Run("neither issuer nor stamper", func(t *testing.T) {
		_, err := parse("apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: a}\nspec: {sigstoreKeys: {tLogs: []}}\n")
		wantErrors(t, err, "spec.sigstoreKeys has neither certificateAuthorities nor timestampAuthorities")
	})
}

// TestTrustRootLacks has authorities demand what their TrustRoot does not have.
func TestTrustRootLacks(t *testing.T) {
	w := newWorld(t)
	without := func(lists ...string) string {
		var b strings.Builder
		skip := false
		for line := range strings.Lines(w.trust) {
			if name, ok := strings.CutPrefix(line, "    "); ok && name[0] != ' ' && name[0] != '-' {
				skip = slices.Contains(lists, strings.TrimSuffix(name, ":\n"))
			}
			if !skip {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	keyed := keyOf(t, w.key.Public())
	tests := []struct{ name, trust, authority, want string }{
		{"no CT log", without("ctLogs"), keyless("trustRootRef: acme"), `TrustRoot "acme" has no ctLogs`},
		{"no CT log, ignored", without("ctLogs"), keyless("trustRootRef: acme", "insecureIgnoreSCT: true"), ""},
		{"no authority", without("certificateAuthorities"), keyless("trustRootRef: acme"), `TrustRoot "acme" has no certificateAuthorities`},
		{"no log", without("tLogs"), keyed + "\nctlog: {trustRootRef: acme}\n", "the trust root has no tLogs"},
		{"no log, but stamps", without("tLogs"), keyless("trustRootRef: acme"), ""},
		{"no stamps", without("timestampAuthorities"), keyed + "\nrfc3161timestamp: {trustRootRef: acme}\n", `TrustRoot "acme" has no timestampAuthorities`},
		{"no stamps, but log", without("timestampAuthorities"), keyless("trustRootRef: acme"), ""},
		{"neither", without("tLogs", "timestampAuthorities"), keyless("trustRootRef: acme"), `TrustRoot "acme" has neither tLogs nor timestampAuthorities`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(cip(tt.authority), tt.trust)
			if tt.want == "" && err != nil {
				t.Fatal(err)
			}
			if tt.want != "" {
				wantErrors(t, err, tt.want)
			}
		})
	}
}
