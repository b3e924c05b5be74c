package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// TestDocsCommands holds that every command line in README.md and docs, in a block or in
// the prose, names commands and flags that plumb has, and targets that the Makefile has.
func TestDocsCommands(t *testing.T) {
	plumb := newCommandLine()
	known := plumb.allFlags(t)
	span := regexp.MustCompile("`([^`]+)`")
	command := regexp.MustCompile(`^(source <\()?(plumb|kubectl plumb|make) `)
	checked := 0
	for _, d := range documents(t) {
		check := func(line int, command string) {
			checked++
			if err := plumb.check(t, command); err != nil {
				t.Errorf("%s:%d: %s: %v", d.file, line, command, err)
			}
		}
		for _, b := range d.blocks {
			for _, c := range b.commands() {
				check(b.line, c.line)
			}
		}
		for i, line := range d.prose {
			for _, m := range span.FindAllStringSubmatch(line, -1) {
				switch {
				case command.MatchString(m[1]):
					check(i+1, m[1])
				case strings.HasPrefix(m[1], "--"):
					flag, _, _ := strings.Cut(strings.Fields(m[1])[0], "=")
					if !known[flag] && !slices.Contains(otherFlags, flag) {
						t.Errorf("%s:%d: plumb has no flag %s", d.file, i+1, flag)
					}
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d command lines were found", checked)
	}
}

// otherFlags are those of other programs that the prose names.
var otherFlags = []string{"--no-verify", "--reloader-image"}

// commandLine knows plumb's commands.
type commandLine struct {
	app     *ucli.App
	targets []string // of the Makefile
}

func newCommandLine() commandLine {
	app := newApp(&cli.IO{Build: cli.Build{Version: "v1.2.3"}}, nil)
	app.Setup() // adds --help and --version
	return commandLine{app: app}
}

// commandHelp is what a command's help says.
type commandHelp struct {
	flags     map[string]bool // whether it wants a value
	commands  []string
	takesArgs bool
}

// of returns what the help of a command says, nil if there is no such command.
func (c *commandLine) of(words ...string) *commandHelp {
	h := &commandHelp{flags: map[string]bool{}}
	commands, flags := c.app.Commands, c.app.Flags
	for _, word := range words {
		command := cli.Find(commands, word)
		if command == nil {
			return nil
		}
		commands, flags = command.Subcommands, append(slices.Clone(command.Flags), ucli.HelpFlag)
		h.takesArgs = command.ArgsUsage != ""
	}
	for _, o := range cli.Options(flags) {
		for _, name := range o.Names {
			h.flags[name] = o.Value != ""
		}
	}
	for _, command := range commands {
		h.commands = append(h.commands, command.Name)
	}
	return h
}

// allFlags are the flags of all commands.
func (c *commandLine) allFlags(t *testing.T, words ...string) map[string]bool {
	t.Helper()
	h := c.of(words...)
	if h == nil {
		t.Fatalf("plumb %s --help shows nothing", strings.Join(words, " "))
	}
	all := map[string]bool{}
	for flag := range h.flags {
		all[flag] = true
	}
	for _, name := range h.commands {
		maps.Copy(all, c.allFlags(t, append(slices.Clone(words), name)...))
	}
	return all
}

// check says what of a shell's command line does not exist.
func (c *commandLine) check(t *testing.T, line string) error {
	t.Helper()
	for _, words := range simpleCommands(line) {
		var err error
		switch name := path.Base(words[0]); {
		case name == "plumb":
			err = c.checkPlumb(words[1:])
		case name == "kubectl" && len(words) > 1 && words[1] == "plumb":
			err = c.checkPlumb(words[2:])
		case name == "make":
			err = c.checkMake(t, words[1:])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *commandLine) checkPlumb(words []string) error {
	var command, args []string
	for i := 0; i < len(words); i++ {
		word := words[i]
		if word == "-" || !strings.HasPrefix(word, "-") {
			longer := append(slices.Clone(command), word)
			if len(args) == 0 && c.of(longer...) != nil {
				command = longer
			} else {
				args = append(args, word)
			}
			continue
		}
		flag, _, hasValue := strings.Cut(word, "=")
		wantsValue, ok := c.of(command...).flags[flag]
		if !ok {
			return fmt.Errorf("plumb %s has no flag %s", strings.Join(command, " "), flag)
		}
		if wantsValue && !hasValue {
			i++
		}
	}
	if len(args) > 0 && !c.of(command...).takesArgs {
		return fmt.Errorf("plumb %s has no command and takes no argument %s",
			strings.Join(command, " "), args[0])
	}
	return nil
}

func (c *commandLine) checkMake(t *testing.T, words []string) error {
	t.Helper()
	if c.targets == nil {
		data, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
		if err != nil {
			t.Fatal(err)
		}
		target := regexp.MustCompile(`(?m)^([a-z]+):`)
		for _, m := range target.FindAllStringSubmatch(string(data), -1) {
			c.targets = append(c.targets, m[1])
		}
	}
	for _, word := range words {
		if !strings.Contains(word, "=") && !slices.Contains(c.targets, word) {
			return fmt.Errorf("the Makefile has no target %s", word)
		}
	}
	return nil
}

// simpleCommands splits a command line into the words of each command in it. It knows
// quotes, backslashes at ends of lines, pipes, lists, redirections and substitutions.
func simpleCommands(line string) [][]string {
	var all [][]string
	var words []string
	var word strings.Builder
	inWord, quote := false, rune(0)
	endWord := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for _, r := range strings.ReplaceAll(line, "\\\n", " ") {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case strings.ContainsRune("|&;<>()\n", r):
			endWord()
			if len(words) > 0 {
				all = append(all, words)
			}
			words = nil
		case r == ' ' || r == '\t':
			endWord()
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	endWord()
	if len(words) > 0 {
		all = append(all, words)
	}
	return all
}

func TestDocsCommandsFindsWhatDoesNotExist(t *testing.T) {
	plumb := newCommandLine()
	for _, line := range []string{
		"plumb", "plumb lock", "plumb lock apps/web --check", "plumb lock update 'ghcr.io/acme/**'",
		"plumb verify -", "plumb verify --rev HEAD apps", "plumb explain RULE",
		"plumb -C apps verify --output=sarif > x.sarif", "kustomize build . | plumb verify -",
		"source <(plumb completion bash)", "kubectl plumb verify", "make test",
		"make install PREFIX=/opt",
		"plumb admission policy --exempt kube-system \\\n  --check",
	} {
		if err := plumb.check(t, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{
		"plumb lokc", "plumb lock --chek", "plumb policy chek", "plumb lock update --mode x",
		"git add -A && plumb verfy", "kubectl plumb lokc", "make tests", "plumb lock \\\n  --chek",
		"plumb -D apps verify", "plumb version it",
	} {
		if err := plumb.check(t, line); err == nil {
			t.Errorf("%s: nothing is found wrong with it", line)
		}
	}
}
