package httpget

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Bounds on time. A file can be long, so what is bounded is the silence of a server, and
// the whole more generously.
const (
	silence  = 20 * time.Second
	whole    = 10 * time.Minute
	maxTries = 5
	maxPause = time.Minute // in all, between the tries of one request
)

// TimeoutError says that a server was silent for too long.
type TimeoutError time.Duration

// Error gives the time.
func (e TimeoutError) Error() string {
	return "no response within " + time.Duration(e).String()
}

// watch returns a context that ends when the host was silent for too long. alive says that
// it was not.
func (s *Sender) watch(
	ctx context.Context, host string,
) (limited context.Context, stop, alive func()) {
	after := silence
	if own := s.hosts[host].Timeout; own > 0 {
		after = own
	}
	limited, cancel := context.WithCancelCause(ctx)
	quiet := time.AfterFunc(after, func() { cancel(TimeoutError(after)) })
	total := time.AfterFunc(max(whole, after), func() { cancel(TimeoutError(max(whole, after))) })
	stop = func() {
		quiet.Stop()
		total.Stop()
		cancel(nil)
	}
	return limited, stop, func() { quiet.Reset(after) }
}

// triesFor returns how often a request that failed in this way is sent in all.
func triesFor(err error, status int) int {
	var timeout TimeoutError
	var dns *net.DNSError
	switch {
	case status == http.StatusOK, isPermanent(err):
		return 1
	case status != 0:
		if isTransient(status) {
			return maxTries
		}
		return 1
	case errors.As(err, &timeout):
		return 2 // each try takes long
	case errors.As(err, &dns) && dns.IsNotFound:
		return 1
	}
	return maxTries
}

// isTransient reports whether another try may have another status.
func isTransient(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isPermanent reports whether another try would fail as well.
func isPermanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
		alert       tls.AlertError
		refused     *RefusedError
	)
	return errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &name) ||
		errors.As(err, &alert) || errors.As(err, &refused) ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, ErrProxy)
}

// backoff returns the pause after so many tries, half of it random.
func backoff(tries int) time.Duration {
	d := min(250*time.Millisecond<<min(tries-1, 8), 4*time.Second)
	return d/2 + rand.N(d/2)
}

// retryAfter returns how long a server asks to wait (RFC 9110, section 10.2.3), 0 if it
// does not.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
