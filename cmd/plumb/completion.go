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
		Usage:     "print the script that completes plumb's command lines in a shell",
		ArgsUsage: "bash|zsh|fish|kubectl",
		Description: `The script completes commands, flags and their values, and the names in
plumb.lock. It asks plumb, and no registry.

   source <(plumb completion bash)
   source <(plumb completion zsh)
   plumb completion fish | source

The one for kubectl is an executable that belongs into PATH, so that kubectl's
own completion goes on behind "kubectl plumb".

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
