package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/policy"
)

// authorities is a policy with these lines below "authorities:".
func authorities(text string) string {
	return "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec:\n" +
		"  images: [{glob: \"**\"}] # all\n  authorities:\n" + text
}

// inline puts text in the place of every external field of a file.
func inline(t *testing.T, source, text string) (string, error) {
	t.Helper()
	doc := policy.Document{File: "p.yaml", Data: []byte(source)}
	fields, err := policy.Externals(doc)
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) == 0 {
		t.Fatal("it has no external field")
	}
	var all []policy.Inlined
	for _, f := range fields {
		all = append(all, policy.Inlined{External: f, Text: []byte(text)})
	}
	out, err := policy.Inline(doc, all)
	return string(out), err
}

// TestInline has each way in which a field may be written. In it, KEY stands for the
// key in lines that are indented as the line is, and QUOTED for the key in quotes.
func TestInline(t *testing.T) {
	quoted := `"` + strings.ReplaceAll(key, "\n", `\n`) + `"`
	tests := []struct{ name, before, after string }{
		{"lines", "  - key:\n      secretRef:\n        name: k\n        namespace: n\n  # next\n  - static: {action: fail}\n",
			"  - key:\n      data: |\n        KEY  # next\n  - static: {action: fail}\n"},
		{"scalar", "  - key:\n      kms: awskms:///alias/k\n", "  - key:\n      data: |\n        KEY"},
		{"a comment behind", "  - key:\n      kms: awskms:///alias/k # ours\n      # and below\n      hashAlgorithm: sha256\n",
			"  - key:\n      data: | # ours\n        KEY      # and below\n      hashAlgorithm: sha256\n"},
		{"a comment inside", "  - key:\n      secretRef: # one\n        # two\n        name: k # three\n",
			"  - key:\n      data: QUOTED # one\n        # two # three\n"},
		{"comments between", "  - key:\n      secretRef:\n        name: k # one\n        # two\n        namespace: n # three\n",
			"  - key:\n      data: QUOTED # one\n        # two # three\n"},
		{"a deeper comment below", "  - key:\n      kms: awskms:///alias/k\n        # deep\n", "  - key:\n      data: QUOTED\n        # deep\n"},
		{"braces", "  - {key: {secretRef: {name: k}}} # c\n", "  - {key: {data: QUOTED}} # c\n"},
		{"braces in a line", "  - key:\n      secretRef: {name: k}\n", "  - key:\n      data: |\n        KEY"},
		{"braces over lines", "  - {key: {\n      kms: x\n    }}\n", "  - {key: {\n      data: QUOTED\n    }}\n"},
		{"quotes", "  - {\"key\": {\"kms\": \"x\"}}\n", "  - {\"key\": {\"data\": QUOTED}}\n"},
		{"in the item", "  - key: {kms: x}\n    name: a\n", "  - key: {data: QUOTED}\n    name: a\n"},
		{"no line break", "  - key:\n      kms: x", "  - key:\n      data: |\n        KEY"},
		{"an alias", "  - key: &k\n      kms: x\n  - key: *k\n    name: b\n", "  - key: &k\n      data: |\n        KEY  - key: *k\n    name: b\n"},
		{"two", "  - key:\n      kms: x\n  - key:\n      kms: x\n", "  - key:\n      data: |\n        KEY  - key:\n      data: |\n        KEY"},
		{"lines of Windows", "  - key:\r\n      kms: x\r\n    name: a\r\n", "  - key:\r\n      data: |\r\n        KEY    name: a\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			eol := "\n"
			source, want := authorities(tt.before), authorities(tt.after)
			if strings.Contains(tt.before, "\r\n") {
				eol = "\r\n"
				source = strings.ReplaceAll(authorities(""), "\n", "\r\n") + tt.before
				want = strings.ReplaceAll(authorities(""), "\n", "\r\n") + tt.after
			}
			indented := strings.ReplaceAll(strings.TrimSuffix(key, "\n"), "\n", eol+"        ") + eol
			want = strings.ReplaceAll(strings.ReplaceAll(want, "KEY", indented), "QUOTED", quoted)
			got, err := inline(t, source, key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			fields, err := policy.Externals(policy.Document{File: "p.yaml", Data: []byte(got)})
			if err != nil || len(fields) != 0 {
				t.Errorf("it has external fields still: %v, %v", fields, err)
			}
			if _, err := parse(got); err != nil && !strings.Contains(err.Error(), "two authorities named") {
				t.Error(err)
			}
		})
	}
}

// TestInlineRefuses has what is left as it is.
func TestInlineRefuses(t *testing.T) {
	tests := []struct{ name, source, text, want string }{
		{"an anchor", "  - key:\n      secretRef: &s {name: k}\n", key, "spec.authorities[0].key.secretRef: an alias elsewhere may stand for a part of it: write it as data by hand"},
		{"an anchor inside", "  - key:\n      secretRef: {name: &n k}\n", key, "an alias elsewhere"},
		{"a comment in braces", "  - key: {kms: # c\n      x}\n", key, "there is a comment inside of braces"},
		{"no key", "  - key:\n      kms: x\n", "hello", "what x holds cannot stand there: public key: no PEM block"},
		{"a private key", "  - key:\n      kms: x\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", `the PEM block is a "PRIVATE KEY"`},
		{"no certificate", "  - keyless:\n      ca-cert: {secretRef: {name: k}}\n", key, "spec.authorities[0].keyless.ca-cert.secretRef: what Secret k holds cannot stand there"},
		{"no policy", "  - attestations: [{policy: {configMapRef: {name: k}}}]\n", " \n", "spec.authorities[0].attestations[0].policy.configMapRef: what ConfigMap k holds cannot stand there: it is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := inline(t, authorities(tt.source), tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "p.yaml:7:") && !strings.HasPrefix(err.Error(), "p.yaml:8:") {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestInlineText has texts that are no keys, which must be read back as they are.
func TestInlineText(t *testing.T) {
	for _, text := range []string{
		"a", "a\n", "a\n\n", "a\n\n  b\n", "  a\n", "\n a\n", "# a\n", "a \n", "a\tb\n", "a\r\nb\n", "a\u0085b\u2028", "<&>\n", "\ufeffa\n", "- a: |\n    b\n", "---\n", "a\n--- b\n...\n",
	} {
		for _, source := range []string{
			authorities("  - static: {action: pass}\n") + "  policy:\n    type: cue\n    configMapRef:\n      name: k\n      key: x\n  mode: warn\n",
			authorities("  - static: {action: pass}\n") + "  policy: {type: cue, configMapRef: {name: k, key: x}}\n",
			authorities("  - static: {action: pass}\n") + "  policy:\n    type: cue\n    configMapRef:\n      name: k\n",
		} {
			if _, err := inline(t, source, text); err != nil { // which reads it back
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

// TestValue has the objects that hold a field's value.
func TestValue(t *testing.T) {
	doc := policy.Document{File: "p.yaml", Data: []byte(authorities("  - key: {secretRef: {name: k, namespace: n}}\n") +
		"  policy: {type: cue, configMapRef: {name: c, key: rule}}\n")}
	fields, err := policy.Externals(doc)
	if err != nil || len(fields) != 2 {
		t.Fatalf("%v, %v", fields, err)
	}
	const secret, config = "apiVersion: v1\nkind: Secret\nmetadata: {name: k}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
	tests := []struct {
		name, manifest string
		field          int
		want, fails    string // "" and "" for not there
	}{
		{"the only key", secret + "data: {any: aGVsbG8=}\n", 0, "hello", ""},
		{"in plain text", secret + "stringData: {any: hello}\n", 0, "hello", ""},
		{"plain before encoded", secret + "stringData: {any: hello}\ndata: {any: AAAA}\n", 0, "hello", ""},
		{"cosign's", secret + "data: {cosign.key: AAAA, cosign.password: AAAA, cosign.pub: aGVsbG8=}\n", 0, "hello", ""},
		{"several", secret + "data: {a: AAAA, b: AAAA}\n", 0, "", "p.yaml:7:22: spec.authorities[0].key.secretRef: s.yaml: Secret n/k: it has several keys (a, b) and none is cosign.pub"},
		{"none", secret, 0, "", "it holds nothing"},
		{"no base64", secret + "data: {a: \"ENC[x]\"}\n", 0, "", "a is not valid base64"},
		{"second of a stream", "---\nkind: X\n---\n" + secret + "data: {any: aGVsbG8=}\n", 0, "hello", ""},
		{"in a List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: k, namespace: n}\n  data: {a: aGVsbG8=}\n", 0, "hello", ""},
		{"another name", strings.Replace(secret, "k}", "l}", 1) + "data: {any: aGVsbG8=}\n", 0, "", ""},
		{"another namespace", strings.Replace(secret, "k}", "k, namespace: m}", 1) + "data: {any: aGVsbG8=}\n", 0, "", ""},
		{"another kind", strings.Replace(secret, "Secret", "ConfigMap", 1) + "data: {any: aGVsbG8=}\n", 0, "", ""},
		{"no YAML", "{", 0, "", "s.yaml: "},
		{"ConfigMap", config + "data: {rule: hello, other: x}\n", 1, "hello", ""},
		{"ConfigMap without the key", config + "data: {other: x}\n", 1, "", `it has no key "rule", but other`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok, err := fields[tt.field].Value(policy.Document{File: "s.yaml", Data: []byte(tt.manifest)})
			switch {
			case tt.fails != "":
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("error is %v, want %q", err, tt.fails)
				}
			case err != nil || string(got) != tt.want || ok != (tt.want != ""):
				t.Errorf("got %q, %t, %v, want %q", got, ok, err, tt.want)
			}
		})
	}
}
