package gitref

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// fetchHistory fetches all branches and tags, without trees and files where the server can
// leave them out; once for the client's life.
func (c *Client) fetchHistory(ctx context.Context, url string, refs *Refs) (*store, error) {
	return c.history.Do(ctx, url, func() (*store, error) {
		if c.git == "" {
			return nil, noGit(gitFetch, url, "")
		}
		s, err := c.store(url, historyStore, len(refs.refs[0].Commit))
		if err != nil {
			return nil, err
		}
		return s, s.locked(ctx, func() error { return c.update(ctx, s, url, refs) })
	})
}

// update brings a locked store up to date with the server.
func (c *Client) update(ctx context.Context, s *store, url string, refs *Refs) error {
	if current, err := c.isCurrent(ctx, s, url, refs); ctx.Err() != nil {
		return context.Cause(ctx)
	} else if err == nil && current {
		return nil
	}
	err := c.fetch(ctx, s, request{url: url, options: []string{"--prune", "--update-shallow"},
		refspecs: []string{
			"+" + heads + "*:" + heads + "*", "+" + tags + "*:" + tags + "*"}})
	if err != nil {
		return err
	}
	if err := c.checkFetched(ctx, s, url, refs); err != nil {
		return err
	}
	return s.setComplete()
}

// checkFetched returns an error if something is missing in a store, so that a commit could
// appear unreachable. git accepts a history that the server has not in full.
func (c *Client) checkFetched(ctx context.Context, s *store, url string, refs *Refs) error {
	fail := func(kind Kind, ref string, err error) error {
		return &Error{Op: gitFetch, URL: redactURL(url), Ref: ref, Kind: kind, Err: err}
	}
	if shallow, err := s.isShallow(); err != nil {
		return err
	} else if shallow {
		return fail(Unsupported, "", errShallow)
	}
	have, err := c.fetched(ctx, s, url)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, ref := range have {
		names[ref.Name] = true
	}
	for _, ref := range append(refs.Branches(), refs.Tags()...) {
		if !names[ref.Name] {
			return fail(Other, ref.Name, errors.New("the server advertises it but does not send "+
				"it: if it was deleted meanwhile, run the command again"))
		}
	}
	return nil
}

// fetched returns the branches and tags of a store.
func (c *Client) fetched(ctx context.Context, s *store, url string) ([]Ref, error) {
	out, err := c.local(ctx, s, url, "", "for-each-ref", "--format="+refFormat, heads, tags)
	if err != nil {
		return nil, err
	}
	return parseForEach(string(out))
}

// isCurrent reports whether the store has the very branches and tags of refs.
func (c *Client) isCurrent(ctx context.Context, s *store, url string, refs *Refs) (bool, error) {
	if whole, err := s.isComplete(); err != nil || !whole {
		return false, err
	}
	have, err := c.fetched(ctx, s, url)
	if err != nil {
		return false, err
	}
	want := append(refs.Branches(), refs.Tags()...)
	return slices.EqualFunc(have, want, func(a, b Ref) bool {
		return a.Name == b.Name && cmp.Or(a.Tag, a.Commit) == cmp.Or(b.Tag, b.Commit)
	}), nil
}
