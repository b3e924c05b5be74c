package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArgoOverride(t *testing.T) {
	for name, want := range map[string]resource{
		".argocd-source.yaml":                   {kind: "Application"},
		"apps/.argocd-source.yaml":              {kind: "Application"},
		"apps/.argocd-source-web.yaml":          {kind: "Application", name: "web"},
		"apps/.argocd-source-team_web-eu.yaml":  {kind: "Application", namespace: "team", name: "web-eu"},
		"apps/argocd-source.yaml":               {},
		"apps/.argocd-source.yml":               {},
		"apps/.argocd-source-web.json":          {},
		"apps/.argocd-source-.yaml":             {},
		"apps/.argocd-sources.yaml":             {},
		".argocd-source-web/kustomization.yaml": {},
	} {
		got, ok := argoOverride(name)
		if want.kind != "" {
			want.group = "argoproj.io"
		} else if !ok {
			got = resource{}
		}
		if got != want || ok != (want.kind != "") {
			t.Errorf("argoOverride(%q) = %+v, %v, want %+v", name, got, ok, want)
		}
	}
}

// Parameters of which the chart decides what they mean are no images, and neither is a
// file of another name.
func TestArgoOverrideLeavesAlone(t *testing.T) {
	s := NewScanner(Options{})
	for name, text := range map[string]string{
		"apps/.argocd-source.yaml": "helm:\n  parameters:\n" +
			"  - {name: db.name, value: quay.io/acme/db}\n  - {name: db.tag, value: v1}\n" +
			"  - {name: chart.name, value: quay.io/acme/db}\n",
		"apps/source.yaml": "kustomize: {images: ['ghcr.io/acme/web:v1']}\n",
	} {
		if got := names(s.Scan(name, []byte(text)).References); len(got) > 0 {
			t.Errorf("%s: found %q", name, got)
		}
	}
	half := s.Scan("apps/.argocd-source.yaml", []byte("helm:\n  parameters:\n"+
		"  - {name: web.image, value: ghcr.io/acme/web}\n  - {name: web.version, value: v1}\n"))
	if got := names(half.References); len(got) != 1 || got[0] != "!ghcr.io/acme/web" {
		t.Errorf("of half an image, found %q", got)
	}
	half = s.Scan("apps/.argocd-source.yaml", []byte("helm:\n  parameters:\n"+
		"  - {name: image.name, value: web}\n  - {name: image.repository, value: ghcr.io/acme}\n"))
	if got := names(half.References); len(got) != 1 || got[0] != "!ghcr.io/acme" {
		t.Errorf("of an image without its tag, found %q", got)
	}
	broken := s.Scan("apps/.argocd-source.yaml", []byte("kustomize: {images: [\n"))
	if broken.Unreadable == nil {
		t.Error("a file that cannot be parsed is not reported")
	}
}

// Paths in the file start from its directory.
func TestArgoOverrideNamesValues(t *testing.T) {
	s := NewScanner(Options{})
	files := []File{
		s.Scan("charts/a/.argocd-source-web.yaml", []byte("helm:\n  valueFiles: [eu.yaml]\n"+
			"  values: |\n    image: {repository: quay.io/acme/a, tag: v1}\n")),
		s.Scan("charts/a/eu.yaml", []byte("x: 1\n")),
		s.Scan("eu.yaml", []byte("x: 1\n")),
	}
	if diff := cmp.Diff([]string{"charts/a/eu.yaml"}, namedPaths(files)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r := files[0].References
	if len(r) != 1 || r[0].Reference != "quay.io/acme/a:v1" || r[0].Kind != "Application" ||
		r[0].Name != "web" || r[0].Field != "helm.values.image" {
		t.Errorf("found %+v", r)
	}
}
