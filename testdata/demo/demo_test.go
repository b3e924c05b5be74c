package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The session in README.md is one that happens: its lines are lines of the
// demo's output, in this order, but for what "…" leaves out.
func TestReadmeShowsTheDemo(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```console\n")
	session, _, found := strings.Cut(rest, "```\n")
	if !found || strings.TrimSpace(session) == "" {
		t.Fatal("README.md has no session")
	}
	t.Setenv("TMPDIR", t.TempDir())
	var out strings.Builder
	if err := run(t.Context(), &out, true); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	rest = out.String()
	checkKept(t, rest)
	for line := range strings.Lines(session) {
		line = strings.TrimSuffix(line, "\n")
		pattern := "(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$"
		place := regexp.MustCompile(pattern).FindStringIndex(rest)
		if place == nil {
			t.Fatalf("README.md's session has a line that the demo has not, or not there: %s", line)
		}
		rest = rest[place[1]:]
	}
}

// checkKept holds that the folder that the demo names is there, with what it says.
func checkKept(t *testing.T, output string) {
	t.Helper()
	kept := regexp.MustCompile(`(?m)^kept: the repository (.*), and (.*)$`).FindStringSubmatch(output)
	if kept == nil {
		t.Fatalf("the output does not say what is kept:\n%s", output)
	}
	for _, path := range []string{filepath.Join(kept[1], "plumb.lock"), kept[2]} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// Without an API server, admission is shown as far as it goes, and what is not is said.
func TestAdmissionWithoutAPIServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	steps := admission(t.Context(), &pushes{})
	last := steps[len(steps)-1]
	if last.command != "" || last.change != nil || !strings.Contains(last.say, "NOT SHOWN") {
		t.Errorf("the last step is %+v", last)
	}
	if explain := steps[len(steps)-2].command; !strings.HasPrefix(explain, "plumb admission explain") {
		t.Errorf("the step before is %s", explain)
	}
}

func TestCheckRefuses(t *testing.T) {
	promised := step{exit: 1, shows: []string{"one", "two"}, asks: 3}
	if err := promised.check("one, then two", 1, 3); err != nil {
		t.Fatalf("an outcome that is as promised: %v", err)
	}
	for name, err := range map[string]error{
		"another status":          promised.check("one, then two", 0, 3),
		"less output":             promised.check("one", 1, 3),
		"output in another order": promised.check("two, then one", 1, 3),
		"other requests":          promised.check("one, then two", 1, 4),
	} {
		if err == nil {
			t.Errorf("%s: is taken for what was promised", name)
		}
	}
}
