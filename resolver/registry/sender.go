package registry

import (
	"net/http"
	"net/netip"
	"time"
)

// clients returns two clients for a host that share its gate and its slots: one
// that sends each request once, and one that tries again. From the outside in:
// redirects are followed, addresses guarded, failures tried again, and each try
// waits for its turn.
func (c *Client) clients(h *host, special Host) (once, patient *http.Client) {
	transport := c.transports[h.name]
	if transport == nil {
		transport = c.transports[""]
	}
	concurrency, timeout := c.options.Concurrency, requestTime
	if special.Concurrency > 0 {
		concurrency = special.Concurrency
	}
	if special.Timeout > 0 {
		timeout = special.Timeout
	}
	sender := &limited{
		next:      transport,
		gate:      newGate(h.name, c.clock),
		slots:     make(chan struct{}, concurrency),
		timeout:   timeout,
		userAgent: c.options.UserAgent,
	}
	guard := func(next http.RoundTripper) *http.Client {
		g := &guarded{next: next, home: hostname(h.endpoint), name: h.name, lookup: c.lookup}
		if t, ok := transport.(*http.Transport); ok {
			g.proxy = t.Proxy
		}
		g.places.reuse = func(_ netip.Addr, err error, _ time.Time) bool { return err == nil }
		return &http.Client{CheckRedirect: redirect, Transport: g}
	}
	return guard(sender), guard(&retrying{next: sender, gate: sender.gate})
}
