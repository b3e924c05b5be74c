package cli

import (
	"context"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Display is the name that people read of a file of a lock root: relative to
// where the command runs, as compilers do.
func (o *IO) Display(root, name string) string {
	return lockroot.Relative(o.Dir, root, name)
}

// Placed is the name of a file of a lock root in the format that is printed: as
// the repository has it where another program reads that, else as Display has it.
func (o *IO) Placed(root, name string) string {
	if o.Top == "" {
		return o.Display(root, name)
	}
	return lockroot.Relative(o.Top, root, name)
}

// RepositoryTop is the top of the git repository that the command runs in, which
// the names in a patch are relative to, as git has it; Dir where there is none.
func (o *IO) RepositoryTop(ctx context.Context) (string, error) {
	top, git, err := tree.TopLevel(ctx, o.Dir)
	if err != nil || !git {
		return o.Dir, err
	}
	return top, nil
}
