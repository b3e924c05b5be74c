package manifest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
)

const chartForm = `image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"` + "\n"
const chartImage = "image: {repository: quay.io/a/b, tag: v1}\n"

var chartValues = []struct{ name, template, in, want, ref string }{
	{"the standard form", chartForm, chartImage, strings.Replace(chartImage, "v1", "v1@§", 1), "quay.io/a/b:v1"},
	{"a label", chartForm + "version: {{ .Values.image.tag }}\n", chartImage, "", "!quay.io/a/b:v1"},
	{"a label, and a digest of its own", chartForm[:len(chartForm)-2] + `{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ end }}"` +
		"\nversion: {{ .Values.image.tag }}\n", "image: {repository: quay.io/a/b, tag: v1, digest: \"\"}\n",
		"image: {repository: quay.io/a/b, tag: v1, digest: \"§\"}\n", "quay.io/a/b:v1"},
	{"a suffix", strings.Replace(chartForm, `}}"`, `}}-alpine"`, 1), chartImage, "", "!quay.io/a/b:v1"},
	{"compared", "a: {{ semver .Values.image.tag }}\n" + chartForm, chartImage, "", "!quay.io/a/b:v1"},
	{"a digest that no template prints", chartForm, "image: {repository: quay.io/a/b, tag: v1, digest: \"\"}\n",
		"image: {repository: quay.io/a/b, tag: v1@§, digest: \"\"}\n", "quay.io/a/b:v1"},
	{"a digest that no template prints, and that is there", chartForm,
		"image: {repository: quay.io/a/b, tag: v1, digest: " + digestA + "}\n",
		"image: {repository: quay.io/a/b, tag: v1@§, digest: " + digestA + "}\n", "quay.io/a/b:v1"},
	{"a tag that no template prints", "image: {{ .Values.image.repository }}:{{ .Chart.AppVersion }}\n", chartImage, "", "!quay.io/a/b:v1"},
	{"a template that cannot be read", chartForm + "x: {{ include \"common.labels\" . }}\n",
		"image: {repository: quay.io/a/b, tag: v1, digest: \"\"}\n", "image: {repository: quay.io/a/b, tag: v1, digest: \"§\"}\n", "quay.io/a/b:v1"},
	{"an image of another path", chartForm, "web: " + "{image: {repository: quay.io/a/b, tag: v1}}\n",
		"web: {image: {repository: quay.io/a/b, tag: v1@§}}\n", "quay.io/a/b:v1"},
	{"a registry of its own", strings.Replace(chartForm, "{{", "{{ .Values.image.registry }}/{{", 1), "image: {registry: quay.io, repository: a/b, tag: v1}\n",
		"image: {registry: quay.io, repository: a/b, tag: v1@§}\n", "quay.io/a/b:v1"},
	{"a registry elsewhere", strings.Replace(chartForm, "{{", "{{ .Values.registry }}/{{", 1), "registry: quay.io\nimage: {repository: a/b, tag: v1}\n", "", "!a/b:v1"},
	{"a registry elsewhere that is empty", strings.Replace(chartForm, "{{", "{{ with .Values.registry }}{{ . }}/{{ end }}{{", 1),
		"registry: \"\"\nimage: {repository: a/b, tag: v1}\n", "registry: \"\"\nimage: {repository: a/b, tag: v1@§}\n", "a/b:v1"},
	{"one for all", strings.Replace(chartForm, "{{", "{{ .Values.global.imageRegistry | default .Values.image.registry }}/{{", 1),
		"global: {imageRegistry: quay.io}\nimage: {registry: x.io, repository: a/b, tag: v1}\n",
		"global: {imageRegistry: quay.io}\nimage: {registry: x.io, repository: a/b, tag: v1@§}\n", "quay.io/a/b:v1"},
	{"a registry in the template", strings.Replace(chartForm, "{{", "ghcr.io/{{", 1), chartImage, "", "!quay.io/a/b:v1"},
	{"a tag alone", "image: quay.io/a/b:{{ .Values.web.tag }}\n", "web: {tag: v1}\n", "", "!:v1"},
	{"the tag in a sibling", "image: {{ .Values.app.image }}:{{ .Values.app.version }}\n", "app: {image: quay.io/a/b, version: v3}\n",
		"app: {image: quay.io/a/b, version: v3@§}\n", "quay.io/a/b:v3"},
	{"the tag in a sibling that is empty", "image: {{ .Values.app.image }}:{{ .Values.app.version }}\n", "app: {image: quay.io/a/b, version: \"\"}\n",
		"", "!quay.io/a/b"},
	{"whole", "image: {{ .Values.image }}\n", "image: nginx\n", "image: nginx:latest@§\n", "nginx"},
	{"whole, and joined", "image: {{ .Values.image }}\nx: {{ .Values.image }}:{{ .Values.v }}\n", "image: quay.io/a/b\n", "", "!quay.io/a/b"},
	{"whole, with a tag", "image: {{ .Values.image }}\n", "image: nginx:1\n", "image: nginx:1@§\n", "nginx:1"},
	{"whole, with a tag that is cut out", "image: {{ .Values.image }}\nversion: {{ .Values.image | trimPrefix \"nginx:\" }}\n", "image: nginx:1\n",
		"", "!nginx:1"},
}

// Helm values are edited as the templates of their chart take them: § is the digest, a
// name with ! cannot be edited.
func TestValuesOfChart(t *testing.T) {
	for _, c := range chartValues {
		t.Run(c.name, func(t *testing.T) {
			s := NewScanner(Options{})
			s.UseCharts(Charts{Read: map[string]*chartuse.Chart{"chart": chartuse.Read(map[string]string{"templates/p.yaml": c.template})},
				Values: map[string]string{"chart/values.yaml": "chart"}})
			f := s.scanValues("chart/values.yaml", []byte(c.in))
			if diff := cmp.Diff([]string{c.ref}, names(f.References)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, r := range f.References {
				if !r.Editable && r.Why == "" {
					t.Error("nothing says why it cannot be edited")
				}
			}
			want := strings.ReplaceAll(c.want, "§", digestB)
			if c.want == "" {
				want = c.in
			}
			if diff := cmp.Diff(want, pinAll(t, f, c.in, digestB)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Releases that take a chart of the tree are judged by its templates; others are not.
func TestReleaseOfChart(t *testing.T) {
	label := chartuse.Read(map[string]string{"templates/p.yaml": "image: x:{{ .Values.image.tag }}\nversion: {{ .Values.image.tag }}\n"})
	const values = "{image: {repository: quay.io/a/b, tag: v1}}\n"
	const argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    "
	const flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: ./charts/web, sourceRef: {kind: "
	for in, dir := range map[string]string{
		argo + "path: charts/web\n    helm:\n      valuesObject: " + values:                                                                    "charts/web",
		argo + "path: charts/web\n    helm:\n      values: |\n        " + values:                                                               "charts/web",
		argo + "path: charts/web\n    helm:\n      parameters: [{name: image.repository, value: quay.io/a/b}, {name: image.tag, value: v1}]\n": "charts/web",
		argo + "path: charts/db\n    helm:\n      valuesObject: " + values:                                                                     "charts/db",
		argo + "chart: web\n    path: charts/web\n    helm:\n      valuesObject: " + values:                                                    "",
		flux + "GitRepository, name: x}}}\n  values: " + values:                                                                                "charts/web",
		flux + "HelmRepository, name: x}}}\n  values: " + values:                                                                               "",
	} {
		s := NewScanner(Options{})
		s.UseCharts(Charts{Read: map[string]*chartuse.Chart{"charts/web": label}})
		f := s.Scan("a.yaml", []byte(in))
		want := "quay.io/a/b:v1"
		if dir == "charts/web" {
			want = "!" + want
		}
		if diff := cmp.Diff([]string{want}, names(f.References)); diff != "" {
			t.Errorf("%s(-want +got):\n%s", in, diff)
		}
		if dir == "" != (len(f.charts) == 0) || dir != "" && f.charts[0] != dir {
			t.Errorf("%sit is for the charts %q, want %q", in, f.charts, dir)
		}
	}
}

func TestFindCharts(t *testing.T) {
	s := NewScanner(Options{})
	var files []File
	for name, src := range map[string]string{
		"charts/web/Chart.yaml": "name: web\n", "charts/web/templates/a.yaml": "a: b\n", "charts/web/templates/_h.tpl": "",
		"charts/web/charts/db/Chart.yaml": "name: db\n", "charts/web/charts/db/templates/b.yaml": "a: b\n",
		"charts/none/Chart.yaml": "name: none\n", "charts/none/values.yaml": "a: b\n",
		"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: charts/web, helm: {valueFiles: [$x/envs/prod.yaml], valuesObject: {a: b}}}}\n",
	} {
		files = append(files, s.Scan(name, []byte(src)))
	}
	for _, name := range []string{"charts/web/values.yaml", "charts/web/envs/eu.yaml", "envs/prod.yaml", "charts/web/charts/db/values.yaml"} {
		files = append(files, s.ScanNamed(Named{Path: name, as: asValues}, []byte("a: b\n")))
	}
	got := map[string]ChartFiles{}
	for _, c := range FindCharts(files) {
		for _, names := range [][]string{c.Templates, c.Values, c.Others} {
			slices.Sort(names)
		}
		got[c.Dir] = c
	}
	want := map[string]ChartFiles{
		"charts/web": {Dir: "charts/web",
			Templates: []string{"charts/web/charts/db/templates/b.yaml", "charts/web/templates/_h.tpl", "charts/web/templates/a.yaml"},
			Values:    []string{"charts/web/envs/eu.yaml", "charts/web/values.yaml", "envs/prod.yaml"}, Others: []string{"app.yaml"}},
		"charts/web/charts/db": {Dir: "charts/web/charts/db", Templates: []string{"charts/web/charts/db/templates/b.yaml"},
			Values: []string{"charts/web/charts/db/values.yaml"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
