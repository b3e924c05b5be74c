package manifest

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Parameters that decide which image runs are found: pinned as they stand, or errors at
// their place ("!"). § is a digest.
func TestParameters(t *testing.T) {
	const argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    path: chart\n    helm:\n      "
	const k3s = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  set: "
	const flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  "
	const crossplane = "apiVersion: helm.crossplane.io/v1beta1\nkind: Release\nspec:\n  forProvider:\n    set: "
	v := func(kind, value string) string {
		section := "data"
		return "\n---\napiVersion: v1\nkind: " + kind + "\nmetadata: {name: v}\n" + section + ": {t: \"" + value + "\"}\n"
	}
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"a tag alone", argo + `parameters: [{name: image.tag, value: "2.0"}]`, []string{"!:2.0"}},
		{"a tag alone, that stays a string", argo + `parameters: [{name: web.image.tag, value: "2.0", forceString: true}]`, []string{"!:2.0"}},
		{"a tag with a digest", argo + `parameters: [{name: image.tag, value: "2.0@§"}]`, nil},
		{"a tag and its digest", argo + `parameters: [{name: image.tag, value: "2.0"}, {name: image.digest, value: "§"}]`, nil},
		{"the tag of all", argo + `parameters: [{name: global.tag, value: "2.0"}]`, []string{"!:2.0"}},
		{"an older form", argo + `parameters: [{name: imageTag, value: "2.0"}, {name: db.sidecarImageTag, value: "3"}]`, []string{"!:2.0", "!:3"}},
		{"an older form, pinned", argo + `parameters: [{name: imageTag, value: "2.0@§"}]`, nil},
		{"a tag of something else", argo + `parameters: [{name: git.tag, value: v2}, {name: fluentbit.tag, value: kube.*}]`, nil},
		{"repository and tag", argo + `parameters: [{name: image.repository, value: quay.io/a/b}, {name: image.tag, value: v1}]`, []string{"quay.io/a/b:v1"}},
		{"a repository alone", argo + `parameters: [{name: image.repository, value: quay.io/a/b}]`, []string{"!quay.io/a/b"}},
		{"a chart's repository", argo + `parameters: [{name: chart.repository, value: "https://a.example"}, {name: git.repository, value: acme/b}]`, nil},
		{"a name alone", argo + `parameters: [{name: image, value: evil}]`, []string{"!evil"}},
		{"a whole image", argo + `parameters: [{name: web.image, value: "quay.io/a/b:v1"}, {name: web.imageK8S, value: "a/b:1"}]`, []string{"quay.io/a/b:v1", "a/b:1"}},
		{"image and imageTag", argo + `parameters: [{name: image, value: quay.io/a/b}, {name: imageTag, value: v1}]`, []string{"quay.io/a/b:v1"}},
		{"a file's", argo + `fileParameters: [{name: image.tag, path: tag.txt}]`, []string{"!image.tag"}},
		{"a file's, of something else", argo + `fileParameters: [{name: config, path: image.txt}, {name: image.pullPolicy, path: p}]`, nil},
		{"k3s, a tag alone", k3s + `{image.tag: "2.0"}`, []string{"!:2.0"}},
		{"k3s, repository and tag", k3s + "{image.repository: quay.io/a/b, image.tag: v1}", []string{"quay.io/a/b:v1"}},
		{"k3s, something else", k3s + `{replicas: 2, image.pullPolicy: Always}`, nil},
		{"Crossplane", crossplane + `[{name: image.tag, value: v1}]`, []string{"!:v1"}},
		{"Crossplane, from an object", crossplane + `[{name: image.tag, valueFrom: {secretKeyRef: {name: x, key: t}}}, {name: port, valueFrom: {}}]`, []string{"!image.tag"}},
		{"a generator of kustomize", "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: web\nvaluesInline: {image: {tag: v1}}", []string{"!:v1"}},
		{"of an object", flux + "valuesFrom: [{kind: ConfigMap, name: v, valuesKey: t, targetPath: image.tag}]" + v("ConfigMap", "9"), []string{"!image.tag"}},
		{"of an object elsewhere", flux + "valuesFrom: [{kind: Secret, name: x, valuesKey: t, targetPath: web.image}]", []string{"!web.image"}},
		{"of an object, pinned", flux + "valuesFrom: [{kind: ConfigMap, name: v, valuesKey: t, targetPath: image.tag}]" + v("ConfigMap", "9@§"), nil},
		{"of a Secret, pinned", flux + "valuesFrom: [{kind: Secret, name: v, valuesKey: t, targetPath: image.tag}]" +
			v("Secret", base64.StdEncoding.EncodeToString([]byte("9@"+digestA))), nil},
		{"of an object, something else", flux + "valuesFrom: [{kind: ConfigMap, name: v, valuesKey: t, targetPath: service.port}]" + v("ConfigMap", "9"), nil},
		{"values with a tag alone", flux + `values: {image: {tag: "2.0"}}`, []string{"!:2.0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewScanner(Options{}).Scan("a.yaml", []byte(strings.ReplaceAll(c.in, "§", digestA)))
			if diff := cmp.Diff(c.want, names(f.References)); diff != "" || f.Unreadable != nil {
				t.Errorf("(-want +got):\n%s%+v", diff, f.Unreadable)
			}
			for _, r := range f.References {
				if !r.Editable && r.Why == "" {
					t.Errorf("nothing says why %s cannot be edited", r.Reference)
				}
			}
		})
	}
}
