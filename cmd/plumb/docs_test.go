package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// docScripts has a script a document. The script makes what the document takes for
// granted, and plays the document's blocks of commands there.
var docScripts = filepath.Join("..", "..", "testdata", "docs")

// TestDocs runs testdata/docs/*.txtar: scripts as those in testdata/script, with two
// more commands.
//
//	doc FILE HEADING[/NUMBER] [STATUS…]
//
// runs the commands of a block, the first one under the heading if no number is given,
// each with sh. They must end with these exit statuses, 0 if none is given, and print
// what the block shows: "…" is any text, and any lines where it is alone.
//
//	docfiles FILE HEADING
//
// writes the YAML blocks of a section whose first line is "# PATH".
func TestDocs(t *testing.T) {
	all := documents(t)
	p := scriptParams()
	p.Dir = docScripts
	p.Cmds["doc"] = func(ts *testscript.TestScript, neg bool, args []string) {
		cmdDoc(ts, neg, args, all)
	}
	p.Cmds["docfiles"] = func(ts *testscript.TestScript, neg bool, args []string) {
		cmdDocFiles(ts, neg, args, all)
	}
	testscript.Run(t, p)
}

func cmdDoc(ts *testscript.TestScript, neg bool, args []string, all []*document) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: doc FILE HEADING[/NUMBER] [STATUS…]")
	}
	b, ok := findBlock(all, args[0], args[1])
	if !ok {
		ts.Fatalf("there is no block of commands %s %s", args[0], args[1])
	}
	statuses, commands := args[2:], b.commands()
	if len(statuses) > len(commands) {
		ts.Fatalf("%s has %d commands", b.id(), len(commands))
	}
	for i, c := range commands {
		want := "0"
		if i < len(statuses) {
			want = statuses[i]
		}
		if got := strconv.Itoa(runDocCommand(ts, c.line)); got != want {
			ts.Fatalf("%s:%d: %s: exit status %s, want %s", b.file, b.line, c.line, got, want)
		}
		got := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if len(c.output) > 0 && !outputPattern(c.output).MatchString(got) {
			ts.Fatalf("%s:%d: %s prints\n%swant\n%s",
				b.file, b.line, c.line, got, strings.Join(c.output, "\n"))
		}
	}
}

// runDocCommand runs a command line and returns its exit status. What must work offline
// is run where a socket kills it.
func runDocCommand(ts *testscript.TestScript, line string) int {
	words := strings.Fields(line)
	if words[0] == "plumb" && worksOffline(words) && !strings.Contains(line, "&&") {
		ts.Setenv(offlineEnv, "1")
		defer ts.Setenv(offlineEnv, "")
	}
	err := ts.Exec("sh", "-c", line)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("%v", err)
	return -1
}

// outputPattern matches the output that a block shows.
func outputPattern(lines []string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`\A`)
	for _, line := range lines {
		if strings.TrimSpace(line) == "…" {
			b.WriteString(`(?:.*\n)*`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + `\n`)
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

func cmdDocFiles(ts *testscript.TestScript, neg bool, args []string, all []*document) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: docfiles FILE HEADING")
	}
	written := 0
	for _, b := range blocksOf(all) {
		first, text, _ := strings.Cut(b.text, "\n")
		path, ok := strings.CutPrefix(first, "# ")
		if b.file != args[0] || b.heading != args[1] || b.language != "yaml" || !ok {
			continue
		}
		name := ts.MkAbs(filepath.FromSlash(path))
		ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
		ts.Check(os.WriteFile(name, []byte(text), 0o644))
		written++
	}
	if written == 0 {
		ts.Fatalf("%s has no files below %s", args[0], args[1])
	}
}

// blocksOf are the fenced blocks of all documents.
func blocksOf(all []*document) []docBlock {
	var out []docBlock
	for _, d := range all {
		out = append(out, d.blocks...)
	}
	return out
}

// findBlock returns a block of commands by its heading, and its number if that is not 1.
func findBlock(all []*document, file, heading string) (docBlock, bool) {
	if !strings.Contains(heading, "/") {
		heading += "/1"
	}
	for _, b := range blocksOf(all) {
		if b.number > 0 && b.id() == file+" "+heading {
			return b, true
		}
	}
	return docBlock{}, false
}

// notPlayed are the blocks of commands that no script plays, and why. TestDocsCommands
// holds that their commands and flags exist.
var notPlayed = map[string]string{
	"README.md plumb/1":   "testdata/demo plays it",
	"README.md install/1": "it would install on this machine",
	"README.md install/2": "it would run this test",

	"CONTRIBUTING.md build-and-test/1": "it would run this test",
	"CONTRIBUTING.md build-and-test/2": "it would install on this machine",
	"CONTRIBUTING.md build-and-test/3": "it would run this test",
	"CONTRIBUTING.md make-a-release/1": "it builds all archives, for minutes",

	"docs/admission.md install/2": "it serves until it is stopped",
}

// Every block of commands is played, or is here with a reason.
func TestDocsArePlayed(t *testing.T) {
	playing := regexp.MustCompile(`(?m)^doc (\S+) (\S+)`)
	played := map[string]bool{}
	all := documents(t)
	scripts, err := filepath.Glob(filepath.Join(docScripts, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		data, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range playing.FindAllStringSubmatch(string(data), -1) {
			if b, ok := findBlock(all, m[1], m[2]); ok {
				played[b.id()] = true
			}
		}
	}
	for _, b := range blocksOf(all) {
		if b.number == 0 {
			continue
		}
		if _, excused := notPlayed[b.id()]; excused == played[b.id()] {
			t.Errorf("%s:%d: %s: played %v, excused %v; want one of them",
				b.file, b.line, b.id(), played[b.id()], excused)
		}
	}
	for id := range notPlayed {
		file, heading, _ := strings.Cut(id, " ")
		if _, ok := findBlock(all, file, heading); !ok {
			t.Errorf("notPlayed has %s, which does not exist", id)
		}
	}
}

func TestOutputPattern(t *testing.T) {
	for _, tt := range []struct {
		shown, got string
		ok         bool
	}{
		{"one\ntwo", "one\ntwo\n", true},
		{"one\ntwo", "one\nand\ntwo\n", false},
		{"one\n…\ntwo", "one\nand\ntwo\n", true},
		{"one\n…\ntwo", "one\ntwo\n", true},
		{"one", "one\ntwo\n", false},
		{"one\n…", "one\ntwo\n", true},
		{"sha256:ab… (added)", "sha256:abcd (added)\n", true},
		{"sha256:ab… (added)", "sha256:abcd (moved)\n", false},
		{"a.c", "abc\n", false},
	} {
		if ok := outputPattern(strings.Split(tt.shown, "\n")).MatchString(tt.got); ok != tt.ok {
			t.Errorf("%q shows %q: %v, want %v", tt.shown, tt.got, ok, tt.ok)
		}
	}
}
