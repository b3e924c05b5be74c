package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/verify"
)

func explainCommand(s *session) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what a rule of verify is about, and what mends its findings",
		ArgsUsage: "[RULE]",
		Description: `Without a RULE it lists all of them.

   plumb explain
   plumb explain unpinned`,
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
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
			return usageError("plumb explain takes one rule\n%s", helpHint(c))
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
	return verify.Rule{}, usageError("%s: there is no such rule; there are %s", name, enumerate(names, "and"))
}

// explained is a rule as the document plumb.dev/explain/v1 has it.
type explained struct {
	Rule     string          `json:"rule"`
	Severity verify.Severity `json:"severity"`
	Says     string          `json:"says"`
	Why      string          `json:"why"`
	Mend     string          `json:"mend"`
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
		doc.Rules = append(doc.Rules, explained{r.Name, r.Severity, r.Says, e.Why, e.Mend, e.Example})
	}
	return s.printJSON(doc)
}

// explainAll lists the rules, a line each.
func (s *session) explainAll() error {
	if s.json {
		return s.printExplained(verify.Rules())
	}
	for _, r := range verify.Rules() {
		s.printf("%-10s  %s\n", r.Name, r.Says)
	}
	s.hintf("for more of one: plumb explain RULE\n")
	return nil
}

// explain prints one rule whole.
func (s *session) explain(r verify.Rule) error {
	if s.json {
		return s.printExplained([]verify.Rule{r})
	}
	e, _ := verify.Explain(r.Name)
	s.printf("%s (%s): %s\n\n%s\n\nTo mend it:\n\n%s\n\nFor example:\n\n    %s\n",
		s.bold(r.Name), r.Severity, r.Says, wrapped(e.Why), wrapped(e.Mend), strings.ReplaceAll(e.Example, "\n", "\n    "))
	return nil
}

// pageWidth is where prose is wrapped, in columns.
const pageWidth = 80

// wrapped breaks prose into lines.
func wrapped(text string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > pageWidth:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
