package manifest

import (
	"strings"
	"testing"
)

// Argo CD fails where two sources of one repository have different commits.
func TestSourcesTogether(t *testing.T) {
	const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
  - {repoURL: "https://git.test.example/a.git", path: x, targetRevision: FIRST}
  - {repoURL: "git@git.test.example:a", ref: values, targetRevision: v1}
  - {repoURL: "https://git.test.example/b.git", path: x, targetRevision: v2}
`
	for first, editable := range map[string]bool{"v1": true, "v2": false, "main": false} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(strings.Replace(text, "FIRST", first, 1)))
		if len(f.References) != 3 {
			t.Fatalf("%d references", len(f.References))
		}
		for i, r := range f.References {
			want := editable || i == 2
			if r.Editable != want || !want && !strings.Contains(r.Why, "different names") {
				t.Errorf("%s: source %d: editable %v (%s)", first, i, r.Editable, r.Why)
			}
		}
	}
}
