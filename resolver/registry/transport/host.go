package transport

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/plumb-dev/plumb/resolver/registry/internal/memo"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// Host is one registry: its credentials, its tokens, and its limits.
type Host struct {
	name     string         // in canonical form: "docker.io"
	endpoint string         // where it is reached: "registry-1.docker.io"
	schemes  []string       // "https" and "http", in the order in which to try them
	account  name.Registry  // under which the keychain has it
	registry name.Registry  // endpoint
	keychain authn.Keychain // none without TLS, but for this machine
	client   *http.Client   // retries
	once     *http.Client   // does not

	pings  memo.Group[ping]
	keys   memo.Group[authn.Authenticator] // by repository, as tokens
	tokens memo.Group[*token]
	later  atomic.Pointer[transport.Challenge] // one that the ping did not bring
}

// deadTime is how long a host is not tried again after a ping that failed: hundreds of
// names may be waiting, and each try can take requestTimeout.
const deadTime = 30 * time.Second

func newHost(canonical string, keychain authn.Keychain, plainHTTP bool) (*Host, error) {
	account, err := name.NewRegistry(canonical)
	if err != nil {
		return nil, err
	}
	h := &Host{name: canonical, endpoint: canonical, account: account, keychain: keychain}
	if canonical == "docker.io" {
		h.endpoint = "registry-1.docker.io"
	}
	if h.registry, err = name.NewRegistry(h.endpoint); err != nil {
		return nil, err
	}
	switch {
	case plainHTTP:
		h.schemes = []string{"http"}
		if !isLoopback(h.endpoint) {
			// Whoever writes plumb.yaml must not have credentials sent for all to read.
			h.keychain = authn.NewMultiKeychain()
		}
	case isLoopback(canonical):
		h.schemes = []string{"https", "http"}
	default:
		h.schemes = []string{"https"}
	}
	h.pings.Reuse = func(_ ping, err error, at time.Time) bool {
		return err == nil || time.Since(at) < deadTime
	}
	h.keys.Reuse = func(authn.Authenticator, error, time.Time) bool { return true }
	h.tokens.Reuse = func(t *token, err error, _ time.Time) bool {
		return err == nil && t.fresh(time.Now())
	}
	return h, nil
}

// Name returns the host in canonical form: "docker.io".
func (h *Host) Name() string { return h.name }

// Endpoint returns where the host is reached: "registry-1.docker.io".
func (h *Host) Endpoint() string { return h.endpoint }

// isLoopback reports whether a host, perhaps with a port, is this machine by name.
func isLoopback(host string) bool {
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

// Send sends a request about a repository; path is what follows the repository in the
// URL. It returns the response whatever its status; the error is an *Error, a
// *CredentialsError or the cause of ctx's end. A token that has expired is replaced,
// once.
func (h *Host) Send(ctx context.Context, method, repo, path, accept string) (*Response, error) {
	p, err := h.ping(ctx)
	if err != nil {
		return nil, err
	}
	at := p.scheme + "://" + h.endpoint + "/v2/" + repo + path
	start := time.Now()
	var stale *token
	for again := false; ; again = true {
		auth, used, err := h.authorization(ctx, p, repo, stale)
		if err != nil {
			return nil, err
		}
		resp, err := h.do(ctx, h.client, method, at, accept, auth)
		if err != nil {
			return nil, err
		}
		if again || !h.renewable(resp, p, auth, used, start) {
			return &Response{resp, sanitize.URL(at), h.name, method}, nil
		}
		stale = used
	}
}

// do sends one request. The response's body is in memory and need not be closed.
func (h *Host) do(
	ctx context.Context, client *http.Client, method, at, accept, auth string,
) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return nil, h.requestError(ctx, method, sanitize.URL(at), err)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, h.requestError(ctx, method, sanitize.URL(at), err)
	}
	return resp, nil
}
