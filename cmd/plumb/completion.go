package main

import (
	"embed"

	"github.com/urfave/cli/v2"
)

//go:embed completion
var completionScripts embed.FS

func completionCommand(s *session) *cli.Command {
	return &cli.Command{
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
		Action: func(c *cli.Context) error {
			if err := s.begin(c); err != nil {
				return err
			}
			if s.json {
				return usageError("a script for a shell is no JSON\n%s", helpHint(c))
			}
			if c.NArg() != 1 {
				return usageError("plumb completion takes one argument, the shell: bash, zsh, fish or kubectl\n%s", helpHint(c))
			}
			script, err := completionScripts.ReadFile("completion/plumb." + c.Args().First())
			if err != nil {
				return usageError("there is no completion for %q, but for bash, zsh, fish and kubectl\n%s", c.Args().First(), helpHint(c))
			}
			_, err = s.stdout.Write(script)
			return err
		},
	}
}
