package cli

import (
	"context"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// Display is the name that people read of a file of a lock root: relative to
// where the command runs, as compilers do.
func (o *IO) Display(root, name string) string {
	if root == o.Dir {
		return name
	}
	return Relative(o.Dir, root, name)
}

// Undisplay is the path in the lock root of a file that Display names.
func (o *IO) Undisplay(root, name string) string {
	if root == o.Dir {
		return name
	}
	return Relative(root, o.Dir, name)
}

// Placed is the name of a file of a lock root in the format that is printed: as
// the repository has it where another program reads that, else as Display has it.
func (o *IO) Placed(root, name string) string {
	if o.Top == "" {
		return o.Display(root, name)
	}
	return Relative(o.Top, root, name)
}

// Relative is the name, seen from the directory base, of a file of a lock root.
func Relative(base, root, name string) string {
	rel, err := filepath.Rel(base, filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
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
