package cli

import (
	"context"
	"slices"
	"strings"

	cli "github.com/urfave/cli/v2"
)

// Format is what --output names: a form in which a command prints its result.
type Format string

// The formats of commands. Each command prints some of them.
const (
	Text     Format = "text"
	Wide     Format = "wide" // text with every column in full
	NameOnly Format = "name" // one name a line
	JSON     Format = "json"
	SARIF    Format = "sarif"
	GitHub   Format = "github"
	JUnit    Format = "junit"
	GitLab   Format = "gitlab"
	Markdown Format = "markdown"
)

// outputFlag is --output, and the formats that the command prints.
type outputFlag struct {
	*cli.StringFlag
	formats []Format
}

// OutputFlag is the flag --output of a command that prints these formats. Finish
// adds it to the commands that do not have it, with text and JSON.
func OutputFlag(formats ...Format) cli.Flag {
	words := make([]string, len(formats))
	for i, f := range formats {
		words[i] = string(f)
	}
	return &outputFlag{&cli.StringFlag{
		Name: "output", Aliases: []string{"o"}, Category: categoryCommon,
		Usage: "print as `FORMAT`: " + Enumerate(words, "or"),
	}, formats}
}

// formatsOf lists the formats that a command with these flags prints.
func formatsOf(flags []cli.Flag) []Format {
	for _, f := range flags {
		if o, ok := f.(*outputFlag); ok {
			return o.formats
		}
	}
	return nil
}

// chooseFormat reads --output, which must be one of the command's formats.
func (o *IO) chooseFormat(c *cli.Context) error {
	o.Format = Format(stringFlag(c, "output"))
	if o.Format == "" {
		o.Format = Text
	}
	formats := formatsOf(c.Command.Flags)
	if slices.Contains(formats, o.Format) {
		return nil
	}
	words := make([]string, len(formats))
	for i, f := range formats {
		words[i] = string(f)
	}
	name := strings.TrimPrefix(c.Command.HelpName, c.App.Name+" ")
	return UsageError("--output %s: the formats of plumb %s are %s",
		o.Format, name, Enumerate(words, "and"))
}

// NameForPrograms makes Placed name files from now on as another program that
// shows the report wants them: as the repository has them.
func (o *IO) NameForPrograms(ctx context.Context) error {
	if o.Format == Text || o.Format == JSON {
		return nil
	}
	var err error
	o.Top, err = o.RepositoryTop(ctx)
	return CannotTell(err)
}
