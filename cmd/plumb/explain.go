package main

import (
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify"
)

// explainOptions are what plumb explain is to do.
type explainOptions struct {
	*cli.IO
	rule string // to explain; "" lists all
}

func explainCommand(io *cli.IO) *ucli.Command {
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
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.NArg() > 1 {
				return cli.UsageError("plumb explain takes one rule\n%s", cli.HelpHint(c))
			}
			o := &explainOptions{io, c.Args().First()}
			if c.NArg() == 0 {
				return o.list()
			}
			return o.run()
		},
	}
}

// ruleDocument is a rule as the document plumb.dev/explain/v1 has it.
type ruleDocument struct {
	Rule     string          `json:"rule"`
	Severity verify.Severity `json:"severity"`
	Says     string          `json:"says"`
	Why      string          `json:"why"`
	Fix      string          `json:"fix"`
	Example  string          `json:"example"`
}

// printDocument writes the JSON document.
func (o *explainOptions) printDocument(rules ...verify.Rule) error {
	doc := struct {
		Schema string         `json:"schema"`
		Rules  []ruleDocument `json:"rules"`
	}{"plumb.dev/explain/v1", []ruleDocument{}}
	for _, r := range rules {
		e, _ := verify.Explain(r.Name) // a test holds that each rule has one
		doc.Rules = append(doc.Rules, ruleDocument{r.Name, r.Severity, r.Says, e.Why, e.Fix, e.Example})
	}
	return o.PrintJSON(doc)
}

// list prints all rules, a line each.
func (o *explainOptions) list() error {
	if o.JSON() {
		return o.printDocument(verify.Rules()...)
	}
	for _, r := range verify.Rules() {
		o.Printf("%-10s  %s\n", r.Name, r.Says)
	}
	o.Hintf("to explain a rule: plumb explain RULE\n")
	return nil
}

// run explains one rule.
func (o *explainOptions) run() error {
	rules := verify.Rules()
	i := slices.IndexFunc(rules, func(r verify.Rule) bool { return r.Name == o.rule })
	if i < 0 {
		var names []string
		for _, r := range rules {
			names = append(names, r.Name)
		}
		if near := cli.DidYouMean("", o.rule, names); near != "" {
			return cli.UsageError("unknown rule %q%s\nto list all rules: plumb explain", o.rule, near)
		}
		return cli.UsageError("unknown rule %q: the rules are %s", o.rule, cli.Enumerate(names, "and"))
	}
	r := rules[i]
	if o.JSON() {
		return o.printDocument(r)
	}
	e, _ := verify.Explain(r.Name)
	o.Printf("%s (%s): %s\n\n%s\n\nTo fix it:\n\n%s\n\nFor example:\n\n    %s\n",
		o.Bold(r.Name), r.Severity, r.Says, cli.Wrap(e.Why), cli.Wrap(e.Fix),
		strings.ReplaceAll(e.Example, "\n", "\n    "))
	return nil
}
