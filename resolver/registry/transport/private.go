package transport

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/internal/memo"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// addressGuard keeps a registry from directing requests, by a redirect or by naming a
// token server, to addresses that only this machine can reach: internal services, or
// the cloud's metadata. A registry that is itself at a private address may use others,
// except link-local ones.
//
// What it cannot know: where a proxy connects to when it gets a name (such names are
// not looked up here), and what a name resolves to when it is looked up again to
// connect.
type addressGuard struct {
	next     http.RoundTripper
	home     string // the registry's host, without a port
	name     string // the registry in canonical form
	lookup   func(ctx context.Context, network, host string) ([]netip.Addr, error)
	proxy    func(*http.Request) (*url.URL, error) // nil if there is none
	privates memo.Group[netip.Addr]                // by host
}

// privateAddressError says that a registry directed a request to a private address.
type privateAddressError struct {
	registry, host string
	address        netip.Addr
}

// Error names the registry and the address.
func (e *privateAddressError) Error() string {
	to := "private address " + e.address.String()
	if _, err := netip.ParseAddr(e.host); err != nil {
		to = sanitize.Line(e.host) + " (" + to + ")"
	}
	return "refused: " + e.registry + " directs requests to " + to
}

// RoundTrip sends the request unless it is refused.
func (g *addressGuard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.EqualFold(r.URL.Hostname(), g.home) {
		if err := g.check(r); err != nil {
			closeBody(r)
			return nil, err
		}
	}
	return g.next.RoundTrip(r)
}

// check returns an error if the registry may not direct a request to its host.
func (g *addressGuard) check(r *http.Request) error {
	host := r.URL.Hostname()
	target, err := g.private(r.Context(), host, g.proxied(r))
	if err != nil || !target.IsValid() {
		return err
	}
	if !neverAllowed(target) {
		home, err := g.private(r.Context(), g.home, false)
		if err != nil || home.IsValid() {
			return err
		}
	}
	return &privateAddressError{g.name, host, target}
}

func (g *addressGuard) proxied(r *http.Request) bool {
	if g.proxy == nil {
		return false
	}
	proxy, err := g.proxy(r)
	return err == nil && proxy != nil
}

// private returns a private address of a host; the zero Addr if it has none, or if it
// does not resolve, in which case nothing can be sent there. It fails only when ctx
// ends.
func (g *addressGuard) private(ctx context.Context, host string, proxied bool) (netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return firstPrivate([]netip.Addr{literal}), nil
	}
	if proxied {
		return netip.Addr{}, nil
	}
	return g.privates.Do(ctx, host, nil, func(ctx context.Context) (netip.Addr, error) {
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

// Address ranges that are not public, besides those that netip knows: carriers (RFC
// 6598), this network (RFC 1122), and IPv4 behind NAT64 (RFC 6052).
var (
	carriers    = netip.MustParsePrefix("100.64.0.0/10")
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")
	nat64       = netip.MustParsePrefix("64:ff9b::/96")
)

func isPrivate(a netip.Addr) bool {
	a = plainAddr(a)
	return a.IsPrivate() || a.IsLoopback() || carriers.Contains(a) || neverAllowed(a)
}

// neverAllowed reports whether no registry has a reason to direct requests to a.
func neverAllowed(a netip.Addr) bool {
	a = plainAddr(a)
	return a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || thisNetwork.Contains(a)
}

// plainAddr returns a without its zone, and as IPv4 if it embeds an IPv4 address.
func plainAddr(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}
