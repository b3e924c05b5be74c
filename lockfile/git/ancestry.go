package git

import (
	"context"
	"errors"
)

// Descends reports whether a commit is from, or descends from it. Where the history in
// objects ends, it calls more to fetch more of it.
func Descends(ctx context.Context, objects Objects, commit, from Hash,
	more func() error) (bool, error) {
	seen := map[Hash]bool{commit: true}
	next, beyond := []Hash{commit}, []Hash(nil)
	for len(next)+len(beyond) > 0 {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if len(next) == 0 {
			if err := more(); err != nil {
				return false, err
			}
			next, beyond = beyond, nil
		}
		h := next[0]
		next = next[1:]
		if h == from {
			return true, nil
		}
		c, err := ReadCommit(objects, h)
		if missing := (*MissingError)(nil); errors.As(err, &missing) {
			beyond = append(beyond, h)
			continue
		}
		if err != nil {
			return false, err
		}
		for _, p := range c.Parents {
			if p == from {
				return true, nil
			}
			if !seen[p] {
				seen[p] = true
				next = append(next, p)
			}
		}
	}
	return false, nil
}
