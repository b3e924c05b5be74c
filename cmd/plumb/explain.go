package main

import (
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify"
)

func explainCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "explain",
		Category:  cli.CategoryEveryday,
		Usage:     "explain a rule and how to fix its findings",
		ArgsUsage: "[RULE]",
		Description: `Prints what a rule of plumb verify checks, why, how to fix its findings, and an
example. Without a RULE it lists all rules.`,
		UsageText: `# List all rules
plumb explain

# Explain one rule
plumb explain unpinned`,
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			switch c.NArg() {
			case 0:
				return s.explainAll()
			case 1:
				rule, err := ruleNamed(c.Args().First())
				if err != nil {
					return err
				}
				return s.explain(rule)
			}
			return cli.UsageError("plumb explain takes one rule\n%s", cli.HelpHint(c))
		},
	}
}

func ruleNamed(name string) (verify.Rule, error) {
	var names []string
	for _, r := range verify.Rules() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return verify.Rule{}, cli.UsageError("%s: there is no such rule; there are %s", name, cli.Enumerate(names, "and"))
}

// explained is a rule as the document plumb.dev/explain/v1 has it.
type explained struct {
	Rule     string          `json:"rule"`
	Severity verify.Severity `json:"severity"`
	Says     string          `json:"says"`
	Why      string          `json:"why"`
	Fix      string          `json:"fix"`
	Example  string          `json:"example"`
}

// printExplained writes the JSON document.
func (s *session) printExplained(rules []verify.Rule) error {
	doc := struct {
		Schema string      `json:"schema"`
		Rules  []explained `json:"rules"`
	}{"plumb.dev/explain/v1", []explained{}}
	for _, r := range rules {
		e, _ := verify.Explain(r.Name) // a test holds that each rule has one
		doc.Rules = append(doc.Rules, explained{r.Name, r.Severity, r.Says, e.Why, e.Fix, e.Example})
	}
	return s.PrintJSON(doc)
}

// explainAll lists the rules, a line each.
func (s *session) explainAll() error {
	if s.JSON() {
		return s.printExplained(verify.Rules())
	}
	for _, r := range verify.Rules() {
		s.Printf("%-10s  %s\n", r.Name, r.Says)
	}
	s.Hintf("for more of one: plumb explain RULE\n")
	return nil
}

// explain prints one rule whole.
func (s *session) explain(r verify.Rule) error {
	if s.JSON() {
		return s.printExplained([]verify.Rule{r})
	}
	e, _ := verify.Explain(r.Name)
	s.Printf("%s (%s): %s\n\n%s\n\nTo fix it:\n\n%s\n\nFor example:\n\n    %s\n",
		s.Bold(r.Name), r.Severity, r.Says, cli.Wrap(e.Why), cli.Wrap(e.Fix), strings.ReplaceAll(e.Example, "\n", "\n    "))
	return nil
}

// pageWidth is where prose is wrapped, in columns.
const pageWidth = 80
