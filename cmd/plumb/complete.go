package main

import (
	"context"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"
)

// The hidden commands that the completion scripts of all shells run. Both print
// a candidate a line, its description behind a tab, and last a line with a
// directive: the protocol of cobra's __complete, which kubectl understands.
const (
	completeCommand     = "__complete"      // WORD…: the words behind plumb, the last one to be completed
	completeLineCommand = "__complete-line" // LINE TEXT: the line up to the cursor, and what the shell replaces
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

// candidate is what may stand in the place of the word that is completed.
type candidate struct{ text, says string }

// complete answers a completion script; false if that is not what args ask for.
// It has no errors: where something is amiss there is nothing to offer.
func (s *session) complete(ctx context.Context, app *ucli.App, args []string) bool {
	if len(args) < 2 {
		return false
	}
	app.Setup() // adds --help and --version
	switch args[1] {
	case completeCommand:
		if len(args) > 2 {
			s.offer(s.candidates(ctx, app, args[2:]))
		}
	case completeLineCommand:
		if len(args) == 4 {
			words, quoted := shellWords(args[2])
			found, d := s.candidates(ctx, app, words)
			s.offer(replacing(found, words[len(words)-1], quoted, args[3]), d)
		}
	default:
		return false
	}
	return true
}

func (s *session) offer(candidates []candidate, d directive) {
	for _, c := range candidates {
		if c.says == "" {
			s.Printf("%s\n", c.text)
			continue
		}
		s.Printf("%s\t%s\n", c.text, c.says)
	}
	s.Printf(":%d\n", d)
}

// candidates are those for the last of words. What does not begin with it is
// left out.
func (s *session) candidates(ctx context.Context, app *ucli.App, words []string) ([]candidate, directive) {
	at, word := walk(app, words[:len(words)-1]), words[len(words)-1]
	var found []candidate
	d := noFiles
	switch name, value, assigned := strings.Cut(word, "="); {
	case at.open != nil:
		found, d = s.values(ctx, at, *at.open, word)
	case at.ended || !strings.HasPrefix(word, "-"):
		if len(at.operands) == 0 && !at.ended {
			found = visible(at.commands)
		}
		more, rest := s.operandValues(ctx, at, word)
		found, d = append(found, more...), rest
	case assigned:
		o, ok := at.option(name)
		if !ok || o.value == "" {
			break
		}
		found, d = s.values(ctx, at, o, value)
		for i := range found {
			found[i].text = name + "=" + found[i].text
		}
	default:
		found = at.unused()
	}
	return fitting(found, word), d
}

// fitting are the candidates that begin with word and can be told on a line.
func fitting(candidates []candidate, word string) []candidate {
	return slices.DeleteFunc(candidates, func(c candidate) bool {
		return !strings.HasPrefix(c.text, word) || strings.ContainsFunc(c.text, func(r rune) bool { return r < ' ' || r == 0x7f })
	})
}

func visible(commands []*ucli.Command) []candidate {
	var out []candidate
	for _, c := range commands {
		if !c.Hidden {
			out = append(out, candidate{c.Name, c.Usage})
		}
	}
	return out
}
