package lockroot_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/config"
)

// Values are judged by the templates of their chart, and again when these change, whatever
// a cache has of the values themselves.
func TestScanJudgesValues(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	const image = "image: \"{{ include \"web.image\" . }}\"\n"
	write(t, dir, map[string]string{
		"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "web/templates/p.yaml": "a: b\n" + image,
		"web/templates/_helpers.tpl": "{{ define \"web.image\" }}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end }}",
		"web/values.yaml":            "image: {repository: ghcr.io/acme/web, tag: v1}\n",
		"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: web\n    helm:\n" +
			"      valuesObject: {image: {repository: ghcr.io/acme/web, tag: v2}}\n",
	})
	const label = "web/templates/label.yaml"
	for _, step := range []struct {
		name     string
		write    map[string]string
		remove   string
		editable bool
	}{
		{"the standard form", nil, "", true},
		{"a label in another template", map[string]string{label: "version: {{ .Values.image.tag }}\n"}, "", false},
		{"the template removed", nil, label, true},
		{"a suffix in a helper", map[string]string{
			"web/templates/_helpers.tpl": "{{ define \"web.image\" }}{{ .Values.image.repository }}:{{ .Values.image.tag }}-slim{{ end }}"}, "", false},
		{"the chart removed", nil, "web/Chart.yaml", true},
	} {
		write(t, dir, step.write)
		if step.remove != "" {
			if err := os.Remove(filepath.Join(dir, step.remove)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			same(t, cacheDir, dir, cfg)
			remember(t, cacheDir, dir, cfg)
		}
		got := map[string]bool{}
		for _, f := range take(t, dir, cfg, nil).Files {
			for _, r := range f.References {
				got[r.Reference] = r.Editable
			}
		}
		want := map[string]bool{"ghcr.io/acme/web:v1": step.editable, "ghcr.io/acme/web:v2": step.editable}
		if step.remove == "web/Chart.yaml" {
			delete(want, "ghcr.io/acme/web:v1") // no chart, so no values file
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", step.name, diff)
		}
	}
}
