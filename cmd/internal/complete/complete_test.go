package complete

import (
	"bytes"
	"context"
	"testing"

	ucli "github.com/urfave/cli/v2"
)

// The arguments of a command come from the source of what help calls them; the
// values of flags do not.
func TestSources(t *testing.T) {
	app := &ucli.App{Commands: []*ucli.Command{{Name: "explain", ArgsUsage: "[RULE]",
		Flags: []ucli.Flag{&ucli.StringFlag{Name: "as", Usage: "explain `RULE` instead"}}}}}
	c := &Completer{App: app, Sources: map[string]Source{
		"RULE": func(_ context.Context, dir, word string) []Candidate {
			return []Candidate{{"unpinned", "no digest"}, {"unlocked", dir + word}}
		},
	}}
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"explain", "unp"}, "unpinned\tno digest\n:4\n"},
		{[]string{"explain", "unpinned", ""}, ":4\n"},
		{[]string{"explain", "--as", "unp"}, ":4\n"},
	} {
		var out bytes.Buffer
		if !c.Answer(t.Context(), append([]string{"plumb", completeCommand}, tt.words...), &out) {
			t.Fatalf("%q is not taken for a completion", tt.words)
		}
		if out.String() != tt.want {
			t.Errorf("%q is completed by %q, want %q", tt.words, out.String(), tt.want)
		}
	}
	if c.Answer(t.Context(), []string{"plumb", "explain"}, &bytes.Buffer{}) {
		t.Error("a command is taken for a completion")
	}
}

func TestScript(t *testing.T) {
	for _, shell := range Shells() {
		if text, ok := Script(shell); !ok || len(text) == 0 {
			t.Errorf("there is no script for %s", shell)
		}
	}
	if _, ok := Script("../scripts/plumb.bash"); ok {
		t.Error("a path is taken for a shell")
	}
}
