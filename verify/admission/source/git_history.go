package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// follows refuses a commit that does not descend from the one that is served.
func (g *Git) follows(ctx context.Context, objects git.Objects, c git.Commit, served Version,
	more func() error) error {
	from, ok := git.ParseHash(served.Commit)
	if !ok || g.o.AllowRollback || slices.Contains(c.Trailers(Rollback), served.Commit) {
		return nil
	}
	after, err := git.Descends(ctx, objects, c.Hash, from, more)
	if err == nil && !after {
		err = &RefusedError{c.Hash.String(), fmt.Sprintf("it does not descend from %[1]s, "+
			"which is served: to roll back, end its message with the line \"%[2]s: %[1]s\"",
			served.Commit, Rollback)}
		g.refused.tip, g.refused.served, g.refused.err = c.Hash, served.Commit, err
	}
	return err
}

// deepen returns a function that fetches more of the history of a commit with each call.
func (g *Git) deepen(ctx context.Context, packs *git.Packs, tip git.Hash) func() error {
	const most = 1 << 20
	depth := 1
	return func() error {
		if depth *= 16; depth > most {
			return fmt.Errorf("the commit that is served is not among the last %d", most)
		}
		conn, err := g.remote.Dial(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // all has been read
		if conn.Tip != tip {
			return errors.New("the branch moved during the fetch")
		}
		return packs.Add(ctx, func(w io.Writer) error { return conn.History(ctx, depth, w) })
	}
}
