package git

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// Remote is a branch of a repository on a server.
type Remote struct {
	// Address is that of the repository.
	Address Address
	// Branch is the name of the branch.
	Branch string
	// Credentials is the folder with them, read for each connection; "" for none.
	Credentials string
}

// Conn is a connection to a Remote, for one call of Tree or History.
type Conn struct {
	// Tip is the commit of the branch.
	Tip Hash

	advert *advert
	wire   wire
}

// wire is the transport of a connection.
type wire interface {
	// send sends a request and returns the answer.
	send(ctx context.Context, request []byte) (io.ReadCloser, error)
	io.Closer
}

// Dial connects to the server and gets the tip of the branch. The error is a *BranchError if
// there is no such branch. The connection ends with ctx.
func (r *Remote) Dial(ctx context.Context) (*Conn, error) {
	c, err := readCredentials(r.Credentials)
	if err != nil {
		return nil, err
	}
	var conn *Conn
	switch r.Address.Scheme {
	case "https", "http":
		conn, err = r.dialHTTP(ctx, c)
	case "ssh":
		ended := trace.Request(ctx, "DIAL", r.Address.String())
		conn, err = r.dialSSH(ctx, c)
		ended(0, err)
	case "git":
		ended := trace.Request(ctx, "DIAL", r.Address.String())
		conn, err = r.dialDaemon(ctx)
		ended(0, err)
	default:
		err = fmt.Errorf("%s is not on a server", r.Address)
	}
	if err != nil {
		return nil, endOf(ctx, err)
	}
	if conn.Tip = conn.advert.tip; conn.Tip.IsZero() {
		return nil, errors.Join(&BranchError{r.Branch}, conn.Close())
	}
	return conn, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.wire.Close() }

// Tree writes the pack of the tip's tree, without history, to w. Files that are too large are
// left out if the server supports that.
func (c *Conn) Tree(ctx context.Context, w io.Writer) error {
	return c.fetch(ctx, request{want: c.Tip, depth: 1, trees: true}, w)
}

// History writes the pack of the last commits before the tip to w.
func (c *Conn) History(ctx context.Context, commits int, w io.Writer) error {
	return c.fetch(ctx, request{want: c.Tip, depth: commits, have: c.Tip}, w)
}

// fetch sends a request, and writes the pack that is the response to w.
func (c *Conn) fetch(ctx context.Context, q request, w io.Writer) error {
	body, err := q.encode(c.advert)
	if err != nil {
		return err
	}
	answer, err := c.wire.send(ctx, body)
	if err != nil {
		return endOf(ctx, err)
	}
	defer func() { _ = answer.Close() }() // what of it matters has been read
	return endOf(ctx, readPack(answer, w))
}

// endOf adds the error of ctx, if it has ended: reading from a connection that ended with it
// reports only that it is closed.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}
