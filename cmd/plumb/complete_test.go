package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// lockHead is the first line of a lock.
const lockHead = "# plumb.lock: what this tree's external inputs are, by content. " +
	"Written by plumb; commit it.\n"

const completeLock = lockHead + `version: 1
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
		"plumb.yaml":         "apiVersion: plumb.dev/v1\nkind: Config\n",
		"plumb.lock":         completeLock,
		"my file.yaml":       "",
		"sub dir/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n",
		"sub dir/plumb.lock": strings.ReplaceAll(
			completeLock, "ghcr.io/acme/api:v3", "quay.io/acme/db:16"),
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

// What a shell does besides offering candidates, as cobra has it.
const (
	alsoFiles   = 0
	noSpace     = 2
	noFiles     = 4
	directories = 16
)

func TestCandidates(t *testing.T) {
	t.Chdir(completeTree(t))
	tests := []struct {
		words string // separated by |
		want  string // separated by blanks
		d     int
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
		var out bytes.Buffer
		io := &cli.IO{Build: cli.Build{Version: "v1.2.3"}}
		args := append([]string{"plumb", "__complete"}, strings.Split(tt.words, "|")...)
		newCompleter(newApp(io, nil)).Answer(t.Context(), args, &out)
		candidates, d, _ := strings.Cut("\n"+out.String(), "\n:")
		var texts []string
		for line := range strings.Lines(candidates[min(1, len(candidates)):]) {
			text, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			texts = append(texts, text)
		}
		want := strconv.Itoa(tt.d) + "\n"
		if text := strings.Join(texts, " "); text != tt.want || d != want {
			t.Errorf("candidates of %q are %q, directive %s, want %q, %s", tt.words, text, d, tt.want, want)
		}
	}
}
