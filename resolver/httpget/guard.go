package httpget

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// RefusedError says that a request was not sent because of where it would go.
type RefusedError struct{ reason string }

// Error gives the reason.
func (e *RefusedError) Error() string { return "refused: " + e.reason }

// maxRedirects bounds how many redirects a request follows.
const maxRedirects = 5

// client sends one request, once or more, and follows its redirects.
type client struct {
	request Request
	http    *http.Client
	sender  *Sender
	stop    func(*url.URL) bool // which redirects are not followed; nil if all are
	stopped *url.URL            // where stop reported true
}

// client returns what sends a request.
func (s *Sender) client(r Request) (*client, error) {
	next, proxy, err := s.base(r)
	if err != nil {
		return nil, err
	}
	if s.trace != nil {
		next = transport.Tracing(next, s.trace)
	}
	c := &client{request: r, sender: s}
	g := &guard{sender: s, home: r.home().Hostname(), site: r.site(), next: next, proxy: proxy}
	c.http = &http.Client{Transport: g, CheckRedirect: c.checkRedirect}
	return c, nil
}

// checkRedirect is an http.Client's CheckRedirect. Credentials are only for the host for
// which there are some; net/http would send them to its subdomains as well.
func (c *client) checkRedirect(r *http.Request, via []*http.Request) error {
	first, last := via[0].URL, via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return &RefusedError{"too many redirects"}
	case last.Scheme == "https" && r.URL.Scheme != "https":
		return &RefusedError{"redirected from https to " + Line(r.URL.Scheme)}
	}
	if err := c.sender.CheckScheme(r.URL); err != nil {
		return &RefusedError{"redirected to " + Line(CleanURL(r.URL.String())) + ": " + err.Error()}
	}
	if c.stop != nil && c.stop(r.URL) {
		c.stopped = r.URL
		return http.ErrUseLastResponse
	}
	if r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		r.Header.Del("Authorization")
	}
	return nil
}

// guard keeps a server from directing requests, by a redirect or by the URL of an
// archive in an index, to addresses that only this machine can reach: internal services, or the
// cloud's metadata. A server that is itself at a private address may use others, but
// not link-local ones. It follows resolver/registry/transport, which has the same rule for
// registries.
type guard struct {
	sender *Sender
	home   string // the host of Request.Home, without a port
	site   string
	next   http.RoundTripper
	proxy  func(*http.Request) (*url.URL, error) // nil if there is none
}

// ErrProxy says that the environment names a proxy by a URL that is malformed. That URL may
// have a password, so it is not repeated.
var ErrProxy = errors.New("malformed URL of the proxy in HTTPS_PROXY or HTTP_PROXY")

// RoundTrip sends the request unless it is refused. net/http would repeat a malformed URL of
// a redirect, which can have a secret, so those are refused here.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	proxied := false
	if g.proxy != nil {
		proxy, err := g.proxy(r)
		if err != nil {
			return nil, ErrProxy
		}
		proxied = proxy != nil
	}
	if host := r.URL.Hostname(); !strings.EqualFold(host, g.home) {
		if err := g.check(r.Context(), host, proxied); err != nil {
			return nil, err
		}
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.URL.Parse(resp.Header.Get("Location")); err != nil {
		resp.Body.Close()
		return nil, &RefusedError{"redirected to a malformed URL"}
	}
	return resp, nil
}

// CheckDirect returns an error if the server home, which is a site, may not direct requests
// to the host of u. Get checks that itself; it is for requests that others send.
func (s *Sender) CheckDirect(ctx context.Context, site string, home, u *url.URL) error {
	g := &guard{sender: s, home: home.Hostname(), site: site}
	return g.check(ctx, u.Hostname(), false)
}

// check returns an error if home may not direct requests to a host.
func (g *guard) check(ctx context.Context, host string, proxied bool) error {
	target, err := g.private(ctx, host, proxied)
	if err != nil || !target.IsValid() {
		return err
	}
	if !neverAllowed(target) {
		home, err := g.private(ctx, g.home, false)
		if err != nil || home.IsValid() {
			return err
		}
	}
	return &RefusedError{fmt.Sprintf("the %s at %s directs requests to %s, at private address %s",
		g.site, g.home, Line(host), target)}
}

// private returns a private address of a host; the zero Addr if it has none, or does not
// resolve. Names are not looked up where a proxy does that.
func (g *guard) private(ctx context.Context, host string, proxied bool) (netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return firstPrivate([]netip.Addr{literal}), nil
	}
	if proxied {
		return netip.Addr{}, nil
	}
	found, err := g.sender.lookup(ctx, "ip", host)
	if err != nil && ctx.Err() != nil {
		return netip.Addr{}, context.Cause(ctx)
	}
	return firstPrivate(found), nil
}

func firstPrivate(list []netip.Addr) netip.Addr {
	for _, a := range list {
		if a = plainAddr(a); isPrivate(a) {
			return a
		}
	}
	return netip.Addr{}
}

func isPrivate(a netip.Addr) bool {
	carriers := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // RFC 6598
	return a.IsPrivate() || a.IsLoopback() || carriers.Contains(a) || neverAllowed(a)
}

// neverAllowed reports whether no server has a reason to direct requests to a.
func neverAllowed(a netip.Addr) bool {
	return a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() ||
		a.Is4() && a.As4()[0] == 0
}

// plainAddr returns a without its zone, and as IPv4 if it embeds an IPv4 address: as
// such, or behind NAT64 (RFC 6052).
func plainAddr(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	b := a.As16()
	if nat64 := [12]byte{0, 0x64, 0xff, 0x9b}; a.Is6() && [12]byte(b[:12]) == nat64 {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}
