package transport

import (
	"net/http"
	"net/netip"
	"time"
)

// clients returns two clients for a host that share its circuit breaker and its slots:
// one that sends each request once, and one that retries. From the outside in:
// redirects are followed, addresses checked, failures retried, and each try waits for
// its slot.
func (t *Transport) clients(h *Host, settings HostOptions) (once, retry *http.Client) {
	base := t.bases[h.name]
	if base == nil {
		base = t.bases[""]
	}
	concurrency, timeout := t.options.Concurrency, requestTimeout
	if settings.Concurrency > 0 {
		concurrency = settings.Concurrency
	}
	if settings.Timeout > 0 {
		timeout = settings.Timeout
	}
	sender := &limited{
		next:      base,
		breaker:   newCircuitBreaker(h.name, t.Clock),
		slots:     make(chan struct{}, concurrency),
		timeout:   timeout,
		userAgent: t.options.UserAgent,
		trace:     t.options.Trace,
	}
	if base, ok := base.(*http.Transport); ok {
		sender.proxy = base.Proxy
	}
	client := func(next http.RoundTripper) *http.Client {
		g := &addressGuard{next: next, home: hostname(h.endpoint), name: h.name,
			lookup: t.LookupIP, proxy: sender.proxy}
		g.privates.Reuse = func(_ netip.Addr, err error, _ time.Time) bool { return err == nil }
		return &http.Client{CheckRedirect: checkRedirect, Transport: g}
	}
	return client(sender), client(&retrying{next: sender, breaker: sender.breaker})
}
