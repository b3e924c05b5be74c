package scaffold

import (
	"context"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Self is a URL of the repository, for self in plumb.yaml.
type Self struct {
	URL    string `json:"url"`    // without a user
	Branch string `json:"branch"` // that sources in the tree follow; "" for main or master
	Named  bool   `json:"named"`  // by a source in the tree, so that plumb lock needs the line
}

// findSelf adds the remotes of the repository that r lies in.
func (f *Found) findSelf(ctx context.Context, r *lockroot.Root) error {
	remotes, err := tree.Remotes(ctx, r.Dir)
	if err != nil {
		return err
	}
	for _, remote := range remotes {
		url, ok := giturl.Canonical(remote)
		known := func(s Self) bool { return giturl.Same(s.URL, url) }
		if !ok || slices.ContainsFunc(f.Self, known) {
			continue
		}
		s := Self{URL: url}
		for i := range r.Files {
			for _, m := range r.Files[i].References {
				s.add(m)
			}
		}
		f.Self = append(f.Self, s)
	}
	return nil
}

// add notes a reference that names the repository.
func (s *Self) add(m manifest.Reference) {
	if m.Source == nil || m.Input != lockfile.Git || !giturl.Same(s.URL, m.Source.URL) {
		return
	}
	s.Named = true
	branch := lockfile.ShortRef(m.Source.Follows)
	if m.Source.Form != manifest.Tag && !(config.Self{}).Follows(branch) && s.Branch == "" {
		s.Branch = branch
	}
}

// Line is s as an item of self.
func (s Self) Line() string {
	if s.Branch == "" {
		return "  - " + yamlQuote(s.URL) + "\n"
	}
	return "  - {url: " + yamlQuote(s.URL) + ", branch: " + yamlQuote(s.Branch) + "}\n"
}
