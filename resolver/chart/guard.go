package chart

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

// refusedError says that a request was not sent because of where it would go.
type refusedError struct{ reason string }

// Error gives the reason.
func (e *refusedError) Error() string { return "refused: " + e.reason }

// maxRedirects bounds how many redirects a request follows.
const maxRedirects = 5

// client returns what sends a request and follows its redirects.
func (s *sender) client(r request) (*http.Client, error) {
	next, proxy, err := s.base(r)
	if err != nil {
		return nil, err
	}
	if s.trace != nil {
		next = transport.Tracing(next, s.trace)
	}
	g := &guard{sender: s, home: r.repo.url.Hostname(), next: next, proxy: proxy}
	return &http.Client{Transport: g, CheckRedirect: s.checkRedirect}, nil
}

// checkRedirect is an http.Client's CheckRedirect. Credentials are only for the host for
// which there are some; net/http would send them to its subdomains as well.
func (s *sender) checkRedirect(r *http.Request, via []*http.Request) error {
	first, last := via[0].URL, via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return &refusedError{"too many redirects"}
	case last.Scheme == "https" && r.URL.Scheme != "https":
		return &refusedError{"redirected from https to " + line(r.URL.Scheme)}
	}
	if err := s.checkScheme(r.URL); err != nil {
		return &refusedError{"redirected to " + line(cleanURL(r.URL.String())) + ": " + err.Error()}
	}
	if r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		r.Header.Del("Authorization")
	}
	return nil
}

// guard keeps a repository from directing requests, by a redirect or by the URL of an
// archive, to addresses that only this machine can reach: internal services, or the
// cloud's metadata. A repository that is itself at a private address may use others, but
// not link-local ones. It follows resolver/registry/transport, which has the same rule for
// registries.
type guard struct {
	sender *sender
	home   string // the repository's host, without a port
	next   http.RoundTripper
	proxy  func(*http.Request) (*url.URL, error) // nil if there is none
}

// RoundTrip sends the request unless it is refused.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if host := r.URL.Hostname(); !strings.EqualFold(host, g.home) {
		proxied := false
		if g.proxy != nil {
			proxy, err := g.proxy(r)
			proxied = err == nil && proxy != nil
		}
		if err := g.check(r.Context(), host, proxied); err != nil {
			return nil, err
		}
	}
	return g.next.RoundTrip(r)
}

// mayDirect returns an error if a repository may not direct requests to the host of a URL.
func (s *sender) mayDirect(ctx context.Context, r *repository, text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("malformed URL of an archive in the index")
	}
	g := &guard{sender: s, home: r.url.Hostname()}
	return g.check(ctx, u.Hostname(), false)
}

// check returns an error if the repository may not direct requests to a host.
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
	return &refusedError{fmt.Sprintf("the repository at %s directs requests to %s, at private "+
		"address %s", g.home, line(host), target)}
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

// neverAllowed reports whether no repository has a reason to direct requests to a.
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
