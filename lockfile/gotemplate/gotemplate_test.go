package gotemplate

import (
	"strings"
	"testing"
)

// shown writes pieces with what is not known in angle brackets, and alternatives with
// bars between them.
func shown(ps []Piece) string {
	var b strings.Builder
	for _, p := range ps {
		switch {
		case p.Alts != nil:
			b.WriteString("(")
			for i, a := range p.Alts {
				if i > 0 {
					b.WriteString("|")
				}
				b.WriteString(shown(a))
			}
			b.WriteString(")")
		case p.Why != "":
			b.WriteString("<" + p.Why + ">")
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

const testValues = `
image: {repository: quay.io/a/b, tag: 1.10, digest: ""}
plain: evil:1
quoted: "1.10"
on: true
list: [{image: a:1}, {image: b:2}]
tpl: "{{ .Values.plain }}"
global: {registry: ""}
base: &base {x: 1, y: 2}
more: {<<: *base, y: 3}
`

func render(t *testing.T, src string) Outcome {
	t.Helper()
	s := NewSet()
	if err := s.Add("templates/_h.tpl", `{{ define "img" }}{{ .repository }}:{{ .tag | default "latest" }}{{ end }}`); err != nil {
		t.Fatal(err)
	}
	if err := s.Add("templates/a.yaml", src); err != nil {
		t.Fatal(err)
	}
	s.AddFile("raw.txt", "kind: Pod\n")
	chart := Chart{Dir: ".", Meta: ParseValues("Chart.yaml", "name: c\nappVersion: \"9\"\n")}
	return s.Render("templates/a.yaml", Dot(chart, ParseValues("values.yaml", testValues)))
}

func TestRender(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"{{ .Values.image.repository }}:{{ .Values.image.tag }}", "quay.io/a/b:1.1"},
		{"{{ .Values.quoted }} {{ $.Values.plain | quote }}", `1.10 "evil:1"`},
		{"{{ with .Values.image }}{{ .repository }}{{ end }}", "quay.io/a/b"},
		{"{{ with .Values.none }}a{{ else }}b{{ end }}", "b"},
		{"{{ range .Values.list }}{{ .image }} {{ end }}", "a:1 b:2 "},
		{"{{ range $i, $v := .Values.list }}{{ $i }}{{ break }}{{ end }}", "0"},
		{`{{ include "img" .Values.image }}`, "quay.io/a/b:1.1"},
		{`{{ template "img" (dict "repository" "x") }}`, "x:latest"},
		{`{{ tpl .Values.tpl . }}`, "evil:1"},
		{`{{ printf "%s:%s" "evil" "1" }}`, "evil:1"},
		{`{{ .Chart.AppVersion }}{{ .Chart.Name }}`, "9c"},
		{`{{ coalesce .Values.none .Values.global.registry "docker.io" }}`, "docker.io"},
		{`{{ if and .Values.on (eq .Values.quoted "1.10") }}a{{ else }}b{{ end }}`, "a"},
		{`{{ if .Capabilities.APIVersions.Has "v1" }}a{{ else }}b{{ end }}`, "(a|b)"},
		{`{{ ternary "a" "b" .Release.IsInstall }}`, "(a|b)"},
		{`{{ $x := "a" }}{{ if .Release.IsInstall }}{{ $x = "b" }}{{ end }}{{ $x }}`, "(b|a)"},
		{`{{ $_ := set .Values "plain" "b:1" }}{{ .Values.plain }}`, "b:1"},
		{`{{ if .Release.IsInstall }}{{ fail "no" }}{{ else }}a{{ end }}`, "a"},
		{`{{ randAlphaNum 5 }}`, "<plumb does not know the function randAlphaNum>"},
		{`{{ default "a" .Release.Name }}`, "(<the release's name>|a)"},
		{`{{ .Files.Get "raw.txt" }}`, "kind: Pod\n"},
		{`{{ range .Files.Lines "raw.txt" }}[{{ . }}]{{ end }}`, "[kind: Pod][]"},
		{`{{ .Files.Get "other.txt" }}`, "<" + FileText + "other.txt>"},
		{`{{ range $p, $_ := .Files.Glob "x/*" }}{{ $.Files.Get $p }}{{ end }}`, "<a file whose name is not known>"},
		{`{{ toYaml .Values.list | nindent 2 }}`, "\n  - image: \"a:1\"\n  - image: \"b:2\""},
		{`{{ .Values.more.x }}{{ .Values.more.y }}`, "13"},
		{`{{ (toYaml .Values.image | fromYaml).repository }}`, "quay.io/a/b"},
		{`{{ .Values.plain | trimPrefix "ev" | replace "1" "2" | upper }}`, "IL:2"},
		{`{{ hasKey .Values "none" }} {{ len .Values.list }} {{ index .Values.list 1 "image" }}`, "false 2 b:2"},
		{`{{ (split ":" .Values.plain)._1 }}{{ join "," (list "a" "b") }}`, "1a,b"},
		{`{{ lookup "v1" "Secret" "a" "b" }}`, "<it asks the cluster>"},
	} {
		if got := shown(render(t, c.in).Pieces); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestOrigins holds that text which comes from a value knows its place, through
// functions, and that the template's own text is told from it.
func TestOrigins(t *testing.T) {
	at := strings.Index(testValues, "evil:1")
	for _, in := range []string{
		"image: {{ .Values.plain }}", "image: {{ .Values.plain | trim | toString }}",
		`image: {{ tpl .Values.tpl . | nindent 2 }}`, `image: {{ printf "%s" .Values.plain }}`,
		`image: {{ (toYaml .Values | fromYaml).plain }}`,
	} {
		out := render(t, in).Pieces
		if p := out[0]; !p.Plain || p.Text != "image: " || p.From.File != "templates/a.yaml" {
			t.Errorf("%s: the template's own text is %+v", in, p)
		}
		p := out[len(out)-1]
		if p.Text != "evil:1" || p.Plain || p.Site != (Origin{"templates/a.yaml", 7}) {
			t.Errorf("%s: the value's text is %+v", in, p)
		}
		if p.From.File != "values.yaml" || !strings.Contains(in, "tpl") && p.From.Offset != at {
			t.Errorf("%s: it comes from %+v, not from values.yaml at %d", in, p.From, at)
		}
	}
	if p := render(t, `{{ .Values.plain | replace "1" "2" }}`).Pieces[0]; !p.Computed {
		t.Errorf("a text that was changed does not say so: %+v", p)
	}
	if p := render(t, `{{ .Values.plain }}`).Pieces[0]; p.Computed {
		t.Errorf("a text that was not changed says that it was: %+v", p)
	}
}

func TestIncomplete(t *testing.T) {
	for _, in := range []string{`{{ include "none" . }}`, `{{ include .Release.Name . }}`,
		`{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}`} {
		if render(t, in).Incomplete == "" {
			t.Errorf("%s: nothing is missing", in)
		}
	}
	if why := render(t, `{{ include "img" .Values.image }}`).Incomplete; why != "" {
		t.Errorf("missing: %s", why)
	}
	for _, in := range []string{"{{ if }}", "{{ .a", `{{ "a }}`} {
		if NewSet().Add("a", in) == nil {
			t.Errorf("%s is parsed", in)
		}
	}
}

func TestMergeAndFiles(t *testing.T) {
	got := Merge(ParseValues("a", "a: {b: 1, c: 2}\nd: 3\n"), ParseValues("b", "a: {b: 4}\nd: null\n"))
	if s := shown(pieces(toText([]Value{got}))); s != "a:\n  b: 4\n  c: 2" {
		t.Errorf("merged: %s", s)
	}
	if got := Files(`{{ .Files.Get "a" }} {{ (.Files.Get ("b")) }} {{ .Files.Get $x }}`); len(got) != 2 {
		t.Errorf("files: %q", got)
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"{{ range .Values }}{{ . }}{{ end }}", `{{ tpl "{{ . }}" . }}`,
		`{{ toYaml . | fromYaml | toYaml | nindent 3 | trim | quote }}`,
		`{{ index .Values.list 7 }}{{ (index .Values.list 0).a.b }}{{ printf "%5d%q" 1 }}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		s := NewSet()
		if s.Add("a", src) == nil {
			s.Render("a", Dot(Chart{Dir: "."}, ParseValues("values.yaml", testValues)))
		}
	})
}
