package manifest

import (
	"slices"
	"testing"
)

// FuzzSources pins each source that can be: its place then carries the pin, other sources stay
// as they were, and pinning it again changes nothing.
func FuzzSources(f *testing.F) {
	const raw = "https://raw.githubusercontent.com/acme/app/"
	for _, src := range []string{
		kustomized("resources", "github.com/acme/app//deploy?version=v0&ref=v1 # ours"),
		"resources: [github.com/acme/app, 'https://example.com/a/b?timeout=9&ref=v1']\n",
		`{"crds": ["` + raw + `main/a.yaml", "https://a/api/v4/projects/a%2Fb/repository/files/c/raw"]}`,
		"crds:\r\n- https://gitlab.com/a/b/-/raw/main/a?ref_type=heads&x=1\r\n",
		"configMapGenerator:\n- files: [k=https://github.com/a/b/releases/latest/download/c]\n",
		"helmCharts:\n- {name: web, repo: https://charts.example.org, version: ^1}\n",
		"helmCharts:\n- name: web\n  repo: oci://ghcr.io/acme\n  devel: true\n",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file := NewScanner(Options{}).Scan("kustomization.yaml", src)
		if file.Unreadable != nil {
			return
		}
		for i := range file.References {
			r := &file.References[i]
			edits := r.PinSource(examplePin)
			if len(edits) == 0 {
				continue
			}
			pinned, err := Apply(src, edits)
			if err != nil {
				t.Fatalf("%s: %v", r.Reference, err)
			}
			again := NewScanner(Options{}).Scan("kustomization.yaml", pinned)
			if again.Unreadable != nil || len(again.References) != len(file.References) {
				t.Fatalf("%s: %q: %d references of %d, %+v", r.Reference, pinned,
					len(again.References), len(file.References), again.Unreadable)
			}
			for j := range again.References {
				a := &again.References[j]
				switch {
				case j != i && a.Tracked != file.References[j].Tracked:
					t.Fatalf("%q: %s became %s", pinned, file.References[j].Tracked, a.Tracked)
				case j != i, a.Source.Form == OneFile: // a release's tag, and no comment for it
				case !slices.Contains([]string{examplePin.Commit, examplePin.Version,
					examplePin.Tag}, a.Source.Pin):
					t.Fatalf("%q: %s carries %q", pinned, a.Tracked, a.Source.Pin)
				case len(a.PinSource(examplePin)) > 0:
					t.Fatalf("%q: pinning it again changes it", pinned)
				}
			}
		}
	})
}
