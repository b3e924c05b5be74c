package cli

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"

	cli "github.com/urfave/cli/v2"
)

// The categories of commands, in the order in which help lists them.
const (
	CategoryEveryday   = "Everyday"
	CategorySignatures = "Signature"
	CategoryCluster    = "Cluster"
	CategorySetup      = "Setup"
)

const (
	helpIndent   = "   " // of what is below a heading
	maxNameWidth = 28    // columns of flags; longer ones have a line of their own
)

//go:embed help.tmpl
var helpTemplate string

// urfave/cli has one printer of help for the whole program.
func init() {
	cli.HelpPrinter = func(w io.Writer, _ string, of any) {
		t := template.Must(template.New("help").Funcs(template.FuncMap{
			"indent": indent, "prose": prose, "upper": strings.ToUpper,
		}).Parse(helpTemplate))
		_ = t.Execute(w, newHelp(of)) // run reports a stdout that cannot be written
	}
}

// help is what the help of a command says.
type help struct {
	Name, Usage           string
	Synopses              []string
	Description, Examples string
	Commands, Flags       []helpSection
}

// helpSection is the commands or the flags of one category, each on lines of its
// own. Category may be empty.
type helpSection struct {
	Category, Text string
}

// newHelp describes an app or a command.
func newHelp(of any) help {
	switch of := of.(type) {
	case *cli.App:
		return help{
			of.HelpName, of.Usage, []string{of.HelpName + " COMMAND [flags]"}, of.Description, of.UsageText,
			commandSections(of.Commands), flagSections(of.Flags),
		}
	case *cli.Command:
		return help{
			of.HelpName, of.Usage, synopses(of), of.Description, of.UsageText,
			commandSections(of.Subcommands), flagSections(of.Flags),
		}
	}
	return help{}
}

// synopses are the forms of a command's line: that of the command itself, and
// that of its subcommands.
func synopses(c *cli.Command) []string {
	var out []string
	if c.ArgsUsage != "" || len(c.Subcommands) == 0 {
		out = append(out, strings.TrimRight(c.HelpName+" [flags] "+c.ArgsUsage, " "))
	}
	if len(c.Subcommands) > 0 {
		out = append(out, c.HelpName+" COMMAND [flags]")
	}
	return out
}

// commandSections lists the commands that are not hidden, in their order.
func commandSections(commands []*cli.Command) []helpSection {
	commands = slices.DeleteFunc(slices.Clone(commands), func(c *cli.Command) bool { return c.Hidden })
	width := 0
	for _, c := range commands {
		width = max(width, len(c.Name))
	}
	var out []helpSection
	for _, c := range commands {
		addTo(&out, c.Category, helpLine(c.Name, c.Usage, width))
	}
	return out
}

// flagSections lists the flags that are not hidden, those of each category by
// name. What all commands have comes last.
func flagSections(flags []cli.Flag) []helpSection {
	options, width := byName(Options(flags)), 0
	for _, o := range options {
		width = max(width, utf8.RuneCountInString(o.synopsis()))
	}
	var out []helpSection
	for _, category := range categories(flags) {
		for _, o := range options {
			if o.Category == category {
				addTo(&out, category, helpLine(o.synopsis(), o.explanation(), width))
			}
		}
	}
	return out
}

// byName sorts flags by their long names.
func byName(options []Option) []Option {
	return slices.SortedStableFunc(slices.Values(options), func(a, b Option) int {
		return strings.Compare(strings.TrimLeft(a.Long(), "-"), strings.TrimLeft(b.Long(), "-"))
	})
}

// categories are those of flags, the empty one first and the common one last.
func categories(flags []cli.Flag) []string {
	out := []string{""}
	for _, o := range Options(flags) {
		if o.Category != categoryCommon && !slices.Contains(out, o.Category) {
			out = append(out, o.Category)
		}
	}
	return append(out, categoryCommon)
}

// addTo puts a line into the section of its category.
func addTo(sections *[]helpSection, category, line string) {
	i := slices.IndexFunc(*sections, func(s helpSection) bool { return s.Category == category })
	if i < 0 {
		i = len(*sections)
		*sections = append(*sections, helpSection{Category: category})
	}
	(*sections)[i].Text += line + "\n"
}

// helpLine is a name in a column of that width and what there is to say of it,
// wrapped beside it.
func helpLine(name, says string, width int) string {
	const gap = 2
	width = min(width, maxNameWidth)
	margin := "\n" + strings.Repeat(" ", width+gap)
	text := strings.ReplaceAll(WrapAt(says, pageWidth-len(helpIndent)-gap-width), "\n", margin)
	if utf8.RuneCountInString(name) > width {
		return name + margin + text
	}
	return fmt.Sprintf("%-*s  %s", width, name, text)
}

// prose is a description below a heading, its paragraphs wrapped.
func prose(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = WrapAt(p, pageWidth-len(helpIndent))
	}
	return indent(strings.Join(paragraphs, "\n\n"))
}

// indent puts a text below a heading.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if line != "\n" {
			b.WriteString(helpIndent)
		}
		b.WriteString(line)
	}
	return b.String()
}
