package tree

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
)

// Remotes are the URLs of the remotes of the repository that holds the directory dir, as they
// are configured and as insteadOf makes them, sorted; none where there is no repository.
func Remotes(ctx context.Context, dir string) ([]string, error) {
	git, err := openGit(ctx, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, args := range [...][]string{
		{"config", "--null", "--get-regexp", `^remote\..*\.(push)?url$`}, {"remote", "--verbose"},
	} {
		text, err := git.output(ctx, args...)
		var exit *exec.ExitError
		switch {
		case noGit(err), errors.As(err, &exit) && exit.ExitCode() == 1:
			continue // no repository, or no remote
		case err != nil:
			return nil, err
		}
		out = append(out, remoteURLs(string(text))...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// remoteURLs are the URLs in what git config --null or git remote --verbose prints.
func remoteURLs(text string) []string {
	var out []string
	lines, separator := strings.Split(text, "\x00"), "\n"
	if len(lines) == 1 {
		lines, separator = strings.Split(text, "\n"), "\t"
	}
	for _, line := range lines {
		if _, url, ok := strings.Cut(line, separator); ok {
			url, _, _ = strings.Cut(url, " (")
			out = append(out, url)
		}
	}
	return out
}
