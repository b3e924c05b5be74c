package manifest

import (
	"strings"
	"testing"
)

// TestTextsInTexts checks what is found in texts that stand in fields: an image that a
// consumer takes from one is found, or the place is an error.
func TestTextsInTexts(t *testing.T) {
	configMap := func(s string) string {
		return "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n"
	}
	patch := func(s string) string {
		return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- patch: |\n    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n"
	}
	values := func(s string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: https://x\n    chart: a\n    targetRevision: 1.0.0\n    helm:\n      values: |\n        " +
			strings.ReplaceAll(s, "\n", "\n        ") + "\n"
	}
	for _, c := range []struct {
		name, src string
		want      string // an image that is found, "unreadable", or "" for nothing at all
	}{
		{"escaped keys", configMap(`{"k\u0069nd":"Pod","apiVersion":"v1","spec":{"containers":[{"im\u0061ge":"evil:1"}]}}`), "evil:1"},
		{"no escapes", configMap(`{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"name":"a"}]}}`), ""},
		{"escaped slash", configMap(`{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"evil\/x:1"}]}}`), "evil/x:1"},
		{"list of objects", configMap(`[{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"evil\/x:1"}]}}]`), "evil/x:1"},
		{"JSON lines", configMap("{\"kind\":\"A\",\"apiVersion\":\"v1\"}\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}"), "evil:1"},
		{"separator with a comment", configMap("# image\n---# b\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}"), "evil:1"},
		{"key twice", configMap("kind: ConfigMap\nkind: Pod\napiVersion: v1\nspec: {containers: [{image: good:1, image: evil:1}]}"), "evil:1"},
		{"alias key", configMap("kind: Pod\napiVersion: v1\nmetadata: {a: &i image}\nspec: {containers: [{*i : evil:1}]}"), "evil:1"},
		{"binary key", configMap("kind: Pod\napiVersion: v1\nspec: {containers: [{image: good:1, !!binary aW1hZ2U=: evil:1}]}"), "unreadable"},
		{"merge order", configMap("kind: Pod\napiVersion: v1\nx: &x {image: evil:1}\nspec: {containers: [{image: good:1, <<: *x}]}"), "unreadable"},
		{"merge order of what is no object", configMap("x: &x {image: evil}\nservices: {a: {image: good, <<: *x}}"), ""},
		{"object before a fault", configMap("kind: Pod\napiVersion: v1\nspec: {containers: [{image: evil:1}]}\n---\n- [ image"), "unreadable"},
		{"template before a fault", configMap("image: {{ .Image }}\n---\n{{ if x }}\n- [ image\n"), ""},
		{"script", configMap("#!/bin/sh\nset -e\nfor image in \"$@\"; do\n\tkubectl apply -f - <<EOF\napiVersion: v1\nkind: Pod\nEOF\ndone"), ""},
		{"nginx", configMap("server {\n  listen 80;\n  location /image { root /a; }\n}"), ""},
		{"patch with an escaped slash", patch(`[{"op":"replace","path":"\/spec\/template\/spec\/containers\/0\/image","value":"evil:1"}]`), "evil:1"},
		{"patch with an escaped key", patch("spec:\n  containers:\n  - name: a\n    \"im\\x61ge\": evil:1"), "evil:1"},
		{"patch that touches no image", patch(`[{"op":"replace","path":"\/spec\/replicas","value":1}]`), ""},
		{"values as JSON", values(`{"image":{"repository":"evil.example\/x","tag":"9"}}`), "evil.example/x:9"},
		{"values with a key twice", values("image: {repository: good.example/x, tag: \"1\"}\nimage: {repository: evil.example/x, tag: \"9\"}"), "evil.example/x:9"},
		{"values with a merge behind", values("x: &x {repository: evil.example/x}\nimage: {repository: good.example/x, tag: \"9\", <<: *x}"), "unreadable"},
		{"values with a merge before", values("x: &x {pullPolicy: Always}\nimage: {<<: *x, repository: good.example/x, tag: \"9\"}"), "good.example/x:9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewScanner(Options{}).Scan("a.yaml", []byte(c.src))
			var got []string
			for _, r := range f.References {
				got = append(got, r.Reference)
			}
			for _, r := range f.Remarks {
				if r.Severe {
					got = append(got, r.Rule)
				}
			}
			if f.Unreadable != nil {
				got = append(got, f.Unreadable.Rule)
			}
			all := strings.Join(got, " ")
			if !strings.Contains(all, c.want) || c.want == "" && all != "" {
				t.Errorf("found %q, want %q", all, c.want)
			}
		})
	}
}
