package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// The formats that a command may print.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatSARIF    = "sarif"
	formatGitHub   = "github"
	formatJUnit    = "junit"
	formatGitLab   = "gitlab"
	formatMarkdown = "markdown"
)

// formatsOf lists what a command prints, by its name.
func formatsOf(command string) []string {
	switch command {
	case "verify":
		return []string{formatText, formatJSON, formatSARIF, formatGitHub, formatJUnit, formatGitLab, formatMarkdown}
	case "lock", "update", "outdated":
		return []string{formatText, formatJSON, formatMarkdown}
	}
	return []string{formatText, formatJSON}
}

// chooseFormat reads --output, which must be one of the command's formats.
func (s *session) chooseFormat(c *cli.Context) error {
	s.format = flagValue(c, "output")
	if s.format == "" {
		s.format = formatText
	}
	if formats := formatsOf(c.Command.Name); !slices.Contains(formats, s.format) {
		name := strings.TrimPrefix(c.Command.HelpName, c.App.Name+" ")
		return usageError("--output %s: the formats of plumb %s are %s", s.format, name, enumerate(formats, "and"))
	}
	s.json = s.format == formatJSON
	return nil
}

// nameForPrograms names files from now on as another program wants them that
// shows the report: as the repository has them.
func (s *session) nameForPrograms(ctx context.Context) error {
	if s.format == formatText || s.format == formatJSON {
		return nil
	}
	var err error
	s.top, err = s.patchBase(ctx)
	return cannotTell(err)
}

// enumerate writes words as prose does: "a, b and c".
func enumerate(words []string, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + and + " " + words[last]
}
