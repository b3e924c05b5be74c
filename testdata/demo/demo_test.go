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
	var out strings.Builder
	if err := run(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	rest = out.String()
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
