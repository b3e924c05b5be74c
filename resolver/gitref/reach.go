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

// containing is Containing for refs under some prefixes, in order of preference.
func (c *Client) containing(
	ctx context.Context, url, commit string, prefixes ...string,
) (Ref, bool, error) {
	if !validID(commit) {
		return Ref{}, false, refuse("git fetch", url, commit, "it is not a full commit id in "+
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
	if len(refs.refs) == 0 || len(refs.refs[0].Commit) != len(commit) {
		return Ref{}, false, nil // an empty repository, or one with other ids
	}
	s, err := c.fetchHistory(ctx, url, refs)
	if err != nil {
		return Ref{}, false, err
	}
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
	return found[0], true, nil
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

// fetchHistory fetches all branches and tags, without trees and files where the server can
// leave them out; once for the client's life.
func (c *Client) fetchHistory(ctx context.Context, url string, refs *Refs) (*store, error) {
	return c.history.do(ctx, url, func() (*store, error) {
		if c.git == "" {
			return nil, noGit("git fetch", url, "")
		}
		digits := len(refs.refs[0].Commit)
		s, err := c.openStore(ctx, url, historyStore, digits)
		if err != nil {
			return nil, err
		}
		defer s.unlock()
		if current, err := c.isCurrent(ctx, s, url, refs); err != nil || current {
			return s, err
		}
		err = c.fetch(ctx, s, url, "", []string{"--prune"}, "+"+heads+"*:"+heads+"*",
			"+"+tags+"*:"+tags+"*")
		if err := errors.Join(err, s.configure(digits)); err != nil {
			return nil, err
		}
		shallow, err := s.isShallow()
		if shallow && err == nil {
			err = &Error{Op: "git fetch", URL: redactURL(url), Kind: Unsupported,
				Err: errors.New("the server's own history is cut off (shallow)")}
		}
		return s, err
	})
}

// isCurrent reports whether the store has the very branches and tags of refs.
func (c *Client) isCurrent(ctx context.Context, s *store, url string, refs *Refs) (bool, error) {
	if shallow, err := s.isShallow(); err != nil || shallow {
		return false, err
	}
	out, err := c.local(ctx, s, url, "", "for-each-ref", "--format="+refFormat, heads, tags)
	if err != nil {
		return false, err
	}
	have, err := parseForEach(string(out))
	if err != nil {
		return false, err
	}
	want := append(refs.Branches(), refs.Tags()...)
	return len(have) > 0 && slices.EqualFunc(have, want, func(a, b Ref) bool {
		return a.Name == b.Name && a.Tag == b.Tag && a.Commit == b.Commit
	}), nil
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
	out := c.history.outcome(url)
	select {
	case out.turn <- struct{}{}:
	default:
		return 0, false, nil // it is being fetched
	}
	s := out.value
	<-out.turn
	if s == nil {
		return 0, false, nil
	}
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
