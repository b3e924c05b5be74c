package main

import (
	"embed"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

//go:embed completion
var completionScripts embed.FS

func completionCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "completion",
		Category:  cli.CategorySetup,
		Usage:     "print a shell completion script",
		ArgsUsage: "bash|zsh|fish|kubectl",
		Description: `The script completes commands, flags, their values, and the names in plumb.lock.
It works offline.

The script for kubectl is an executable that belongs into PATH; with it, kubectl
completes behind "kubectl plumb".`,
		UsageText: `# Complete in the current bash
source <(plumb completion bash)

# Complete in the current zsh
source <(plumb completion zsh)

# Complete in the current fish
plumb completion fish | source

# Complete behind kubectl plumb
plumb completion kubectl > /usr/local/bin/kubectl_complete-plumb`,
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if s.JSON() {
				return cli.UsageError("a script for a shell is no JSON\n%s", cli.HelpHint(c))
			}
			if c.NArg() != 1 {
				return cli.UsageError("plumb completion takes one argument, the shell: bash, zsh, fish or kubectl\n%s", cli.HelpHint(c))
			}
			script, err := completionScripts.ReadFile("completion/plumb." + c.Args().First())
			if err != nil {
				return cli.UsageError("there is no completion for %q, but for bash, zsh, fish and kubectl\n%s", c.Args().First(), cli.HelpHint(c))
			}
			_, err = s.Stdout.Write(script)
			return err
		},
	}
}
