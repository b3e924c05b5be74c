package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// place is where a repository may be read: at a mirror, or at its own host.
type place struct {
	*host
	repo string
}

// places returns where to ask for a repository: its host's mirrors, in their
// order, and then the host.
func (c *Client) places(n oci.Name) ([]place, error) {
	if n.Host == "" || n.Repository == "" {
		return nil, errors.New("the name has no host or no repository")
	}
	var all []place
	for _, mirror := range c.options.Hosts[n.Host].Mirrors {
		at, prefix, _ := strings.Cut(strings.TrimRight(mirror, "/"), "/")
		h, err := c.host(at)
		if err != nil {
			return nil, fmt.Errorf("mirror %q of %s: %w", mirror, n.Host, err)
		}
		if prefix != "" {
			prefix += "/"
		}
		all = append(all, place{h, prefix + n.Repository})
	}
	h, err := c.host(n.Host)
	if err != nil {
		return nil, err
	}
	return append(all, place{h, n.Repository}), nil
}

// first returns what ask gets from the first of the places that has it. The next
// is asked where one fails, or says that it has nothing or lets nobody in; but
// not after an answer that is wrong in itself, which is no reason to believe
// another.
func first[T any](ctx context.Context, places []place, ask func(context.Context, place) (T, error)) (T, error) {
	var before []*Error
	for {
		value, err := ask(ctx, places[0])
		var e *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &e) {
			return value, err
		}
		if len(places) == 1 || !e.elsewhere() {
			return value, e.after(before)
		}
		before, places = append(before, e), places[1:]
	}
}

// elsewhere reports whether another place may do better.
func (e *Error) elsewhere() bool { return e.Status < 200 || e.Status >= 300 }

// after returns the error with those of the mirrors that were asked before.
func (e *Error) after(before []*Error) *Error {
	if len(before) == 0 {
		return e
	}
	out := *e
	out.Before = before
	return &out
}

// refOf returns the tag or digest by which a name is asked for.
func refOf(n oci.Name) (string, error) {
	switch {
	case n.Digest != "" && !lockfile.ValidDigest(n.Digest):
		return "", fmt.Errorf("%s is no sha256 digest, and a lock holds no other", n.Digest)
	case n.Digest != "":
		return n.Digest, nil
	case n.Tag != "":
		return n.Tag, nil
	}
	return "latest", nil
}
