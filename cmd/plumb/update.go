package main

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver"
)

func updateCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "update",
		Usage:     "move pins to the digests that their tags point to now",
		ArgsUsage: "[NAME…]",
		Description: `Resolves tracked names again, all of them or those that match a NAME, and moves
their pins in the manifests and in plumb.lock. A name with a version range in
plumb.yaml (track) moves to the newest tag in the range. A NAME is written as in
the manifests or as in plumb.lock, and may be a glob. Without a tag it means all
tags of its repository.`,
		UsageText: `# Move all pins
plumb lock update

# Move the pins of one tag
plumb lock update nginx:1.27

# Move the pins of all tags of a repository
plumb lock update nginx

# Move all pins of an organization
plumb lock update 'ghcr.io/acme/**'`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a pin would move"},
			&ucli.BoolFlag{Name: "diff", Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
			keepGoingFlag(),
			cli.TimeoutFlag(),
			cli.OutputFlag(cli.Text, cli.JSON, cli.Markdown),
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			requests, err := s.requests(c.Context, nil)
			if err != nil {
				return err
			}
			names, err := newSelection(c.Args().Slice())
			if err != nil {
				return err
			}
			m := newLockMode(c, "lock-update")
			m.update = names
			return s.lock(c, requests, m)
		},
	}
}

// selection is a set of tracked names, given as names or globs; an empty one is
// all of them.
type selection struct{ patterns []string }

func newSelection(patterns []string) (*selection, error) {
	for _, p := range patterns {
		if !doublestar.ValidatePattern(p) {
			return nil, cli.UsageError("%s: is no name and no glob", p)
		}
	}
	return &selection{patterns}, nil
}

func (n *selection) match(t resolver.Tracked) bool {
	return len(n.patterns) == 0 || slices.ContainsFunc(n.patterns, func(p string) bool { return matches(p, t) })
}

// matches reports whether a pattern means a tracked name. One without a tag means
// every tag of its repository.
func matches(pattern string, t resolver.Tracked) bool {
	if pattern == t.Name || canonical(pattern) == t.Name || canonicalRepository(pattern) == untagged(t.Name) {
		return true
	}
	for _, name := range append(t.Written, t.Name, strings.TrimPrefix(strings.TrimPrefix(t.Name, "docker.io/"), "library/")) {
		// Written names may carry a digest, which no one types.
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "oci://"), "@")
		if name == pattern || doublestar.MatchUnvalidated(pattern, name) || doublestar.MatchUnvalidated(pattern, untagged(name)) {
			return true
		}
	}
	return false
}

// canonicalRepository is the repository that s names, if it is a name with neither
// tag nor digest, else "".
func canonicalRepository(s string) string {
	n, err := oci.Parse(s)
	if err != nil || n.Tag != "" || n.Digest != "" {
		return ""
	}
	return n.Repo()
}

// untagged is a name without its tag and digest.
func untagged(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[:i]
	}
	return name
}

// check refuses patterns that match nothing in any lock root.
func (n *selection) check(roots []*root) error {
	var all []resolver.Tracked
	for _, r := range roots {
		for _, f := range r.files {
			for _, ref := range f.References {
				if ref.Tracked != "" {
					all = append(all, resolver.Tracked{Kind: ref.Input, Name: ref.Tracked, Written: []string{ref.Reference}})
				}
			}
		}
		for _, i := range r.images() {
			all = append(all, resolver.Tracked{Name: i.Tracked})
		}
		for _, e := range lockEntries(r) {
			all = append(all, resolver.Tracked{Kind: e.Kind, Name: e.Name})
		}
	}
	for _, p := range n.patterns {
		if slices.ContainsFunc(all, func(t resolver.Tracked) bool { return matches(p, t) }) {
			continue
		}
		if near := similar(p, all); len(near) > 0 {
			return cli.UsageError("%s: the tree tracks no such name; it tracks %s", p, strings.Join(near, ", "))
		}
		return cli.UsageError("%s: the tree tracks no such name\nto see what it tracks: plumb list", p)
	}
	return nil
}

// similar are up to five names that share the last part of a pattern's path.
func similar(pattern string, all []resolver.Tracked) []string {
	word := pattern[strings.LastIndexByte(pattern, '/')+1:]
	word, _, _ = strings.Cut(word, ":")
	var out []string
	for _, t := range all {
		if len(word) > 2 && strings.Contains(t.Name, word) && !slices.Contains(out, t.Name) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 5)]
}
