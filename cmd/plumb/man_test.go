package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// manualPage is what the command prints as its manual, built of a commit as the
// Makefile does.
func manualPage(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plumb")
	flags := "-X main.version=v1.2.3 -X main.commit=5b1f -X main.commitTime=2026-01-02T03:04:05Z"
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", flags, "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building plumb: %v\n%s", err, out)
	}
	out, err := exec.Command(path, "man").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// formatters are the programs that people's man runs.
var formatters = []struct{ name, lint, show string }{
	{"mandoc", "-T lint -W warning", "-T utf8 -O width=110"},
	{"groff", "-man -T utf8 -ww -z", "-man -T utf8 -ww -rLL=110n"},
}

// A formatter finds nothing wrong with the page, and its reader all sections,
// every command, and examples as they are typed.
func TestManualPageReads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plumb.1")
	writeFile(t, path, manualPage(t))
	checked := false
	for _, f := range formatters {
		if _, err := exec.LookPath(f.name); err != nil {
			continue
		}
		checked = true
		lint := exec.Command(f.name, append(strings.Fields(f.lint), path)...)
		if out, err := lint.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s %s: %v\n%s", f.name, f.lint, err, out)
		}
		out, err := exec.Command(f.name, append(strings.Fields(f.show), path)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		shows(t, f.name, regexp.MustCompile("\x1b\\[[0-9;]*m|.\b").ReplaceAllString(string(out), ""))
	}
	if !checked {
		if os.Getenv("CI") != "" {
			t.Fatal("neither mandoc nor groff is installed: CI has to have one")
		}
		t.Skip("neither mandoc nor groff is installed")
	}
}

func shows(t *testing.T, formatter, text string) {
	t.Helper()
	for _, want := range []string{
		"\nNAME\n", "\nSYNOPSIS\n", "\nDESCRIPTION\n", "\nCOMMANDS\n", "\nCOMMON FLAGS\n",
		"\nEXIT STATUS\n", "\nFILES\n", "\nENVIRONMENT\n",
		"plumb - pin what", "plumb lock update [flags] [NAME…]", "-o, --output=FORMAT", "--keep-going",
		"plumb lock update 'ghcr.io/acme/**'\n",
		"jq -r '.references[] | select(.pinned | not) | .file'",
		"~/.docker/config.json", "HTTPS_PROXY, HTTP_PROXY", "plumb v1.2.3", "2026-01-02",
		"plumb policy check [flags] [NAME…]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the manual page that %s shows has no %q:\n%s", formatter, want, text)
		}
	}
}

// The manual and README.md tell the same of exit statuses.
func TestManualAndReadmeAgreeOnExitStatuses(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(readme(t), "| status | means |\n|---|---|\n")
	table, _, found := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatal("README.md has no table of exit statuses")
	}
	_, rest, _ = strings.Cut(manualPage(t), ".SH EXIT STATUS\n")
	section, _, _ := strings.Cut(rest, ".SH")
	item := regexp.MustCompile(`(?s)\.TP\n\\fB(\d)\\fP\n(.*?)\n\n+`)
	got := item.ReplaceAllString(section, "| $1 | $2 |\n")
	got = strings.NewReplacer(`\-`, "-").Replace(got)
	if want := strings.ReplaceAll(table, "`", "") + "\n"; got != want {
		t.Errorf("the manual page has the exit statuses\n%swant those of README.md\n%s", got, want)
	}
}
