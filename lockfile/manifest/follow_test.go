package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reported scans the files of a tree as a lock root does, and returns what is found and
// is an error unless it is pinned: "file:line reference", with "!" in front of remarks.
func reported(t *testing.T, tree map[string]string) []string {
	t.Helper()
	s := NewScanner(Options{})
	var files []File
	at := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if Candidate(name) || TemplateHelper(name) {
			at[name] = len(files)
			files = append(files, s.Scan(name, []byte(tree[name])))
		}
	}
	for _, n := range NamedFiles(Links{}, files) {
		src, ok := tree[n.Path]
		if !ok {
			continue
		}
		f := s.ScanNamed(n, []byte(src))
		if i, ok := at[n.Path]; ok {
			files[i] = f
		} else {
			files = append(files, f)
		}
	}
	for i := range files { // as a cache has them
		again, rest, err := DecodeFile(string(AppendFile(nil, &files[i])))
		if err != nil || rest != "" {
			t.Fatalf("%s: %v", files[i].Path, err)
		}
		files[i] = again
	}
	Fill(files, Options{})
	var out []string
	for _, f := range files {
		for _, r := range f.References {
			out = append(out, fmt.Sprintf("%s:%d %s", f.Path, r.Line, r.Reference))
		}
		for _, m := range f.Remarks {
			switch {
			case m.Rule != "uneditable":
			case !m.Severe:
				t.Errorf("%s:%d: %s %s is a remark", f.Path, m.Line, m.Reference, m.Message)
			default:
				out = append(out, fmt.Sprintf("!%s:%d %s", f.Path, m.Line, m.Reference))
			}
		}
		if f.Unreadable != nil {
			t.Errorf("unreadable: %+v", f.Unreadable)
		}
	}
	slices.Sort(out)
	return out
}

const podHead = "apiVersion: v1\nkind: Pod\nmetadata: {name: e}\nspec:\n  containers:\n  - name: c\n"

// TestCharts holds what becomes of an image that a chart's template prints. The values
// file has the good image at first, and nothing else may be reported then.
func TestCharts(t *testing.T) {
	pinned := "quay.io/a/good:1@" + digestA
	for _, c := range []struct {
		name, values, template, helper string
		want                           []string
	}{
		{"a value", "image: IMG\n", "    image: {{ .Values.image }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"a value in another key", "foo: {bar: IMG}\n", "    image: {{ .Values.foo.bar | quote }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"an entry of a list", "all: [IMG]\n", "{{- range .Values.all }}\n    image: {{ . }}\n{{- end }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"with", "a: {pic: IMG}\n", "{{- with .Values.a }}\n    image: {{ .pic }}\n{{- end }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"a literal", "", "    image: {{ \"IMG\" }}\n", "", []string{"c/templates/p.yaml:7 IMG"}},
		{"printf", "", "    image: {{ printf \"%s\" \"IMG\" }}\n", "", []string{"c/templates/p.yaml:7 IMG"}},
		{"a default", "", "    image: {{ .Values.none | default \"IMG\" }}\n", "", []string{"c/templates/p.yaml:7 IMG"}},
		{"a default that is not used", "image: IMG\n", "    image: {{ .Values.image | default \"evil:1\" }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"a branch that is not taken", "image: IMG\non: false\n", "    image: {{ if .Values.on }}evil:1{{ else }}{{ .Values.image }}{{ end }}\n", "", []string{"c/values.yaml:1 IMG"}},
		{"include", "", "    image: {{ include \"i\" . }}\n", "{{ define \"i\" }}IMG{{ end }}", []string{"c/templates/_h.tpl:1 IMG"}},
		{"a helper that prints a value", "image: IMG\n", "    image: {{ include \"i\" (dict \"x\" .Values.image) }}\n", "{{ define \"i\" }}{{ .x }}{{ end }}", []string{"c/values.yaml:1 IMG"}},
		{"a key that is printed", "", "    {{ \"image\" }}: IMG\n", "", []string{"c/templates/p.yaml:7 IMG"}},
		{"tpl", "a: '{{ .Values.b }}'\nb: IMG\n", "    image: {{ tpl .Values.a . }}\n", "", []string{"c/values.yaml:2 IMG"}},
		{"a file", "", "    image: {{ .Files.Get \"raw.txt\" | trim }}\n", "", []string{"c/raw.txt:1 IMG"}},
		{"an unknown branch", "", "    image: {{ if .Capabilities.X }}{{ \"IMG\" }}{{ else }}IMG{{ end }}\n", "", []string{"c/templates/p.yaml:7 IMG", "c/templates/p.yaml:7 IMG"}},
		{"flow style, in quotes", "foo: IMG\n", "    \"image\": \"{{ .Values.foo }}\"\n", "", []string{"c/values.yaml:1 IMG"}},
		{"lines that are no YAML", "", "    image: IMG\n{{ if .Values.x }}\n  a: [\n{{ else }}\n  a: []\n{{ end }}\n", "", []string{"c/templates/p.yaml:7 IMG"}},
		{"a changed value", "image: other\n", "{{- $_ := set .Values \"image\" \"IMG\" }}\n    image: {{ .Values.image }}\n", "", []string{"c/templates/p.yaml:8 IMG"}},
	} {
		for _, image := range []string{"evil:1", pinned} {
			t.Run(c.name+"/"+image[:4], func(t *testing.T) {
				in := strings.NewReplacer("IMG", image)
				want := []string{}
				for _, w := range c.want {
					want = append(want, in.Replace(w))
				}
				got := reported(t, map[string]string{
					"c/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\nappVersion: \"1\"\n", "c/values.yaml": in.Replace(c.values),
					"c/templates/p.yaml": in.Replace(podHead + c.template), "c/templates/_h.tpl": in.Replace(c.helper), "c/raw.txt": image + "\n",
				})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestChartsThatCannotBeFollowed(t *testing.T) {
	image := "    image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
	for _, c := range []struct {
		name, values, template string
		want                   []string
	}{
		{"the digest is printed", "image: {repository: quay.io/a/b, tag: \"1@" + digestA + "\"}\n", image,
			[]string{"c/values.yaml:1 quay.io/a/b:1@" + digestA}},
		{"the digest is not printed", "image: {repository: quay.io/a/b, tag: \"1\", digest: " + digestA + "}\n", image,
			[]string{"c/templates/p.yaml:7 quay.io/a/b:1", "c/values.yaml:1 quay.io/a/b:1@" + digestA}},
		{"another name", "image: {repository: quay.io/a/b, tag: \"1@" + digestA + "\"}\n", "    image: evil:{{ .Values.image.tag }}\n",
			[]string{"c/templates/p.yaml:7 evil:1@" + digestA, "c/values.yaml:1 quay.io/a/b:1@" + digestA}},
		{"nothing fills it", "", "    image: {{ .Values.image }}\n", []string{"!c/templates/p.yaml:7 {{ .Values.image }}"}},
		{"the release's name", "", "    image: {{ .Release.Name }}\n", []string{"!c/templates/p.yaml:7 unknown"}},
		{"an unknown function", "image: a:1\n", "    image: {{ .Values.image | rot13 }}\n", []string{"!c/templates/p.yaml:7 unknown", "c/values.yaml:1 a:1"}},
		{"an unknown template", "", "    image: {{ include \"none\" . }}\n", []string{"!c/templates/p.yaml:7 unknown", "!c/templates/p.yaml:7 {{ include \"none\" . }}"}},
		{"no template", "", "    image: {{ .Values.image \n", []string{"!c/templates/p.yaml:7 {{ .Values.image "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reported(t, map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: x\n", "c/values.yaml": c.values, "c/templates/p.yaml": podHead + c.template})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPrintedFiles holds that a file which a template prints as an object is searched, and
// one that it prints into a ConfigMap is not an error.
func TestPrintedFiles(t *testing.T) {
	chart := map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\n", "templates/p.yaml": "{{ .Files.Get \"raw.txt\" }}\n"}
	chart["raw.txt"] = podHead + "    image: evil:1\n"
	if diff := cmp.Diff([]string{"raw.txt:7 evil:1"}, reported(t, chart)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	chart["raw.txt"] = podHead + "    image: quay.io/a/b:1@" + digestA + "\n"
	if diff := cmp.Diff([]string{"raw.txt:7 quay.io/a/b:1@" + digestA}, reported(t, chart)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	chart["templates/p.yaml"] = "{{ range $p, $_ := .Files.Glob \"*.txt\" }}{{ $.Files.Get $p }}{{ end }}\n"
	if got := reported(t, chart); len(got) != 1 || !strings.HasPrefix(got[0], "!templates/p.yaml:1") {
		t.Errorf("files of a glob: %q", got)
	}
	chart["templates/p.yaml"] = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    {{- .Files.Get \"other.txt\" | nindent 4 }}\n  b: {{ (.Files.Glob \"*\").AsConfig }}\n"
	if got := reported(t, chart); len(got) != 0 {
		t.Errorf("a ConfigMap: %q", got)
	}
}

// TestChartsBelow holds that a chart below another gets its values, and that a further file
// of values is another way to fill in the chart.
func TestChartsBelow(t *testing.T) {
	pinned := "quay.io/a/good:1@" + digestA
	tree := func(values, more string) map[string]string {
		return map[string]string{
			"Chart.yaml":  "apiVersion: v2\nname: x\ndependencies:\n- {name: y, alias: z, condition: z.on}\n",
			"values.yaml": values, "values-prod.yaml": more,
			"charts/y/Chart.yaml": "apiVersion: v2\nname: y\n", "charts/y/values.yaml": "image: " + pinned + "\n",
			"charts/y/templates/p.yaml": podHead + "    image: {{ .Values.image }}\n",
		}
	}
	good := "charts/y/values.yaml:1 " + pinned
	for _, c := range []struct {
		values, more string
		want         []string
	}{
		{"a: 1\n", "a: 1\n", []string{good}},
		{"z: {image: evil}\n", "a: 1\n", []string{good, "values.yaml:1 evil"}},
		{"z: {on: false, image: evil}\n", "a: 1\n", []string{good}},
		{"y: {image: evil}\n", "a: 1\n", []string{good}}, // it has another name here
		{"a: 1\n", "z: {image: evil}\n", []string{good, "values-prod.yaml:1 evil"}},
	} {
		if diff := cmp.Diff(c.want, reported(t, tree(c.values, c.more))); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.values, c.more, diff)
		}
	}
}
