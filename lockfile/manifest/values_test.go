package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withoutSources drops the references to git repositories, charts and URLs.
func withoutSources(refs []Reference) []Reference {
	return slices.DeleteFunc(slices.Clone(refs), func(r Reference) bool { return r.Source != nil })
}

func names(refs []Reference) []string {
	var out []string
	for _, r := range withoutSources(refs) {
		name := r.Reference
		if !r.Editable {
			name = "!" + name
		}
		out = append(out, name)
	}
	return out
}

func namedPaths(files []File) []string {
	var out []string
	for _, n := range NamedFiles(Links{}, files) {
		out = append(out, n.Path)
	}
	return out
}

func TestNamedFiles(t *testing.T) {
	s := NewScanner(Options{})
	var files []File
	for name, src := range map[string]string{
		"charts/a/Chart.yaml":          "apiVersion: v2\nname: a\nversion: 1.0.0\n",
		"charts/a/values.yaml":         "x: 1\n",
		"charts/a/values-prod.yaml":    "x: 1\n",
		"charts/a/other.yaml":          "x: 1\n",
		"charts/b/values.yaml":         "x: 1\n", // no Chart.yaml beside it
		"apps/kustomization.yaml":      "helmCharts:\n- name: a\n  valuesFile: my.yaml\n  additionalValuesFiles: [more.yaml]\nconfigMapGenerator:\n- name: v\n  files: [values.yaml=helm.yaml, plain.yaml]\n",
		"apps/my.yaml":                 "x: 1\n",
		"apps/more.yaml":               "x: 1\n",
		"apps/helm.yaml":               "x: 1\n",
		"apps/plain.yaml":              "x: 1\n",
		"argo/app.yaml":                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources:\n  - path: charts/c\n    helm: {valueFiles: [prod.yaml, $ref/envs/prod.yaml]}\n",
		"charts/c/prod.yaml":           "x: 1\n",
		"envs/prod.yaml":               "x: 1\n",
		"flux/release.yaml":            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: ./charts/d, valuesFiles: [./charts/d/eu.yaml]}}}\n",
		"charts/d/eu.yaml":             "x: 1\n",
		"charts/a/templates/pod.yaml":  "x: 1\n",
		"charts/a/values-manifest.yml": "apiVersion: v1\nkind: ConfigMap\n",
	} {
		files = append(files, s.Scan(name, []byte(src)))
	}
	want := []string{"apps/helm.yaml", "apps/more.yaml", "apps/my.yaml", "apps/plain.yaml", "charts/a/values-prod.yaml", "charts/a/values.yaml",
		"charts/c/prod.yaml", "charts/d/eu.yaml", "envs/prod.yaml"}
	if diff := cmp.Diff(want, namedPaths(files)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScanValues(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		refs           []string
	}{
		{"the common forms",
			"a:\n  image: {registry: quay.io, repository: a/a, tag: v1}\nb:\n  image:\n    repository: quay.io/a/b\n    tag: \"v1\"\nc:\n  image: quay.io/a/c:v1\n",
			"a:\n  image: {registry: quay.io, repository: a/a, tag: v1§}\nb:\n  image:\n    repository: quay.io/a/b\n    tag: \"v1§\"\nc:\n  image: quay.io/a/c:v1§\n",
			[]string{"quay.io/a/a:v1", "quay.io/a/b:v1", "quay.io/a/c:v1"}},
		{"ingress-nginx",
			"controller:\n  image:\n    registry: registry.k8s.io\n    image: ingress-nginx/controller\n    tag: v1\n    digest: sha256:" + strings.Repeat("0", 64) + "\n",
			"controller:\n  image:\n    registry: registry.k8s.io\n    image: ingress-nginx/controller\n    tag: v1\n    digest: ‡\n",
			[]string{"registry.k8s.io/ingress-nginx/controller:v1@sha256:" + strings.Repeat("0", 64)}},
		{"one registry for all",
			"global: {imageRegistry: mirror.example.com}\nimage: {registry: docker.io, repository: bitnami/redis, tag: 7}\n",
			"global: {imageRegistry: mirror.example.com}\nimage: {registry: docker.io, repository: bitnami/redis, tag: 7§}\n",
			[]string{"mirror.example.com/bitnami/redis:7"}},
		{"no tag", "image: {repository: quay.io/a/b, tag: \"\"}\n", "image: {repository: quay.io/a/b, tag: \"\"}\n", []string{"!quay.io/a/b"}},
		{"other repositories", "git: {repository: 'https://github.com/a/b', tag: v1}\nchart: {repository: git@github.com:a/b.git, tag: v1}\n",
			"git: {repository: 'https://github.com/a/b', tag: v1}\nchart: {repository: git@github.com:a/b.git, tag: v1}\n", nil},
		{"tag in the repository", "image: {repository: 'quay.io/a/b:v1'}\n", "image: {repository: 'quay.io/a/b:v1§'}\n", []string{"quay.io/a/b:v1"}},
		{"one tag for two", "x-tag: &t v1\na: {image: {repository: quay.io/a/a, tag: *t}}\nb: {image: {repository: quay.io/a/b, tag: *t}}\n",
			"x-tag: &t v1\na: {image: {repository: quay.io/a/a, tag: *t}}\nb: {image: {repository: quay.io/a/b, tag: *t}}\n",
			[]string{"!quay.io/a/a:v1", "!quay.io/a/b:v1"}},
		{"one tag for one", "x-tag: &t v1\na: {image: {repository: quay.io/a/a, tag: *t}}\n", "x-tag: &t v1§\na: {image: {repository: quay.io/a/a, tag: *t}}\n",
			[]string{"quay.io/a/a:v1"}},
	} {
		expand := strings.NewReplacer("§", "@"+digestA, "‡", digestA)
		for _, form := range forms {
			t.Run(c.name+"/"+form.name, func(t *testing.T) {
				in := form.apply(c.in)
				f := NewScanner(Options{}).ScanNamed(Named{Path: "values.yaml", as: asValues}, []byte(in))
				if diff := cmp.Diff(c.refs, names(f.References)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if got, want := pinAll(t, f, in, digestA), form.apply(expand.Replace(c.want)); got != want {
					t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
				}
			})
		}
	}
}

func TestNumbersInJSON(t *testing.T) {
	in := `{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "spec": {"values": {"image": {"repository": "nginx", "tag": 1.25}}}}`
	f := NewScanner(Options{}).Scan("release.json", []byte(in))
	want := strings.Replace(in, "1.25", `"1.25@`+digestA+`"`, 1)
	if got := pinAll(t, f, in, digestA); got != want {
		t.Errorf("got %s", got)
	}
}

func TestSurrogatesInJSON(t *testing.T) {
	in := `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\ud83d\uDE00 \\ud83d"}, "spec": {"containers": [{"image": "nginx:1"}]}}`
	f := NewScanner(Options{}).Scan("pod.json", []byte(in))
	if want := strings.Replace(in, "nginx:1", "nginx:1@"+digestA, 1); f.Unreadable != nil || pinAll(t, f, in, digestA) != want {
		t.Errorf("unreadable: %+v; got %s", f.Unreadable, pinAll(t, f, in, digestA))
	}
	// Half a pair is an error of YAML; JSON's decoder in Go replaces it.
	for _, name := range []string{`\ud83d`, `\ude00\ud83d`, `\ud83d\ud83d`} {
		alone := strings.Replace(in, `\ud83d\uDE00`, name, 1)
		if f := NewScanner(Options{}).Scan("pod.json", []byte(alone)); f.Unreadable != nil || len(f.References) != 1 {
			t.Errorf("half a pair is no JSON: %s", alone)
		}
		if f := NewScanner(Options{}).Scan("pod.yaml", []byte("# YAML\n"+alone)); f.Unreadable == nil {
			t.Errorf("half a pair is accepted: %s", alone)
		}
	}
}

func TestFields(t *testing.T) {
	src := []byte("apiVersion: example.com/v1\nkind: Fleet\nspec:\n  ships:\n  - {runner: alpine}\n  - {runner: busybox}\n  engine: {repo: quay.io/a/b, version: v1, sum: \"\"}\n")
	if got := names(NewScanner(Options{}).Scan("a.yaml", src).References); got != nil {
		t.Errorf("without fields: %v", got)
	}
	s := NewScanner(Options{Fields: []Field{
		{APIGroup: "example.com", Kind: "Fleet", Path: "spec.ships[].runner"},
		{Kind: "Fleet", Path: "spec.*", Repository: "repo", Tag: "version", Digest: "sum"},
		{Kind: "Other", Path: "spec.ships"},
	}})
	f := s.Scan("a.yaml", src)
	if diff := cmp.Diff([]string{"alpine", "busybox", "quay.io/a/b:v1"}, names(f.References)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := pinAll(t, f, string(src), digestA); !strings.Contains(got, `sum: "`+digestA+`"`) {
		t.Errorf("got %s", got)
	}
}
