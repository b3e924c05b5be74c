package git

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

const (
	advertType = "application/x-git-upload-pack-advertisement"
	packType   = "application/x-git-upload-pack-result"
	askType    = "application/x-git-upload-pack-request"
)

// web is git's protocol over HTTP.
type web struct {
	client *http.Client
	url    string // of git-upload-pack
	who    *credentials
}

// dialHTTP connects over HTTP.
func (r *Remote) dialHTTP(ctx context.Context, c *credentials) (*Conn, error) {
	if r.Address.Scheme == "http" && c.secret() {
		return nil, errors.New("a password or token would go over plain HTTP for all to read: " +
			"use https")
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.roots},
		ForceAttemptHTTP2:     true,
		ResponseHeaderTimeout: time.Minute,
		DisableCompression:    true, // packs are compressed; what inflates is bounded elsewhere
	}
	w := &web{client: &http.Client{Transport: transport, CheckRedirect: stay}, who: c}
	base := (&url.URL{Scheme: r.Address.Scheme, Host: r.Address.Host,
		Path: strings.TrimSuffix(r.Address.Path, "/")}).String()
	const advert = "/info/refs?service=git-upload-pack"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+advert, nil)
	if err != nil {
		return nil, err
	}
	answer, err := w.do(request, advertType)
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	defer func() { _ = answer.Body.Close() }() // read as far as it matters
	a, err := readAdvert(answer.Body, r.Branch)
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.url = strings.TrimSuffix(answer.Request.URL.String(), advert) + "/git-upload-pack"
	return &Conn{advert: a, wire: w}, nil
}

// stay follows redirects on one host only: other hosts get no credentials, and cannot replace
// the repository.
func stay(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return fmt.Errorf("the server redirects to %s://%s: name the repository by that URL",
			next.URL.Scheme, next.URL.Host)
	}
	if len(before) > 5 {
		return errors.New("redirect loop")
	}
	return nil
}

// do sends a request, and rejects a response of another type than want.
func (w *web) do(request *http.Request, want string) (*http.Response, error) {
	request.Header.Set("User-Agent", "git/plumb") // some servers serve programs called git only
	switch {
	case w.who.bearer != "":
		request.Header.Set("Authorization", "Bearer "+w.who.bearer)
	case w.who.secret():
		request.SetBasicAuth(w.who.user, w.who.password)
	}
	ended := trace.Request(request.Context(), request.Method, request.URL.String())
	answer, err := w.client.Do(request)
	if err != nil {
		ended(0, err)
		return nil, err
	}
	ended(answer.StatusCode, nil)
	if answer.StatusCode == http.StatusOK && answer.Header.Get("Content-Type") == want {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }() // nothing of it is read
	where := request.URL.Host + request.URL.Path
	switch answer.StatusCode {
	case http.StatusOK:
		return nil, fmt.Errorf("%s: not a git server (content type %q)", where,
			answer.Header.Get("Content-Type"))
	case http.StatusUnauthorized, http.StatusForbidden:
		if !w.who.secret() {
			return nil, fmt.Errorf("%s: %s: no credentials (--credentials)", where, answer.Status)
		}
		return nil, fmt.Errorf("%s: %s with the credentials of %s", where, answer.Status, w.who.dir)
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s: %s: the repository does not exist, or the credentials do not "+
			"give access to it", where, answer.Status)
	}
	return nil, fmt.Errorf("%s: %s", where, answer.Status)
}

func (w *web) send(ctx context.Context, body []byte) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", askType)
	request.Header.Set("Accept", packType)
	answer, err := w.do(request, packType)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Close closes the connections that are kept.
func (w *web) Close() error {
	w.client.CloseIdleConnections()
	return nil
}
