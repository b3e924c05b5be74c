package manifest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Secrets and ConfigMaps hold in base64 is found; it cannot be edited in place.
func TestCodedData(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a, image: evil}\n"
	for _, c := range []struct {
		name, kind, section, key, text string
		want                           []string
	}{
		{"values", "Secret", "data", "values.yaml", "image: {repository: evil, tag: \"1\"}\n", []string{"!evil:1"}},
		{"values without a last newline", "Secret", "data", "values.yaml", "image: evil:1", []string{"!evil:1"}},
		{"values with a tag alone", "Secret", "data", "values.yaml", "image:\n  tag: v1\n", []string{"!:v1"}},
		{"values without the word", "Secret", "data", "values.yaml", "web: {repository: evil, tag: \"1\"}\n", []string{"!evil:1"}},
		{"pinned values", "Secret", "data", "values.yaml", "image: {repository: evil, tag: \"1@" + digestA + "\"}\n", []string{"!evil:1@" + digestA}},
		{"an object", "Secret", "data", "pod.yaml", pod, []string{"!evil"}},
		{"two objects", "Secret", "data", "pod.yaml", pod + "---\n" + strings.ReplaceAll(pod, "evil", "worse"), []string{"!evil", "!worse"}},
		{"an image", "Secret", "data", "agentImage", "quay.io/a/b:v1", []string{"!quay.io/a/b:v1"}},
		{"binary data", "ConfigMap", "binaryData", "pod.yaml", pod, []string{"!evil"}},
		{"a login", "Secret", "data", ".dockerconfigjson", `{"auths": {"image": {"image": "evil:1"}}}`, nil},
		{"a certificate", "Secret", "data", "tls.crt", "-----BEGIN CERTIFICATE-----\nMIIimage\n", nil},
		{"a password", "Secret", "data", "password", "image:x", nil},
		{"no base64, which is refused", "Secret", "data", "values.yaml", "", nil},
		{"a ConfigMap's data, which is text", "ConfigMap", "data", "values.yaml", "image: {repository: evil, tag: \"1\"}\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			coded := base64.StdEncoding.EncodeToString([]byte(c.text))
			if c.text == "" {
				coded = "image: x"
			}
			in := fmt.Sprintf("apiVersion: v1\nkind: %s\nmetadata: {name: v}\n%s:\n  %s: %q\n", c.kind, c.section, c.key, coded)
			f := NewScanner(Options{}).Scan("a.yaml", []byte(in))
			if diff := cmp.Diff(c.want, names(f.References)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, r := range f.References {
				if r.Line != 5 || r.Editable || r.Why == "" {
					t.Errorf("at line %d: %s", r.Line, r.Why)
				}
			}
		})
	}
}
