package gitref

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
)

// maxObject bounds the size of a commit or tag object, in bytes.
const maxObject = 1 << 20

// Object returns the bytes of a commit or of an annotated tag, without git's header. They
// match the id. That a server has the object does not mean that a ref of the repository
// has it: see Containing.
func (c *Client) Object(ctx context.Context, url, id string) ([]byte, error) {
	if !validID(id) {
		return nil, refuse(gitFetch, url, id, "it is not a full object id in lower case, 40 "+
			"or 64 hex digits")
	}
	data, err := c.objects.Do(ctx, url+" "+id, func() ([]byte, error) {
		return c.object(ctx, url, id)
	})
	return bytes.Clone(data), err
}

// object reads an object from what was fetched, else fetches it alone.
func (c *Client) object(ctx context.Context, url, id string) ([]byte, error) {
	if err := checkURL(url); err != nil {
		return nil, refuse(gitFetch, url, id, "%w", err)
	}
	if c.git == "" {
		return nil, noGit(gitFetch, url, id)
	}
	s, err := c.store(url, objectStore, len(id))
	if err != nil {
		return nil, err
	}
	var data []byte
	err = s.locked(ctx, func() error {
		data, err = c.readOrFetch(ctx, s, url, id)
		return err
	})
	return data, err
}

// readOrFetch returns an object of a locked store, fetched if need be.
func (c *Client) readOrFetch(ctx context.Context, s *store, url, id string) ([]byte, error) {
	data, found, err := c.read(ctx, s, url, id)
	if err != nil || found {
		return data, err
	}
	refs, err := c.Refs(ctx, url)
	if err != nil {
		return nil, err
	}
	// A server may refuse to send what is named by its id, but not what a ref names.
	want := cmp.Or(refs.naming(id), id)
	err = c.fetch(ctx, s, request{url: url, ref: id, options: []string{"--depth=1"},
		refspecs: []string{want}})
	if err != nil {
		return nil, err
	}
	data, found, err = c.read(ctx, s, url, id)
	if err == nil && !found {
		err = &Error{Op: gitFetch, URL: redactURL(url), Ref: id, Kind: NotFound,
			Err: errors.New("the server sent something else")}
	}
	return data, err
}

// naming returns the name of a branch or tag whose tip, or tag object, is id.
func (r *Refs) naming(id string) string {
	if ref, ok := r.tip(id); ok {
		return ref.Name
	}
	for _, ref := range r.refs {
		if ref.Tag == id {
			return ref.Name
		}
	}
	return ""
}

// read reads an object of the store and checks that it matches its id.
func (c *Client) read(ctx context.Context, s *store, url, id string) ([]byte, bool, error) {
	out, err := c.local(ctx, s, url, id+"\n", "cat-file", "--batch")
	if err != nil {
		return nil, false, err
	}
	if bytes.HasPrefix(out, []byte(id+" missing")) {
		return nil, false, nil
	}
	head, data, _ := bytes.Cut(out, []byte("\n"))
	fields := bytes.Fields(head)
	if len(fields) != 3 || string(fields[0]) != id {
		return nil, false, fmt.Errorf("git cat-file: malformed answer %.80q", head)
	}
	kind := string(fields[1])
	size, err := strconv.Atoi(string(fields[2]))
	if err != nil || size < 0 || size != len(data)-1 {
		return nil, false, fmt.Errorf("git cat-file: malformed answer %.80q", head)
	}
	data = data[:size]
	e := &Error{Op: gitFetch, URL: redactURL(url), Ref: id}
	switch {
	case kind != "commit" && kind != "tag":
		e.Kind, e.Err = Refused, fmt.Errorf("it is a %s, not a commit or tag", kind)
	case size > maxObject:
		e.Kind, e.Err = TooLarge, fmt.Errorf("%d bytes, more than %d", size, maxObject)
	case objectID(kind, data, len(id)) != id:
		e.Kind, e.Err = Malformed, errors.New("the content does not match the id")
	default:
		return data, true, nil
	}
	return nil, false, e
}

// objectID returns the id of an object, of so many hex digits.
func objectID(kind string, data []byte, digits int) string {
	if digits == 64 {
		h := sha256.New()
		fmt.Fprintf(h, "%s %d\x00", kind, len(data))
		h.Write(data)
		return hex.EncodeToString(h.Sum(nil))
	}
	t := plumbing.CommitObject
	if kind == "tag" {
		t = plumbing.TagObject
	}
	return plumbing.ComputeHash(t, data).String() // detects collisions of SHA-1
}
