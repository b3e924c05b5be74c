package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// host is one registry and what is known of it.
type host struct {
	name     string        // in canonical form: "docker.io"
	endpoint string        // where it is reached: "registry-1.docker.io"
	schemes  []string      // "https" and "http", in the order in which to try them
	account  name.Registry // under which the keychain knows it
	registry name.Registry // endpoint
	keychain authn.Keychain
	client   *http.Client // tries again what fails in passing
	once     *http.Client // does not

	greetings memo[greeting]
	keys      memo[authn.Authenticator] // by repository, as tokens
	tokens    memo[*token]
	later     atomic.Pointer[transport.Challenge] // a demand that the greeting did not make
}

// greeting is what a host answered first.
type greeting struct {
	scheme    string
	challenge transport.Challenge // Scheme is "" where none was made
}

// deadTime is how long a host that could not be greeted is not tried again:
// hundreds of names may be waiting, and each try can take requestTime.
const deadTime = 30 * time.Second

func newHost(canonical string, keychain authn.Keychain, plainHTTP bool) (*host, error) {
	account, err := name.NewRegistry(canonical)
	if err != nil {
		return nil, err
	}
	h := &host{name: canonical, endpoint: canonical, account: account, keychain: keychain}
	if canonical == "docker.io" {
		h.endpoint = "registry-1.docker.io"
	}
	if h.registry, err = name.NewRegistry(h.endpoint); err != nil {
		return nil, err
	}
	switch {
	case plainHTTP:
		h.schemes = []string{"http"}
	case loopback(canonical):
		h.schemes = []string{"https", "http"}
	default:
		h.schemes = []string{"https"}
	}
	h.greetings.reuse = func(_ greeting, err error, at time.Time) bool {
		return err == nil || time.Since(at) < deadTime
	}
	h.keys.reuse = func(authn.Authenticator, error, time.Time) bool { return true }
	h.tokens.reuse = func(t *token, err error, _ time.Time) bool { return err == nil && t.fresh(time.Now()) }
	return h, nil
}

// loopback reports whether a host, perhaps with a port, is this machine by its
// very name.
func loopback(host string) bool {
	host = hostname(host)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// hostname returns a host without its port and brackets.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	if len(host) > 2 && host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// greet asks the host once what it demands (OCI distribution-spec, "Determining
// support").
func (h *host) greet(ctx context.Context) (greeting, error) {
	return h.greetings.get(ctx, "", nil, func(ctx context.Context) (greeting, error) {
		last := len(h.schemes) - 1
		for _, scheme := range h.schemes[:last] {
			// Who hangs up on TLS rather speaks none than fails in passing.
			var connected atomic.Bool
			traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
			})
			g, err := h.ping(traced, h.once, scheme)
			switch {
			case err == nil:
				return g, nil
			case connected.Load() || !speaksNoTLS(err):
				return h.ping(ctx, h.client, scheme)
			}
		}
		return h.ping(ctx, h.client, h.schemes[last])
	})
}

// speaksNoTLS reports whether err is what a server causes that expects no TLS.
func speaksNoTLS(err error) bool {
	var header tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &header) ||
		errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

func (h *host) ping(ctx context.Context, client *http.Client, scheme string) (greeting, error) {
	at := scheme + "://" + h.endpoint + "/v2/"
	resp, err := h.send(ctx, client, http.MethodGet, at, "", "")
	if err != nil {
		return greeting{}, err
	}
	defer drain(resp)
	g := greeting{scheme: scheme}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		g.challenge, _ = challenge(resp.Header)
	case passing(resp.StatusCode) || resp.StatusCode >= 500:
		return greeting{}, h.statusError(resp, http.MethodGet, at)
	}
	// Any other status is taken for a host that serves manifests and nothing else.
	return g, nil
}

// ask sends a request about repo, whose last part is below the repository's URL,
// and returns the answer, whatever its status, and the URL. A token that has
// expired on the way is replaced, once. The caller drains the answer.
func (h *host) ask(ctx context.Context, method, repo, rest, accept string) (*http.Response, string, error) {
	g, err := h.greet(ctx)
	if err != nil {
		return nil, "", err
	}
	at := g.scheme + "://" + h.endpoint + "/v2/" + repo + rest
	start := time.Now()
	var stale *token
	for again := false; ; again = true {
		auth, used, err := h.authorization(ctx, g, repo, stale)
		if err != nil {
			return nil, at, err
		}
		resp, err := h.do(ctx, method, at, accept, auth)
		if err != nil || again || !h.renewable(resp, g, auth, used, start) {
			return resp, at, err
		}
		drain(resp)
		stale = used
	}
}

// do sends one request, again if it fails in passing.
func (h *host) do(ctx context.Context, method, at, accept, auth string) (*http.Response, error) {
	return h.send(ctx, h.client, method, at, accept, auth)
}

func (h *host) send(ctx context.Context, client *http.Client, method, at, accept, auth string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return nil, h.failed(ctx, method, redact(at), err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, h.failed(ctx, method, redact(at), err)
	}
	return resp, nil
}

// drain reads the little that is left of an answer, so that its connection can
// be used again, and closes it.
func drain(resp *http.Response) {
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxErrorBody))
	resp.Body.Close()
}
