// Package complete completes command lines in shells, from the tree of commands
// and flags.
package complete

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

// The hidden commands that the completion scripts of all shells run. Both print
// a candidate a line, its description behind a tab, and last a line with a
// directive: the protocol of cobra's __complete, which kubectl understands.
const (
	// WORD…: the words after plumb, of which the last one is to be completed
	completeCommand = "__complete"
	// LINE TEXT: the line up to the cursor, and what the shell replaces
	completeLineCommand = "__complete-line"
)

// directive tells the shell what to do besides offering candidates. Its bits
// are those of cobra's ShellCompDirective.
type directive int

const (
	alsoFiles   directive = 0
	noSpace     directive = 2
	noFiles     directive = 4
	directories directive = 16
)

// Candidate is what may take the place of the word that is completed.
type Candidate struct {
	Text string
	Says string // what it is; may be ""
}

// Source lists what an argument may be in a directory, as far as it may begin with
// word. Candidates that do not are left out later.
type Source func(ctx context.Context, dir, word string) []Candidate

// Completer completes the command lines of an app.
type Completer struct {
	App *ucli.App
	// Sources are those of the arguments of commands, by what ArgsUsage calls them:
	// "NAME".
	Sources map[string]Source
}

// Answer answers a completion script on out; false if that is not what args, a
// command line, are for. It has no errors: where something is wrong there is nothing
// to offer.
func (c *Completer) Answer(ctx context.Context, args []string, out io.Writer) bool {
	if len(args) < 2 {
		return false
	}
	c.App.Setup() // adds --help and --version
	switch args[1] {
	case completeCommand:
		if len(args) > 2 {
			found, d := c.candidates(ctx, args[2:])
			offer(out, found, d)
		}
	case completeLineCommand:
		if len(args) == 4 {
			words, quoted := shellWords(args[2])
			found, d := c.candidates(ctx, words)
			offer(out, replacing(found, words[len(words)-1], quoted, args[3]), d)
		}
	default:
		return false
	}
	return true
}

// offer prints candidates. A shell that does not read them has no use for an error.
func offer(out io.Writer, candidates []Candidate, d directive) {
	for _, c := range candidates {
		if c.Says == "" {
			_, _ = fmt.Fprintf(out, "%s\n", c.Text)
			continue
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\n", c.Text, c.Says)
	}
	_, _ = fmt.Fprintf(out, ":%d\n", d)
}

// candidates are those for the last of words. What does not begin with it is
// left out.
func (c *Completer) candidates(ctx context.Context, words []string) ([]Candidate, directive) {
	at, word := walk(c.App, words[:len(words)-1]), words[len(words)-1]
	var found []Candidate
	d := noFiles
	switch name, value, assigned := strings.Cut(word, "="); {
	case at.open != nil:
		found, d = at.values(*at.open, word)
	case at.ended || !strings.HasPrefix(word, "-"):
		if len(at.operands) == 0 && !at.ended {
			found = visible(at.commands)
		}
		more, rest := c.operandValues(ctx, at, word)
		found, d = append(found, more...), rest
	case assigned:
		o, ok := at.option(name)
		if !ok || o.Value == "" {
			break
		}
		found, d = at.values(o, value)
		for i := range found {
			found[i].Text = name + "=" + found[i].Text
		}
	default:
		found = at.unused()
	}
	return fitting(found, word), d
}

// fitting are the candidates that begin with word and can be told on a line.
func fitting(candidates []Candidate, word string) []Candidate {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	return slices.DeleteFunc(candidates, func(c Candidate) bool {
		return !strings.HasPrefix(c.Text, word) || strings.ContainsFunc(c.Text, control)
	})
}

func visible(commands []*ucli.Command) []Candidate {
	var out []Candidate
	for _, c := range commands {
		if !c.Hidden {
			out = append(out, Candidate{c.Name, c.Usage})
		}
	}
	return out
}
