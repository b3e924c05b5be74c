package complete

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// position is where on a command line a word is to be completed.
type position struct {
	command  *ucli.Command   // nil before there is one
	commands []*ucli.Command // that may follow
	options  []cli.Option
	given    map[string]string // options by their first name, with their values
	open     *cli.Option       // the one whose value is to be completed
	operands []string
	ended    bool // by --: there are no options any more
}

// walk reads the words before the one that is completed as cli.Arrange does.
func walk(app *ucli.App, words []string) position {
	p := position{commands: app.Commands, options: cli.Options(app.Flags), given: map[string]string{}}
	for _, w := range words {
		name, value, assigned := strings.Cut(w, "=")
		c := cli.Find(p.commands, w)
		switch {
		case p.open != nil:
			p.given[p.open.Names[0]] = home(w)
			p.open = nil
		case p.ended:
			p.operands = append(p.operands, w)
		case w == "--":
			p.ended = true
		case len(w) > 1 && w[0] == '-':
			o, ok := p.option(name)
			if !ok {
				break
			}
			p.given[o.Names[0]] = home(value)
			if o.Value != "" && !assigned {
				p.open = &o
			}
		case c != nil && len(p.operands) == 0:
			p.enter(c)
		case w == "help" && p.command == nil && len(p.operands) == 0:
			// plumb help lock
		default:
			p.operands = append(p.operands, w)
		}
	}
	return p
}

// home is a value as the shell will give it: a script for completion sees it
// with its tilde.
func home(value string) string {
	rest, ok := strings.CutPrefix(value, "~/")
	if dir, err := os.UserHomeDir(); ok && err == nil {
		return filepath.Join(dir, rest)
	}
	return value
}

// enter goes on in a command. What was known of flags before stays.
func (p *position) enter(c *ucli.Command) {
	p.command, p.commands = c, c.Subcommands
	known := p.options
	p.options = cli.Options(c.Flags)
	for _, o := range known {
		if _, again := p.option(o.Names[0]); !again && o.Names[0] != "--version" {
			p.options = append(p.options, o)
		}
	}
}

// option finds an option by one of its names. The flag package takes one dash
// for two.
func (p *position) option(name string) (cli.Option, bool) {
	bare := strings.TrimLeft(name, "-")
	for _, o := range p.options {
		if slices.ContainsFunc(o.Names, func(n string) bool { return strings.TrimLeft(n, "-") == bare }) {
			return o, true
		}
	}
	return cli.Option{}, false
}

// unused are the options that may still be given.
func (p *position) unused() []Candidate {
	var out []Candidate
	for _, o := range p.options {
		if _, given := p.given[o.Names[0]]; !given || o.Repeated {
			out = append(out, Candidate{o.Names[0], o.Says})
		}
	}
	return out
}

// operand is what the word that is completed may be, if it is an argument.
func (p *position) operand() (operand, bool) {
	if p.command == nil {
		return operand{}, false
	}
	operands := operandsOf(p.command.ArgsUsage)
	switch n := len(p.operands); {
	case n < len(operands):
		return operands[n], true
	case len(operands) > 0 && operands[len(operands)-1].repeated:
		return operands[len(operands)-1], true
	}
	return operand{}, false
}
