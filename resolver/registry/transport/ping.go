package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// ping is what a host responded to the first request.
type ping struct {
	scheme    string
	challenge transport.Challenge // Scheme is "" if there was none
}

// ping finds out, once, the host's scheme and what credentials it demands (OCI
// distribution-spec, "Determining support").
func (h *Host) ping(ctx context.Context) (ping, error) {
	return h.pings.Do(ctx, "", nil, func(ctx context.Context) (ping, error) {
		last := len(h.schemes) - 1
		for _, scheme := range h.schemes[:last] {
			// A server that hangs up on TLS rather speaks none than fails
			// for a moment.
			var connected atomic.Bool
			traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
			})
			p, err := h.pingScheme(traced, h.once, scheme)
			switch {
			case err == nil:
				return p, nil
			case connected.Load() || !lacksTLS(err):
				return h.pingScheme(ctx, h.client, scheme)
			}
		}
		return h.pingScheme(ctx, h.client, h.schemes[last])
	})
}

// lacksTLS reports whether err is what a server without TLS causes.
func lacksTLS(err error) bool {
	var header tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &header) ||
		errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

func (h *Host) pingScheme(ctx context.Context, client *http.Client, scheme string) (ping, error) {
	at := scheme + "://" + h.endpoint + "/v2/"
	resp, err := h.do(ctx, client, http.MethodGet, at, "", "")
	if err != nil {
		return ping{}, err
	}
	p := ping{scheme: scheme}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		p.challenge, _ = parseChallenge(resp.Header)
	case isTransient(resp.StatusCode) || resp.StatusCode >= 500:
		return ping{}, statusError(h.name, resp, http.MethodGet, at)
	}
	// With any other status the host may still serve manifests.
	return p, nil
}
