package resolver

import (
	"context"
	"fmt"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
)

// CheckSelf returns a *lockroot.InvalidError where the plumb.yaml of a lock root says nothing
// of self, and a git source names a remote of this clone: that is the tree itself, which
// cannot be pinned.
func CheckSelf(ctx context.Context, r *lockroot.Root) error {
	if r.Config.Self != nil {
		return nil
	}
	var remotes []config.Self
	for i := range r.Files {
		for j := range r.Files[i].References {
			ref := &r.Files[i].References[j]
			s := ref.Source
			if s == nil || s.Chart != "" || !r.Covers(ref.File) {
				continue
			}
			if remotes == nil {
				found, err := tree.Remotes(ctx, r.Dir)
				if err != nil || len(found) == 0 {
					return err
				}
				for _, url := range found {
					remotes = append(remotes, config.Self{URL: url})
				}
			}
			if own, ok := verify.OwnSource(remotes, s); ok {
				return &lockroot.InvalidError{Err: fmt.Errorf("%s:%d:%d: %q is this repository, "+
					"by its remote %s: a commit cannot hold its own id\n"+
					"to say so, add to %s:\nself: [%q]", r.Display(ref.File), ref.Line, ref.Column,
					ref.Reference, withoutUser(own.URL), r.Display(tree.ConfigFile),
					withoutUser(own.URL))}
			}
		}
	}
	return nil
}

// withoutUser is a repository's URL in canonical form, without what may be a secret.
func withoutUser(url string) string {
	canonical, _ := giturl.Canonical(url)
	return canonical
}

// OwnIn reports which sources are the repository of a lock root.
func OwnIn(r *lockroot.Root) func(*manifest.Source) bool {
	return func(s *manifest.Source) bool {
		_, own := verify.OwnSource(r.Config.Self, s)
		return own
	}
}
