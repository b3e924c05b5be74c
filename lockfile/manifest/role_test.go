package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilesByName(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: 'web:1'}]}\n"
	const images = "images: [{name: web, newTag: '1'}]\n"
	const fleet = "helm: {values: {image: {repository: quay.io/acme/web, tag: '1'}}}\n" +
		"targetCustomizations:\n- name: prod\n  helm: {values: {image: {repository: quay.io/acme/web, tag: '2'}}}\n"
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{"an object called kustomization.yaml", "a/kustomization.yaml", pod, []string{"web:1"}},
		{"a kustomization", "a/kustomization.yaml", images, []string{"web:1"}},
		{"a kustomization and an object", "a/kustomization.yaml", images + "---\n" + pod, []string{"web:1", "web:1"}},
		{"a kustomization of an old version", "a/kustomization.yml", "apiVersion: v1\nkind: Kustomization\n" + images, []string{"web:1"}},
		{"a kustomization by its apiVersion", "a/base.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + images, []string{"web:1"}},
		{"images of no kustomization", "a/base.yaml", images, nil},
		{"a Kustomization of Flux", "a/kustomization.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images: [{name: web, newTag: '1'}]\n", []string{"web:1"}},
		{"fleet.yaml", "a/fleet.yaml", fleet, []string{"quay.io/acme/web:1", "quay.io/acme/web:2"}},
		{"an object called fleet.yaml", "a/fleet.yaml", pod, []string{"web:1"}},
		{"a name like fleet.yaml", "a/my-fleet.yaml", fleet, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := NewScanner(Options{}).Scan(test.file, []byte(test.text))
			if diff := cmp.Diff(test.want, names(f.References)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if f.IsManifest() != (test.want != nil) {
				t.Errorf("IsManifest is %v", f.IsManifest())
			}
		})
	}
}

func TestFleetNamesValues(t *testing.T) {
	s := NewScanner(Options{})
	f := s.Scan("apps/a/fleet.yaml", []byte("helm: {valuesFiles: [values-eu.yaml, ../all.txt]}\n"+
		"targets: [{helm: {valuesFiles: [prod.yaml]}}]\n"))
	if diff := cmp.Diff([]string{"apps/a/prod.yaml", "apps/a/values-eu.yaml", "apps/all.txt"}, namedPaths([]File{f})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
