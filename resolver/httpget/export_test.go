package httpget

import (
	"context"
	"errors"
	"net/netip"
)

// Resolve has a Sender resolve names to these addresses, and no others.
func (s *Sender) Resolve(names map[string]string) {
	s.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		if a, err := netip.ParseAddr(names[host]); err == nil {
			return []netip.Addr{a}, nil
		}
		return nil, errors.New("no such host")
	}
}
