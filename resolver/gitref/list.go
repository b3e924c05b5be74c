package gitref

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	gitproto "github.com/go-git/go-git/v5/plumbing/transport/git"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// list lists the refs of a repository by go-git, without credentials but those of the URL.
func (c *Client) list(ctx context.Context, url string) (*Refs, error) {
	scheme, _, _ := strings.Cut(url, "://")
	var t transport.Transport
	switch strings.ToLower(scheme) {
	case "https", "http":
		t = githttp.NewClient(&http.Client{Transport: &bounded{c.maxOutput}})
	case "git":
		t = gitproto.DefaultClient
	default:
		return nil, noGit(lsRemote, url, "")
	}
	within, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, errTimeout)
	defer cancel()
	refs, err := advertised(within, t, url)
	switch {
	case err == nil && len(refs.refs) == 0:
		return nil, noRefs(url)
	case err == nil:
		return refs, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	e := &Error{Op: lsRemote, URL: redactURL(url), Err: err}
	switch {
	case within.Err() != nil:
		e.Kind, e.Err = Timeout, errTimeout
	case errors.Is(err, transport.ErrAuthenticationRequired),
		errors.Is(err, transport.ErrAuthorizationFailed):
		e.Kind = Auth
	case errors.Is(err, transport.ErrRepositoryNotFound):
		e.Kind = NotFound
	case errors.Is(err, errListing):
		e.Kind = Malformed
	default:
		e.Kind = Unreachable
		e.Said = gist(err.Error(), secrets(url))
	}
	return nil, e
}

// bounded is a RoundTripper that cuts a response off after so many bytes.
type bounded struct{ most int64 }

// RoundTrip sends a request.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, b.most), resp.Body}
	return resp, nil
}

// errListing marks a list of refs that is malformed.
var errListing = errors.New("list of refs")

// advertised returns what a server advertises.
func advertised(ctx context.Context, t transport.Transport, url string) (*Refs, error) {
	endpoint, err := transport.NewEndpoint(url)
	if err != nil {
		return nil, err
	}
	session, err := t.NewUploadPackSession(endpoint, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = session.Close() }() // all has been read
	adv, err := session.AdvertisedReferencesContext(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return &Refs{}, nil
	}
	if err != nil {
		return nil, err
	}
	refs, err := fromAdvertised(adv)
	if err != nil {
		return nil, errors.Join(errListing, err)
	}
	return refs, nil
}

// fromAdvertised checks what a server advertises as parseRefs does.
func fromAdvertised(adv *packp.AdvRefs) (*Refs, error) {
	var l listing
	for _, value := range adv.Capabilities.Get("symref") {
		if target, ok := strings.CutPrefix(value, "HEAD:"); ok {
			if err := l.symref("HEAD", target); err != nil {
				return nil, err
			}
		}
	}
	if adv.Head != nil {
		if err := l.add(Ref{Name: "HEAD", Commit: adv.Head.String()}); err != nil {
			return nil, err
		}
	}
	var names []string
	for name := range adv.References {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "HEAD" && adv.Head != nil {
			continue
		}
		ref := Ref{Name: name, Commit: adv.References[name].String()}
		if peeled, ok := adv.Peeled[name]; ok {
			ref.Tag, ref.Commit = ref.Commit, peeled.String()
		}
		if err := l.add(ref); err != nil {
			return nil, err
		}
	}
	return l.finish()
}
