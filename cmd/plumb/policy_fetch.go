package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver/tuf"
)

// fetchTrust fetches one trust root and returns what is to be written for it.
func (s *session) fetchTrust(ctx context.Context, r *root, client *http.Client, t *trusting, replace bool) ([]tree.Write, error) {
	before := func(name string) ([]byte, error) { return r.tree.Read(ctx, t.place(name)) }
	s.Hintf("asking %s\n", t.From)
	files, err := tuf.Fetch(ctx, client, t.source, before)
	if err != nil {
		return nil, cli.CannotTell(fmt.Errorf("%s: %w", s.Display(r.dir, t.File), err))
	}
	now, err := t.parts(func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	})
	if err != nil {
		return nil, cli.CannotTell(fmt.Errorf("what %s has cannot be used: %w", t.From, err))
	}
	if t.Changed, err = tuf.Differs(files, before); err != nil {
		return nil, cli.CannotTell(err)
	}
	then, thenErr := t.parts(before)
	t.Added, t.Removed = without(now, then), without(then, now)
	t.File = s.Display(r.dir, t.File)
	if !t.Changed {
		return nil, nil
	}
	_, unknown := before("timestamp.json")
	if t.Name == "" && thenErr == nil && errors.Is(unknown, fs.ErrNotExist) && len(t.Added)+len(t.Removed) > 0 && !replace {
		return nil, cli.UsageError("%s: this command did not write it, and it may be of another instance than %s; to replace it: plumb policy trust --replace", t.File, t.From)
	}
	var out []tree.Write
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := before(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, cli.CannotTell(err)
		}
		if err != nil || string(old) != string(files[name]) {
			out = append(out, tree.Write{Path: t.place(name), Old: old, New: files[name]})
		}
	}
	return out, nil
}

// without are the lines of a that b has not; never nil.
func without(a, b []string) []string {
	out := []string{}
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, line)
		}
	}
	return out
}

func (s *session) printTrust(all []trusting, code int) error {
	if s.JSON() {
		if err := s.PrintJSON(struct {
			Schema string     `json:"schema"`
			OK     bool       `json:"ok"`
			Roots  []trusting `json:"roots"`
		}{"plumb.dev/policy-trust/v1", code == cli.ExitYes, append([]trusting{}, all...)}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, t := range all {
		what := "is as its repository has it"
		if t.Changed {
			what = "is outdated"
			if code == cli.ExitYes {
				what = "was written"
			}
		}
		s.Printf("%s %s (%s)\n", s.Bold(cli.SanitizeTerminal(t.File)), what, cli.SanitizeTerminal(t.From))
		for _, line := range t.Added {
			s.Printf("    + %s\n", cli.SanitizeTerminal(line))
		}
		for _, line := range t.Removed {
			s.Printf("    - %s\n", cli.SanitizeTerminal(line))
		}
	}
	if len(all) == 0 {
		s.Hintf("nothing to fetch: the policies hold all that they trust\n")
	}
	return cli.Status(code)
}
