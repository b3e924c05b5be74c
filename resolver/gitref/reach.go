package gitref

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Containing returns a ref from which a commit is reachable: the default branch, else
// another branch, else a tag. It returns false if no branch or tag has the commit, as is
// so for one of a fork, which forges serve under the repository's own name. The history is
// fetched only where the commit is not the tip of a ref.
func (c *Client) Containing(ctx context.Context, url, commit string) (Ref, bool, error) {
	return c.containing(ctx, url, commit, heads, tags)
}

// OnBranch reports whether a commit is reachable from a branch.
func (c *Client) OnBranch(ctx context.Context, url, commit string) (bool, error) {
	_, ok, err := c.containing(ctx, url, commit, heads)
	return ok, err
}

// Has reports whether a commit is reachable from the ref of that full name.
func (c *Client) Has(ctx context.Context, url, ref, commit string) (bool, error) {
	refs, err := c.Refs(ctx, url)
	if err != nil {
		return false, err
	}
	at, ok := refs.Find(ref)
	switch {
	case !ok || len(at.Commit) != len(commit) || !validID(commit):
		return false, nil
	case at.Commit == commit:
		return true, nil
	}
	s, err := c.fetchHistory(ctx, url, refs)
	if err != nil {
		return false, err
	}
	has := false
	err = c.reading(ctx, s, url, func() error {
		found, ok, err := c.search(ctx, s, url, commit, []string{ref}, refs)
		has = ok && found.Name == ref
		return err
	})
	return has, err
}

// containing is Containing for refs under some prefixes, in order of preference.
func (c *Client) containing(
	ctx context.Context, url, commit string, prefixes ...string,
) (Ref, bool, error) {
	if !validID(commit) {
		return Ref{}, false, refuse(gitFetch, url, commit, "it is not a full commit id in "+
			"lower case, 40 or 64 hex digits")
	}
	refs, err := c.Refs(ctx, url)
	if err != nil {
		return Ref{}, false, err
	}
	if ref, ok := refs.tip(commit); ok && slices.ContainsFunc(prefixes, func(p string) bool {
		return strings.HasPrefix(ref.Name, p)
	}) {
		return ref, true, nil
	}
	if len(refs.refs[0].Commit) != len(commit) {
		return Ref{}, false, nil // the repository's ids are of another kind
	}
	s, err := c.fetchHistory(ctx, url, refs)
	if err != nil {
		return Ref{}, false, err
	}
	var ref Ref
	var ok bool
	err = c.reading(ctx, s, url, func() error {
		ref, ok, err = c.search(ctx, s, url, commit, prefixes, refs)
		return err
	})
	return ref, ok, err
}

// reading has do read a history that was fetched, which no other process changes meanwhile.
func (c *Client) reading(ctx context.Context, s *store, url string, do func() error) error {
	return s.locked(ctx, func() error {
		whole, err := s.isComplete()
		if err == nil && !whole {
			err = &Error{Op: gitFetch, URL: redactURL(url),
				Err: errors.New("another process removed what was fetched")}
		}
		if err != nil {
			return err
		}
		return do()
	})
}

// search looks for a commit in a history that was fetched.
func (c *Client) search(
	ctx context.Context, s *store, url, commit string, prefixes []string, refs *Refs,
) (Ref, bool, error) {
	known, err := c.has(ctx, s, url, commit)
	if err != nil || !known {
		return Ref{}, false, err
	}
	for _, prefix := range prefixes {
		ref, ok, err := c.branchOf(ctx, s, url, commit, prefix, refs)
		if err != nil || ok {
			return ref, ok, err
		}
	}
	return Ref{}, false, nil
}

// branchOf returns a ref under prefix, of those that were fetched, that contains commit.
func (c *Client) branchOf(
	ctx context.Context, s *store, url, commit, prefix string, refs *Refs,
) (Ref, bool, error) {
	out, err := c.local(ctx, s, url, "", "for-each-ref", "--contains="+commit,
		"--format="+refFormat, prefix)
	if err != nil {
		return Ref{}, false, err
	}
	found, err := parseForEach(string(out))
	if err != nil || len(found) == 0 {
		return Ref{}, false, err
	}
	if head, ok := refs.Head(); ok {
		for _, ref := range found {
			if ref.Name == head.Name {
				return ref, true, nil
			}
		}
	}
	ref := found[0]
	if ref.Tag != "" { // perhaps of a tag, which some versions of git do not peel
		out, err := c.local(ctx, s, url, "", "rev-parse", "--verify", ref.Tag+"^{commit}")
		if err != nil {
			return Ref{}, false, err
		}
		ref.Commit = strings.TrimSpace(string(out))
	}
	return ref, true, nil
}

// refFormat is the format in which git for-each-ref lists refs; parseForEach reads it.
const refFormat = "%(objectname) %(objecttype) %(*objectname) %(refname)"

// parseForEach reads refs in refFormat.
func parseForEach(out string) ([]Ref, error) {
	var refs []Ref
	for line := range strings.Lines(out) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		if len(parts) != 4 || !validID(parts[0]) || !validRef(parts[3]) {
			return nil, fmt.Errorf("git for-each-ref: malformed line %.80q", line)
		}
		ref := Ref{Name: parts[3], Commit: parts[0]}
		if parts[1] == "tag" {
			ref.Tag, ref.Commit = parts[0], parts[2]
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// has reports whether the store has a commit.
func (c *Client) has(ctx context.Context, s *store, url, commit string) (bool, error) {
	out, err := c.local(ctx, s, url, commit+"\n", "cat-file", "--batch-check")
	if err != nil {
		return false, err
	}
	return strings.HasPrefix(string(out), commit+" commit "), nil
}

// Count returns the number of commits that are reachable from to and not from from. It
// fetches nothing: ok is false where the client has not fetched the history, or has not
// these commits.
func (c *Client) Count(ctx context.Context, url, from, to string) (n int, ok bool, err error) {
	if !validID(from) || !validID(to) {
		return 0, false, nil
	}
	s, known := c.history.Known(url)
	if !known {
		return 0, false, nil
	}
	err = c.reading(ctx, s, url, func() error {
		n, ok, err = c.count(ctx, s, url, from, to)
		return err
	})
	return n, ok, err
}

// count counts commits of a history that was fetched.
func (c *Client) count(
	ctx context.Context, s *store, url, from, to string,
) (n int, ok bool, err error) {
	for _, commit := range []string{from, to} {
		if known, err := c.has(ctx, s, url, commit); err != nil || !known {
			return 0, false, err
		}
	}
	text, err := c.local(ctx, s, url, "", "rev-list", "--count", to, "^"+from, "--")
	if err != nil {
		return 0, false, err
	}
	n, err = strconv.Atoi(strings.TrimSpace(string(text)))
	return n, err == nil, err
}
