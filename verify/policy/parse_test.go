package policy_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy"
)

// whole is a policy with every field that is taken without other files.
const whole = `# for releases
apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: whole
  labels: {team: a}
spec:
  mode: warn
  images:
  - glob: "ghcr.io/acme/**"
  - glob: index.docker.io/library/nginx@*
  match:
  - group: apps
    version: v1
    resource: deployments
    selector:
      matchLabels: {app: web}
      matchExpressions:
      - {key: tier, operator: In, values: [front, ""]}
      - {key: legacy, operator: DoesNotExist}
  - {group: "", version: "*", resource: pods}
  authorities:
  - name: by-key
    key:
      hashAlgorithm: SHA512
      data: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIcbqK2RAVZOfPzo+kbOhNYq8DK9f
        B2BGbU7jAXEvYthJ3vRcYq8l7g9UAXXiz9P2awFuTa4COcZU2IdEDVU0uA==
        -----END PUBLIC KEY-----
    source:
    - oci: ghcr.io/acme/signatures
      tagPrefix: release
      signaturePullSecrets: [{name: pull}]
    ctlog: {url: https://rekor.sigstore.dev, trustRootRef: acme}
    rfc3161timestamp: {trustRootRef: acme}
    signatureFormat: legacy
  - keyless:
      url: https://fulcio.sigstore.dev
      trustRootRef: acme
      insecureIgnoreSCT: true
      identities:
      - {issuer: https://token.actions.githubusercontent.com, subjectRegExp: "https://github.com/acme/.*"}
      - {issuerRegExp: ".*", subject: a@example.com}
    attestations:
    - name: scanned
      predicateType: vuln
      policy: {type: cue, data: 'predicate: scanner: uri!: string'}
    - {name: bill, predicateType: "https://spdx.dev/Document"}
    signatureFormat: bundle
  - name: open
    static: {action: pass}
  - static: {action: fail, message: not here}
  policy:
    type: rego
    data: |
      package sigstore
      isCompliant { input.authorityMatches }
    fetchConfigFile: true
    includeSpec: true
    includeObjectMeta: true
    includeTypeMeta: false
status: {observedGeneration: 1}
`

func TestParseTakesEveryField(t *testing.T) {
	w := newWorld(t)
	for name, text := range map[string]string{
		"v1alpha1":        whole,
		"v1beta1":         strings.Replace(whole, "v1alpha1", "v1beta1", 1),
		"CRLF":            strings.ReplaceAll(whole, "\n", "\r\n"),
		"byte order mark": "\ufeff" + whole,
		"two documents":   "---\n" + whole + "---\n" + named("other", "static: {action: pass}"),
		"beside others":   whole + "---\napiVersion: v1\nkind: Namespace\n---\n# nothing\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
		"an anchor": strings.Replace(strings.Replace(whole, "trustRootRef: acme}", "trustRootRef: &root acme}", 1),
			"trustRootRef: acme}", "trustRootRef: *root}", 1),
	} {
		t.Run(name, func(t *testing.T) {
			set := mustParse(t, text, w.trust)
			if want := strings.Count(text, "kind: ClusterImagePolicy"); set.Len() != want {
				t.Errorf("%d policies, want %d", set.Len(), want)
			}
			var remarks []string
			for _, r := range set.Remarks() {
				remarks = append(remarks, r.Msg)
			}
			want := []string{"spec.authorities[0].source[0].signaturePullSecrets: a cluster's secrets are not read here; what docker login stored is used"}
			if diff := cmp.Diff(want, remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
		})
	}
}

// refused change one thing each of what TestParseTakesEveryField takes.
var refused = []struct{ name, old, new, want string }{
	// The document.
	{"unknown field", "mode: warn", "modes: warn", `a.yaml:8:3: unknown field "modes" in spec`},
	{"unknown field outside", "status:", "stat:", `a.yaml:63:1: unknown field "stat" in the document`},
	{"twice", "mode: warn", "mode: warn\n  mode: warn", `a.yaml:9:3: duplicate field "mode"`},
	{"version", "/v1alpha1", "/v1", `a.yaml:2:13: unknown version "v1" of ClusterImagePolicy`},
	{"kind", "kind: ClusterImagePolicy", "kind: ClusterImagePolicys", `a.yaml:3:7: unknown kind "ClusterImagePolicys"`},
	{"group", "policy.sigstore.dev/v1alpha1", "policy.sigstore.io/v1alpha1", "a.yaml:2:1: a ClusterImagePolicy of policy.sigstore.io/v1alpha1 is not a policy"},
	{"no kind", "kind: ClusterImagePolicy\n", "", "a.yaml:2:1: no apiVersion and kind"},
	{"no name", "name: whole", "namespace: x", "a.yaml:5:3: metadata has no name"},
	{"name is a number", "name: whole", "name: 12", "a.yaml:5:9: metadata.name must be a string, not a number"},
	{"annotation of ours", "labels: {team: a}", "annotations: {plumb.dev/other: x}", `a.yaml:6:17: metadata.annotations: unknown annotation "plumb.dev/other"`},
	{"annotation without quotes", "labels: {team: a}", "annotations: {plumb.dev/any-repository: true}", `a.yaml:6:43: metadata.annotations: plumb.dev/any-repository must be "true" or "false", in quotes`},
	{"mode", "mode: warn", "mode: audit", `a.yaml:8:9: spec.mode must be enforce or warn, not "audit"`},
	{"syntax", "mode: warn", "mode: [warn", "a.yaml:"},

	// Images and match.
	{"no glob", "glob: index.docker.io/library/nginx@*", "{}", "a.yaml:11:5: spec.images[1] has no glob"},
	{"empty glob", `glob: "ghcr.io/acme/**"`, `glob: ""`, "a.yaml:10:11: spec.images[0].glob is empty"},
	{"bad glob", "ghcr.io/acme/**", "ghcr.io/[a-z]*", "a.yaml:10:11: spec.images[0].glob: \"ghcr.io/[a-z]*\": a glob has letters"},
	{"match without version", "version: v1", "", "a.yaml:13:5: spec.match[0] has no version"},
	{"match without resource", "resource: deployments", "", "a.yaml:13:5: spec.match[0] has no resource"},
	{"unknown in match", "group: apps", "kind: apps", `unknown field "kind" in spec.match[0]`},
	{"operator", "operator: In,", "operator: in,", `must be In, NotIn, Exists or DoesNotExist, not "in"`},
	{"operator without values", "values: [front, \"\"]", "values: []", "operator In needs values"},
	{"operator with values", "operator: DoesNotExist", "operator: DoesNotExist, values: [x]", "operator DoesNotExist takes no values"},
	{"label is a number", "{app: web}", "{app: 1}", "matchLabels[app] must be a string, not a number"},

	// Authorities.
	{"two kinds", "  - name: open\n", "  - name: open\n    key: {data: x}\n", "spec.authorities[2] has key and static"},
	{"no kind", "    static: {action: pass}\n", "    ctlog: {url: https://a.example}\n", "a.yaml:51:5: spec.authorities[2] has none of key, keyless, static"},
	{"same name", "name: open", "name: by-key", `spec.authorities[2]: there are two authorities named "by-key"`},
	{"same name by default", "name: open", "name: authority-1", `there are two authorities named "authority-1"`},
	{"static with attestations", "    static: {action: pass}\n", "    static: {action: pass}\n    attestations: [{name: a, predicateType: vuln}]\n",
		"spec.authorities[2].attestations: a static authority looks at no signature"},
	{"static with ctlog", "    static: {action: pass}\n", "    static: {action: pass}\n    ctlog: {url: https://a.example}\n",
		"spec.authorities[2].ctlog: a static authority"},
	{"action", "action: pass", "action: allow", `static.action must be pass or fail, not "allow"`},
	{"no action", "{action: pass}", "{message: x}", "static has no action"},
	{"format", "signatureFormat: bundle", "signatureFormat: new", `signatureFormat must be legacy or bundle, not "new"`},
	{"two sources", "      signaturePullSecrets: [{name: pull}]\n", "      signaturePullSecrets: [{name: pull}]\n    - oci: ghcr.io/other\n", "an authority has one source"},
	{"source with tag", "ghcr.io/acme/signatures", "ghcr.io/acme/signatures:v1", "must name a repository, without tag and digest"},
	{"source no name", "ghcr.io/acme/signatures", "ghcr.io/Acme!", "source[0].oci"},
	{"pull secret without name", "{name: pull}", "{}", "signaturePullSecrets[0] has no name"},
	{"ctlog of nothing", "ctlog: {url: https://rekor.sigstore.dev, trustRootRef: acme}", "ctlog: {}", "ctlog names no log"},
	{"ctlog url", "url: https://rekor.sigstore.dev", "url: rekor.sigstore.dev", `"rekor.sigstore.dev" is not a valid URL`},
	{"ctlog pubkey", "{url: https://rekor.sigstore.dev,", "{pubkey: x,", `unknown field "pubkey" in spec.authorities[0].ctlog`},
	{"ctlog root unknown", "dev, trustRootRef: acme}", "dev, trustRootRef: other}", `a.yaml:35:60: there is no TrustRoot named "other"`},
	{"timestamp without root", "rfc3161timestamp: {trustRootRef: acme}", "rfc3161timestamp: {}", "rfc3161timestamp has no trustRootRef"},
	{"timestamp root unknown", "rfc3161timestamp: {trustRootRef: acme}", "rfc3161timestamp: {trustRootRef: other}", `there is no TrustRoot named "other"`},

	// Keys.
	{"hash", "SHA512", "md5", `hashAlgorithm must be one of sha224`},
	{"key damaged", "MFkwEwYHKoZIzj0CAQ", "MFkwEwYHKoZIzj0CAA", "a.yaml:26:13: spec.authorities[0].key.data: public key"},
	{"key no PEM", "-----BEGIN PUBLIC KEY-----", "-----BEGIN KEY-----", "a.yaml:26:13: spec.authorities[0].key.data"},
	{"secretRef", "hashAlgorithm: SHA512", "secretRef: {name: x}", "key.secretRef: a cluster's secret cannot be read offline; write the public key (PEM) as data"},
	{"kms", "hashAlgorithm: SHA512", "kms: awskms:///arn", "key.kms: a key service cannot be queried offline; write the public key (PEM) as data"},

	// Keyless.
	{"no identities", "identities:", "identitys:", "unknown field \"identitys\""},
	{"identity without subject", `, subjectRegExp: "https://github.com/acme/.*"`, "", "identities[0] has neither subject nor subjectRegExp"},
	{"identity without issuer", `issuerRegExp: ".*", `, "", "identities[1] has neither issuer nor issuerRegExp"},
	{"identity with both", "subject: a@example.com", "subject: a@example.com, subjectRegExp: b", "identities[1] has both subject and subjectRegExp"},
	{"identity of nothing", "subject: a@example.com", `subject: ""`, "identities[1].subject is empty"},
	{"regexp", `"https://github.com/acme/.*"`, `"https://github.com/(acme/.*"`, "identities[0]: identity: subject regexp"},
	{"url and ca-cert", "insecureIgnoreSCT: true", "ca-cert: {data: x}", "keyless has url and ca-cert"},
	{"SCT no boolean", "insecureIgnoreSCT: true", `insecureIgnoreSCT: "true"`, "insecureIgnoreSCT must be true or false, not a string"},
	{"SCT yes", "insecureIgnoreSCT: true", "insecureIgnoreSCT: yes", "insecureIgnoreSCT must be true or false"},
	{"root unknown", "      trustRootRef: acme\n", "      trustRootRef: other\n", `there is no TrustRoot named "other"`},

	// Attestations and policies.
	{"attestation without name", "{name: bill, ", "{", "attestations[1] has no name"},
	{"attestation without type", `name: bill, predicateType: "https://spdx.dev/Document"`, "name: bill", "attestations[1] has no predicateType"},
	{"attestations of one name", "name: bill", "name: scanned", `there are two attestations named "scanned"`},
	{"language", "type: rego", "type: python", `spec.policy.type must be cue, rego or cel, not "python"`},
	{"no language", "type: cue, ", "", "attestations[0].policy has no type"},
	{"no text", ", data: 'predicate: scanner: uri!: string'", "", "attestations[0].policy has no data"},
	{"empty text", "'predicate: scanner: uri!: string'", "' '", "attestations[0].policy.data is empty"},
	{"cue text", "'predicate: scanner: uri!: string'", "'predicate: {'", "a.yaml:48:33: spec.authorities[1].attestations[0].policy.data: expected '}'"},
	{"rego text", "isCompliant { input.authorityMatches }", "isCompliant { http.send({}) }", "spec.policy.data: undefined function http.send (line 2 of the policy)"},
	{"configMapRef", "data: 'predicate: scanner: uri!: string'", "configMapRef: {name: a, key: b}", "configMapRef: a cluster's ConfigMap cannot be read offline; write its text as data"},
	{"remote", "data: 'predicate: scanner: uri!: string'", "remote: {url: https://a.example, sha256sum: x}", "remote: nothing is fetched while judging; write the policy's text as data"},
	{"config for an attestation", "type: cue, ", "type: cue, fetchConfigFile: true, ", "fetchConfigFile is for spec.policy only"},
	{"spec for an attestation", "type: cue, ", "type: cue, includeSpec: false, ", "includeSpec is for spec.policy only"},
}

func TestParseRefuses(t *testing.T) {
	w := newWorld(t)
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(whole, tt.old) {
				t.Fatalf("the policy does not hold %q", tt.old)
			}
			_, err := parse(strings.Replace(whole, tt.old, tt.new, 1), w.trust)
			var all yaml.ErrorList
			if !errors.As(err, &all) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is\n%v\nwant %q in it", err, tt.want)
			}
		})
	}
}

func TestParseSaysAllThatIsWrong(t *testing.T) {
	_, err := parse(
		cip("key: {kms: awskms:///x}", "mode: audit"),
		"a: [", named("p", "static: {action: maybe}"))
	wantErrors(t, err,
		"policies/a.yaml:8:9: spec.mode",
		"policies/a.yaml:11:16: spec.authorities[0].key.kms",
		"policies/b.yaml:1:",
		"policies/c.yaml:1:1: there are two policies named \"p\": the other is policies/a.yaml:1:1",
		"policies/c.yaml:10:22: spec.authorities[0].static.action")
}

func TestParseWithoutWhatItNeeds(t *testing.T) {
	w := newWorld(t)
	const signer = "keyless:\n  identities: [{issuer: https://a.example, subject: b}]\n"
	tests := []struct{ name, text, want string }{
		{"no images", strings.Replace(cip("static: {action: pass}"), "  - glob: "+repository+"*\n", "", 1), "spec.images is missing or empty"},
		{"no authorities", strings.Split(cip("x"), "  authorities:")[0], "spec.authorities is missing or empty"},
		{"empty authorities", strings.Split(cip("x"), "  authorities:")[0] + "  authorities: []\n", "spec.authorities is missing or empty"},
		{"empty identities", cip("keyless: {identities: []}"), "identities is empty: name at least one signer"},
		{"missing identities", cip("keyless: {url: https://fulcio.sigstore.dev}"), "keyless has no identities"},
		{"no public root", cip(signer), "a.yaml:11:7: the trusted root of the public sigstore instance is needed"},
		{"no public log", cip("key: {data: " + `"` + strings.ReplaceAll(key, "\n", `\n`) + `"}` + "\nctlog: {url: https://rekor.sigstore.dev}"), "the trusted root of the public sigstore instance is needed"},
		{"no file reader", cip("key: {file: acme.pub}"), "no files are read here"},
		{"a list", "- a\n", "must be a mapping, not a list"},
		{"spec a list", "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec: []\n", "spec must be a mapping, not a list"},
		{"List", "apiVersion: v1\nkind: List\nitems: []\n", "items is empty"},
		{"two trusted roots", w.root + "\n---\n" + w.root, "a trusted root must be in a file of its own"},
		{"trusted root damaged", strings.Replace(w.root, `"tlogs"`, `"tlocks"`, 1), "trusted root"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is\n%v\nwant %q in it", err, tt.want)
			}
		})
	}
	t.Run("with what it needs", func(t *testing.T) {
		mustParse(t, cip(signer), w.root)
	})
	t.Run("two public roots", func(t *testing.T) {
		_, err := parse(w.root, w.root)
		wantErrors(t, err, "policies/b.yaml:1:1: there are two trusted roots: the other is policies/a.yaml:1:1")
	})
}

func TestRuleOfManyBytes(t *testing.T) {
	text := func(n int) string {
		return cip("static: {action: pass}", "policy: {type: cel, data: 'true"+strings.Repeat(" ", n-len("true//"))+"//'}")
	}
	mustParse(t, text(64<<10))
	_, err := parse(text(64<<10 + 1))
	wantErrors(t, err, "spec.policy.data: 65537 bytes exceed the limit of 65536")
}

func TestParseRemarks(t *testing.T) {
	for glob, want := range map[string]string{
		"ghcr.io/acme/app":           "names no digest, and so no pinned image: write ghcr.io/acme/app@*",
		"ghcr.io/acme/app:v1":        "names a tag, which",
		"ghcr.io/acme/app:v*":        "write ghcr.io/acme/app@* for all",
		"ghcr.io/acme/app:v1@*":      "names a tag, which",
		"ghcr.io/acme/app*":          "",
		"ghcr.io/acme/app@*":         "",
		"localhost:5000/app@*":       "",
		"localhost:5000/**":          "",
		"ghcr.io/acme/app@" + digest: "",
	} {
		set := mustParse(t, strings.Replace(cip("static: {action: pass}"), repository+"*", glob, 1))
		switch remarks := set.Remarks(); {
		case want == "" && len(remarks) != 0:
			t.Errorf("%s: remarks on a good policy: %v", glob, remarks)
		case want != "" && (len(remarks) != 1 || !strings.Contains(remarks[0].Error(), want) ||
			!strings.Contains(remarks[0].Error(), `policies/a.yaml:7:11: spec.images[0].glob: "`+glob+`"`)):
			t.Errorf("%s: remarks: %v", glob, remarks)
		}
	}
}

func TestKeyFile(t *testing.T) {
	files := map[string]string{"policies/acme.pub": key, "keys/acme.pub": key, "policies/bad.pub": "x"}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	tests := []struct{ file, want string }{
		{"acme.pub", ""},
		{"./acme.pub", ""},
		{"../keys/acme.pub", ""},
		{"missing.pub", `a.yaml:10:17: spec.authorities[0].key.file: "missing.pub": file does not exist`},
		{"bad.pub", "key.file: public key: no PEM block"},
		{"/keys/acme.pub", "write the path from this file's folder"},
		{`..\keys\acme.pub`, "write the path from this file's folder"},
		{"../../acme.pub", "outside of the folder"},
		{"..", "file does not exist"},
		{"../..", "outside of the folder"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			_, err := parseWith(policy.Options{ReadFile: read}, cip("key: {file: '"+tt.file+"'}"))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
	t.Run("of a document that is shown from below", func(t *testing.T) {
		read := func(name string) ([]byte, error) {
			if name == "../policies/acme.pub" {
				return []byte(key), nil
			}
			return nil, fs.ErrNotExist
		}
		for file, want := range map[string]bool{"acme.pub": true, "../../acme.pub": false, "../policies/acme.pub": true} {
			doc := policy.Document{File: "../policies/a.yaml", Data: []byte(cip("key: {file: " + file + "}"))}
			if _, err := policy.Parse([]policy.Document{doc}, policy.Options{ReadFile: read}); (err == nil) != want {
				t.Errorf("%s: %v", file, err)
			}
		}
	})
	t.Run("not beside data", func(t *testing.T) {
		_, err := parseWith(policy.Options{ReadFile: read}, cip("key: {file: acme.pub, data: x}"))
		wantErrors(t, err, "key has data and file: it must have one of them")
	})
}

// TestDigest holds that everything read is in the set's digest.
func TestDigest(t *testing.T) {
	content := key
	parseOne := func(text string) string {
		set, err := parseWith(policy.Options{ReadFile: func(string) ([]byte, error) { return []byte(content), nil }}, text)
		if err != nil {
			t.Fatal(err)
		}
		return set.Digest()
	}
	text := cip("key: {file: acme.pub}")
	first := parseOne(text)
	if again := parseOne(text); again != first {
		t.Errorf("the same documents give %s and %s", first, again)
	}
	if other := parseOne(text + "# more\n"); other == first {
		t.Error("another document gives the same digest")
	}
	content += "\n"
	if other := parseOne(text); other == first {
		t.Error("another key file gives the same digest")
	}
}

func TestPoliciesListed(t *testing.T) {
	set := mustParse(t, "# two\n"+named("b", "static: {action: pass}", "mode: warn")+"---\n"+named("a", "static: {action: pass}"))
	want := []policy.Policy{{Name: "a", File: "policies/a.yaml", Line: 14, Column: 1}, {Name: "b", File: "policies/a.yaml", Line: 2, Column: 1, Warn: true}}
	if diff := cmp.Diff(want, set.Policies()); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}
