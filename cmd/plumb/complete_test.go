package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

const completeLock = `# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.
version: 1
entries:
  - image: docker.io/library/nginx:1.27
    digest: sha256:6af79ae5de407283dcea8b00d5c37ace95441fd58a8b1d2aa1ed93f5511bb18c
    mediaType: application/vnd.oci.image.index.v1+json
  - image: ghcr.io/acme/api:v3
    digest: sha256:6af79ae5de407283dcea8b00d5c37ace95441fd58a8b1d2aa1ed93f5511bb18c
    mediaType: application/vnd.oci.image.index.v1+json
`

// completeTree is a directory with a lock, and one inside of it with another.
func completeTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plumb.yaml":                "apiVersion: plumb.dev/v1\nkind: Config\n",
		"plumb.lock":                completeLock,
		"my file.yaml":              "",
		"sub dir/plumb.yaml":        "apiVersion: plumb.dev/v1\nkind: Config\n",
		"sub dir/plumb.lock":        strings.ReplaceAll(completeLock, "ghcr.io/acme/api:v3", "quay.io/acme/db:16"),
		"sub dir/inner file.yaml":   "",
		"sub dir/.hidden.yaml":      "",
		"sub dir/apps/web.yaml":     "",
		"broken/plumb.yaml":         "apiVersion: plumb.dev/v1\nkind: Config\n",
		"broken/plumb.lock":         "version: nonsense\n",
		"odd/new\nline.yaml":        "",
		"odd/tab\tand\x1bcolour.sh": "",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCandidates(t *testing.T) {
	t.Chdir(completeTree(t))
	tests := []struct {
		words string // separated by |
		want  string // separated by blanks
		d     directive
	}{
		{"lis", "list", noFiles},
		{"outd", "outdated", noFiles},
		{"x", "", noFiles},
		{"lock|u", "update", alsoFiles},
		{"lock|apps|u", "", alsoFiles},
		{"help|lis", "list", noFiles},
		{"help|lock|up", "update", alsoFiles},
		{"--ver", "--verbose --version", noFiles},
		{"lock|--ch", "--check", noFiles},
		{"lock|--check|--ch", "", noFiles},
		{"lock|update|--ch", "--check", noFiles},
		{"lock|--vers", "", noFiles},
		{"lock|--|--ch", "", alsoFiles},
		{"lock|--|u", "", alsoFiles},
		{"verify|--output|te", "text", noFiles},
		{"--output|te", "text", noFiles},
		{"verify|-o|te", "text", noFiles},
		{"verify|--output=te", "--output=text", noFiles},
		{"verify|-output=te", "-output=text", noFiles},
		{"verify|--staged=x", "", noFiles},
		{"verify|--rev|", "", noFiles},
		{"--quiet|verify|--st", "--staged", noFiles},
		{"verify|deploy|--st", "--staged", noFiles},
		{"version|", "", noFiles},
		{"completion|", "bash zsh fish kubectl", noFiles},
		{"completion|zsh|", "", noFiles},
		{"lock|update|", "docker.io/library/nginx:1.27 ghcr.io/acme/api:v3", noFiles},
		{"lock|update|n", "nginx:1.27", noFiles},
		{"lock|update|ghcr.io/acme/api:v3|gh", "", noFiles},
		{"outdated|gh", "ghcr.io/acme/api:v3", noFiles},
		{"outdated|gx", "", noFiles},
		{"-C|", "", directories},
		{"-C|sub dir|outdated|q", "quay.io/acme/db:16", noFiles},
		{"outdated|-C=sub dir|q", "quay.io/acme/db:16", noFiles},
		{"-C|broken|outdated|", "", noFiles},
		{"-C|nowhere|outdated|", "", noFiles},
		{"-C|sub dir|verify|p", "plumb.lock plumb.yaml", noFiles},
		{"-C|sub dir|verify|a", "apps/", noFiles | noSpace},
		{"-C|sub dir|verify|apps/", "apps/web.yaml", noFiles},
		{"-C|sub dir|verify|.h", ".hidden.yaml", noFiles},
		{"-C|sub dir|verify|/", "", alsoFiles},
		{"-C|odd|verify|", "", noFiles},
		{"verify|my", "", alsoFiles},
	}
	for _, tt := range tests {
		s := &session{IO: &cli.IO{Build: cli.Build{Version: "v1.2.3"}}}
		app := newApp(s)
		app.Setup()
		got, d := s.candidates(t.Context(), app, strings.Split(tt.words, "|"))
		var texts []string
		for _, c := range got {
			texts = append(texts, c.text)
		}
		if text := strings.Join(texts, " "); text != tt.want || d != tt.d {
			t.Errorf("candidates of %q are %q, directive %d, want %q, %d", tt.words, text, d, tt.want, tt.d)
		}
	}
}

func TestShellWords(t *testing.T) {
	tests := []struct {
		line   string
		want   []string
		quoted bool
	}{
		{"plumb", []string{""}, false},
		{"plumb ", []string{""}, false},
		{"plumb  lock  u", []string{"lock", "u"}, false},
		{"plumb lock ", []string{"lock", ""}, false},
		{"A=1 B= plumb lock ", []string{"lock", ""}, false},
		{`plumb 'a b' "c d" e\ f`, []string{"a b", "c d", "e f"}, false},
		{`plumb a'b'"c"d`, []string{"abcd"}, false},
		{`plumb "" ''`, []string{"", ""}, false},
		{`plumb "a\"\$\x`, []string{`a"$\x`}, true},
		{`plumb 'a\`, []string{`a\`}, true},
		{`plumb a\`, []string{"a"}, false},
		{"plumb $(touch x) `y`", []string{"$(touch", "x)", "`y`"}, false},
	}
	for _, tt := range tests {
		got, quoted := shellWords(tt.line)
		if diff := cmp.Diff(tt.want, got); diff != "" || quoted != tt.quoted {
			t.Errorf("shellWords(%q): quoted %v, words (-want +got):\n%s", tt.line, quoted, diff)
		}
	}
}

func TestReplacing(t *testing.T) {
	tests := []struct {
		found, word string
		quoted      bool
		text, want  string
	}{
		{"nginx:1.27", "ngi", false, "ngi", "nginx:1.27"},
		{"nginx:1.27", "nginx:1", false, "1", "1.27"},
		{"nginx:1.27", "nginx:", false, "", "1.27"},
		{"--output=json", "--output=", false, "", "json"},
		{"a b", "a", false, "a", `a\ b`},
		{"a b", "a", true, "a", "a b"},
		{"a b/c d", "a b/c", false, `a\ b/c`, `a\ b/c\ d`},
	}
	for _, tt := range tests {
		got := replacing([]candidate{{text: tt.found}}, tt.word, tt.quoted, tt.text)
		if len(got) != 1 || got[0].text != tt.want {
			t.Errorf("replacing %q in %q by %q gives %v, want %q", tt.text, tt.word, tt.found, got, tt.want)
		}
	}
}

func TestChoices(t *testing.T) {
	tests := []struct{ value, says, want string }{
		{"FORMAT", "FORMAT: text or json", "text json"},
		{"FORMAT", "FORMAT: text, json or sarif", "text json sarif"},
		{"FORMAT", "print as FORMAT: text or json (text by default)", "text json"},
		{"DIR", "run as if started in DIR", ""},
		{"TIME", "TIME: how long it may take", ""},
		{"", "text or json", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(option{value: tt.value, says: tt.says}.choices(), " "); got != tt.want {
			t.Errorf("choices of %q are %q, want %q", tt.says, got, tt.want)
		}
	}
}

func TestOperandsOf(t *testing.T) {
	tests := []struct {
		usage string
		want  []operand
	}{
		{"", nil},
		{"[PATH…]", []operand{{[]string{"PATH"}, true}}},
		{"[PATH…|-]", []operand{{[]string{"PATH"}, true}}},
		{"[RULE]", []operand{{[]string{"RULE"}, false}}},
		{"bash|zsh", []operand{{[]string{"bash", "zsh"}, false}}},
		{"A [B]", []operand{{[]string{"A"}, false}, {[]string{"B"}, false}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, operandsOf(tt.usage), cmp.AllowUnexported(operand{})); diff != "" {
			t.Errorf("operandsOf(%q) (-want +got):\n%s", tt.usage, diff)
		}
	}
}

// A command that takes a rule is offered the rules.
func TestCandidatesOfRules(t *testing.T) {
	s := &session{IO: &cli.IO{}}
	app := &ucli.App{Commands: []*ucli.Command{{Name: "rules", ArgsUsage: "[RULE]"}}}
	got, d := s.candidates(t.Context(), app, []string{"rules", "unp"})
	if diff := cmp.Diff([]candidate{{"unpinned", "the reference has no digest"}}, got, cmp.AllowUnexported(candidate{})); diff != "" || d != noFiles {
		t.Errorf("directive %d, candidates (-want +got):\n%s", d, diff)
	}
	if got, _ := s.candidates(t.Context(), app, []string{"rules", "unpinned", ""}); len(got) > 0 {
		t.Errorf("behind the one rule there are the candidates %v", got)
	}
}
