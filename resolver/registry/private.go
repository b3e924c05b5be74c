package registry

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guarded keeps a registry from sending requests on, by redirects or as its token
// server, to addresses that only this machine can reach: services inside, or the
// cloud's metadata. A registry that is itself at a private address may, but for
// link-local ones.
//
// What it cannot know: where a proxy connects to when it is given a name (such
// names are not looked up here), and what a name means when it is looked up again
// to connect.
type guarded struct {
	next   http.RoundTripper
	home   string // the registry's host, without a port
	name   string // the registry in canonical form
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	proxy  func(*http.Request) (*url.URL, error) // nil if none is known of
	places memo[netip.Addr]
}

// refusedAddress is why a request was not sent on.
type refusedAddress struct {
	registry, host string
	address        netip.Addr
}

func (e *refusedAddress) Error() string {
	to := "the private address " + e.address.String()
	if _, err := netip.ParseAddr(e.host); err != nil {
		to = line(e.host) + ", which is " + to
	}
	return "refused: " + e.registry + " sends plumb on to " + to
}

// RoundTrip sends the request unless it is refused.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.EqualFold(r.URL.Hostname(), g.home) {
		if err := g.check(r); err != nil {
			closeBody(r)
			return nil, err
		}
	}
	return g.next.RoundTrip(r)
}

// check says whether the registry may send a request to another host.
func (g *guarded) check(r *http.Request) error {
	host := r.URL.Hostname()
	target, err := g.private(r.Context(), host, g.proxied(r))
	if err != nil || !target.IsValid() {
		return err
	}
	if !neverRight(target) {
		home, err := g.private(r.Context(), g.home, false)
		if err != nil || home.IsValid() {
			return err
		}
	}
	return &refusedAddress{g.name, host, target}
}

func (g *guarded) proxied(r *http.Request) bool {
	if g.proxy == nil {
		return false
	}
	proxy, err := g.proxy(r)
	return err == nil && proxy != nil
}

// private returns a private address of a host; the zero Addr if it has none or
// does not resolve, so that nothing can be sent there either. It fails only when
// ctx ends.
func (g *guarded) private(ctx context.Context, host string, proxied bool) (netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return firstPrivate([]netip.Addr{literal}), nil
	}
	if proxied {
		return netip.Addr{}, nil
	}
	return g.places.get(ctx, host, nil, func(ctx context.Context) (netip.Addr, error) {
		found, err := g.lookup(ctx, "ip", host)
		if err != nil && ctx.Err() != nil {
			return netip.Addr{}, context.Cause(ctx)
		}
		return firstPrivate(found), nil
	})
}

func firstPrivate(list []netip.Addr) netip.Addr {
	for _, a := range list {
		if isPrivate(a) {
			return a.Unmap()
		}
	}
	return netip.Addr{}
}

// Address ranges that are not the public's, besides those that netip knows: of
// carriers (RFC 6598), this network (RFC 1122), and IPv4 behind NAT64 (RFC 6052).
var (
	carriers    = netip.MustParsePrefix("100.64.0.0/10")
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	nat64       = netip.MustParsePrefix("64:ff9b::/96")
)

func isPrivate(a netip.Addr) bool {
	a = plainAddr(a)
	return a.IsPrivate() || a.IsLoopback() || carriers.Contains(a) || neverRight(a)
}

// neverRight reports whether no registry has a reason to send requests to a.
func neverRight(a netip.Addr) bool {
	a = plainAddr(a)
	return a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || thisNetwork.Contains(a)
}

// plainAddr returns the IPv4 address in an IPv6 one, if it is there, and no zone.
func plainAddr(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}
