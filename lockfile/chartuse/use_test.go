package chartuse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
)

var hows = map[chartuse.How]string{
	chartuse.Whole: "whole", chartuse.Tail: "tail", chartuse.Name: "name", chartuse.Followed: "followed",
	chartuse.Elsewhere: "elsewhere", chartuse.Computed: "computed",
}

const helper = "templates/_helpers.tpl"
const pod = "templates/pod.yaml"

var reads = []struct {
	name      string
	templates map[string]string
	path      string
	want      string // how, at its lines
}{
	{"whole", map[string]string{pod: "image: {{ .Values.image }}\n"}, "image", "whole 1"},
	{"whole, quoted", map[string]string{pod: "a: b\n- image: \"{{ .Values.image }}\" # now\n"}, "image", "whole 2"},
	{"a tag", map[string]string{pod: "image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n"}, "image.tag", "tail 1"},
	{"its repository", map[string]string{pod: "image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n"}, "image.repository", "name 1"},
	{"with a default", map[string]string{pod: "image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\n"}, "image.tag", "tail 1"},
	{"with another default", map[string]string{pod: "image: {{ .Values.r }}:{{ default (printf \"v%s\" .Chart.AppVersion) .Values.t | toString }}\n"}, "t", "tail 1"},
	{"printf", map[string]string{pod: "image: {{ printf \"%s:%s\" .Values.r .Values.t | quote }}\n"}, "t", "tail 1"},
	{"printf with a registry", map[string]string{pod: "image: {{ printf \"%s/%s:%v\" .Values.g .Values.r .Values.t }}\n"}, "t", "tail 1"},
	{"with", map[string]string{pod: "{{- with .Values.image }}\nimage: {{ .repository }}:{{ .tag }}\n{{- end }}\n"}, "image.tag", "tail 2"},
	{"a variable", map[string]string{pod: "{{- $i := .Values.image }}\nimage: {{ $i.repository }}:{{ $i.tag }}\n"}, "image.tag", "tail 2"},
	{"a range", map[string]string{pod: "{{- range $k, $v := .Values.apps }}\nimage: {{ $v.image.repository }}:{{ $v.image.tag }}\n{{- end }}\n"}, "apps.web.image.tag", "tail 2"},
	{"index", map[string]string{pod: "image: {{ index .Values \"a-b\" \"tag\" | printf \"x/y:%s\" }}\n"}, "a-b.tag", "tail 1"},
	{"a digest behind", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}{{ if .Values.d }}@{{ .Values.d }}{{ end }}\n"}, "t", "tail 1"},
	{"the digest", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}{{ if .Values.d }}@{{ .Values.d }}{{ end }}\n"}, "d", "tail 1"},
	{"a bare digest", map[string]string{pod: "image: {{ .Values.r }}@sha256:{{ .Values.d }}\n"}, "d", "tail 1"},
	{"a helper", map[string]string{
		helper: "{{- define \"x.image\" -}}\n{{- $r := .root.registry | default .global -}}\n{{- if .root.digest -}}\n{{ printf \"%s/%s@%s\" $r .root.repository .root.digest }}\n" +
			"{{- else }}\n{{ printf \"%s/%s:%s\" $r .root.repository .root.tag }}\n{{- end }}\n{{- end -}}\n",
		pod: "image: {{ include \"x.image\" (dict \"root\" .Values.web.image \"global\" .Values.global.registry) }}\n"}, "web.image.tag", "tail 6"},
	{"a separator that changes", map[string]string{pod: "{{- $s := \":\" }}{{- $e := .Values.t }}{{- if .Values.d }}{{- $s = \"@\" }}{{- $e = .Values.d }}{{- end }}\n" +
		"image: {{ printf \"%s%s%s\" .Values.r $s $e }}\n"}, "t", "tail 2"},
	{"an argument", map[string]string{pod: "args:\n- --image={{ .Values.r }}:{{ .Values.t }}\n"}, "t", "tail 2"},
	{"a dependency", map[string]string{"charts/db/templates/pod.yaml": "image: x:{{ .Values.tag }}\n"}, "db.tag", "tail 1"},

	{"a suffix", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}-alpine\n"}, "t", "followed 1"},
	{"a suffix that is a value", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}{{ .Values.suffix }}\n"}, "t", "followed 1"},
	{"a suffix at times", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}{{ if .Values.slim }}-slim{{ end }}\n"}, "t", "followed 1"},
	{"a suffix in one of two", map[string]string{pod: "image: {{ .Values.r }}:{{ .Values.t }}{{ if .Values.d }}@{{ .Values.d }}{{ else }}-slim{{ end }}\n"}, "t", "followed 1"},
	{"a label", map[string]string{pod: "labels:\n  app.kubernetes.io/version: {{ .Values.t | quote }}\nimage: x:{{ .Values.t }}\n"}, "t", "elsewhere 2, tail 3"},
	{"a label of a helper", map[string]string{helper: "{{- define \"l\" }}\nversion: {{ .Values.t | default .Chart.AppVersion }}\n{{- end }}\n",
		pod: "labels: {{- include \"l\" . | nindent 2 }}\nimage: x:{{ .Values.t }}\n"}, "t", "elsewhere 2, tail 2"},
	{"a label that takes no digest", map[string]string{pod: "version: {{ regexReplaceAll \"[^a-z0-9]\" .Values.t \"-\" | trunc 63 }}\nimage: x:{{ .Values.t }}\n"}, "t", "tail 2"},
	{"a checksum", map[string]string{pod: "checksum: {{ .Values.t | sha256sum }}\nimage: x:{{ .Values.t }}\n"}, "t", "tail 2"},
	{"cut", map[string]string{pod: "image: x:{{ .Values.t | trimPrefix \"v\" }}\n"}, "t", "computed 1"},
	{"compared", map[string]string{pod: "{{- if semverCompare \">=1.2\" .Values.t }}\na: b\n{{- end }}\nimage: x:{{ .Values.t }}\n"}, "t", "computed 1, tail 4"},
	{"an environment variable", map[string]string{pod: "value: {{ .Values.t }}\n"}, "t", "elsewhere 1"},
	{"nothing", map[string]string{pod: "image: x:{{ .Values.other }}\n"}, "t", ""},
	{"only defined", map[string]string{helper: "image: x:{{ .Values.t }}\n"}, "t", ""},
}

func TestRead(t *testing.T) {
	for _, c := range reads {
		t.Run(c.name, func(t *testing.T) {
			chart := chartuse.Read(c.templates)
			var got []string
			for _, u := range chart.Of(c.path) {
				got = append(got, fmt.Sprint(hows[u.How], " ", u.Line))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" || chart.Incomplete != "" {
				t.Errorf("(-want +got):\n%s%s", diff, chart.Incomplete)
			}
			if chart.Prints(c.path) != (c.want != "") {
				t.Errorf("Prints is %v", chart.Prints(c.path))
			}
		})
	}
}

func TestTagOf(t *testing.T) {
	c := chartuse.Read(map[string]string{"templates/p.yaml": "image: \"{{ .Values.app.image }}:{{ .Values.app.version }}\"\n" +
		"value: {{ .Values.db.image }}/{{ .Values.db.version }}\nimage: {{ .Values.registry }}/{{ .Values.web.image }}:{{ .Values.web.tag }}\n"})
	if diff := cmp.Diff([]string{"app.version"}, c.TagOf("app.image")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, path := range []string{"db.image", "web.image"} {
		if got := c.TagOf(path); got != nil {
			t.Errorf("%s has the tag %v", path, got)
		}
	}
}

func TestBefore(t *testing.T) {
	c := chartuse.Read(map[string]string{"templates/p.yaml": "image: {{ .Values.registry | default .Values.global.registry }}/x/{{ .Values.image }}:1\n" +
		"a: {{ .Values.registry }}\nimage: \"{{ .Values.other }}:{{ .Values.tag }}\"\n"})
	u := c.Of("image")
	if len(u) != 1 || !u[0].Literal || !cmp.Equal(u[0].Before, [][]string{{"global.registry", "registry"}}) && !cmp.Equal(u[0].Before, [][]string{{"registry", "global.registry"}}) {
		t.Errorf("before image: %+v", u)
	}
	if u := c.Of("other"); len(u) != 1 || u[0].Literal || len(u[0].Before) != 0 {
		t.Errorf("before other: %+v", u)
	}
}

// What cannot be read is said.
func TestIncomplete(t *testing.T) {
	for name, src := range map[string]string{
		"a helper that is absent":  "image: {{ include \"common.image\" .Values.image }}\n",
		"no template":              "image: {{ if }}\n",
		"one that includes itself": "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}\n",
	} {
		if c := chartuse.Read(map[string]string{"templates/p.yaml": src}); c.Incomplete == "" {
			t.Errorf("%s: nothing is said", name)
		}
	}
}
