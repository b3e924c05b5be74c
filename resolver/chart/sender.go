package chart

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// sender sends requests to HTTP repositories, with the credentials that there are.
type sender struct {
	http     *httpget.Sender
	accounts accounts
}

func newSender(o Options) *sender {
	return &sender{
		http: httpget.New(httpget.Options{
			Transport: o.Transport, Hosts: o.Hosts, Concurrency: o.Concurrency,
			UserAgent: o.UserAgent, Trace: o.Trace,
		}),
		accounts: accounts{getenv: o.Getenv},
	}
}

// request is a GET at a repository, or at where its index says that an archive is.
type request struct {
	repo   *repository
	url    *url.URL
	accept string
	what   string // that is fetched, for errors: "index", "archive"
	most   int64  // bytes of the response's body
	asIs   bool   // the bytes count
}

// get sends a request and has read take the body of the response. The error is a
// *RequestError unless ctx ended or the settings are at fault.
func (s *sender) get(ctx context.Context, r request, read func(io.Reader) error) error {
	h := httpget.Request{
		URL: r.url, Home: r.repo.url, Site: "repository", Accept: r.accept, What: r.what,
		Max: r.most, AsIs: r.asIs, Login: r.repo.account.login, TLS: r.repo.account.files,
	}
	err := s.http.Get(ctx, h, func(_ http.Header, body io.Reader) error { return read(body) })
	var e *transport.Error
	if !errors.As(err, &e) {
		return err
	}
	failed := &RequestError{repo: r.repo.url.String(), Err: e}
	if h.Authorized() {
		failed.account = h.Login.From
	}
	return failed
}

// mayDirect returns an error if a repository may not direct requests to the host of a URL.
func (s *sender) mayDirect(ctx context.Context, r *repository, text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("malformed URL of an archive in the index")
	}
	return s.http.CheckDirect(ctx, "repository", r.url, u)
}
