package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// maxTries is how often a request is sent in all. Where one response in fifty is a
// refusal, one request in 15,000,000,000 is refused as often.
const maxTries = 6

// maxPause is how long one request waits for a host that asks for a pause.
const maxPause = time.Minute

// retrying retries requests to one host after transient failures. It is for requests
// that change nothing: GET, HEAD, and a token server's POST. A transient failure that
// lasts is an *Error, also where there is a response.
type retrying struct {
	next    http.RoundTripper
	breaker *circuitBreaker
}

// attempts is what has happened to a request so far.
type attempts struct {
	tries     int
	waited    time.Duration // because the host refused
	stuck     int           // refusals in a row while the host served no other request
	successes int           // of the host at the last refusal
	last      *Error
}

// RoundTrip sends the request until it has a response or is given up.
func (t *retrying) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if r.Method == http.MethodPost || strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") {
		t.breaker.recordCredentials()
	}
	for a := (attempts{}); ; {
		resp, err := t.next.RoundTrip(r)
		var open *notSentError
		switch {
		case err == nil && !isTransient(resp.StatusCode):
			t.breaker.recordSuccess()
			return resp, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &open):
			return nil, t.notSent(r, &a, open)
		}
		a.tries++
		wait, again := t.failed(&a, r, resp, err)
		if !again {
			return nil, a.last
		}
		if err := t.breaker.sleep(ctx, wait); err != nil {
			return nil, err
		}
		if r, err = rewind(r); err != nil {
			return nil, a.last
		}
	}
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

// failed notes a failure and decides whether to retry, and when.
func (t *retrying) failed(
	a *attempts, r *http.Request, resp *http.Response, err error,
) (wait time.Duration, again bool) {
	if err != nil {
		a.last = t.requestError(r, err)
		wait, again = t.noResponse(a, err)
	} else {
		a.last = statusError(t.breaker.host, resp, r.Method, sanitize.URL(r.URL.String()))
		wait, again = t.refused(a, resp)
	}
	a.last.Tries = a.tries
	return wait, again
}

func (t *retrying) requestError(r *http.Request, err error) *Error {
	return &Error{
		Op:   r.Method,
		URL:  sanitize.URL(r.URL.String()),
		Host: t.breaker.host,
		Err:  describe(err),
	}
}

// noResponse decides about a request without a response.
func (t *retrying) noResponse(a *attempts, err error) (wait time.Duration, again bool) {
	most := triesFor(err)
	if a.tries < most {
		return backoff(a.tries), true
	}
	if most > 1 && !isTimeout(err) {
		t.breaker.recordBroken(a.last.Err)
	}
	return 0, false
}

// refused decides about a request whose response has a transient status.
func (t *retrying) refused(a *attempts, resp *http.Response) (wait time.Duration, again bool) {
	limit := readRateLimit(resp.Header, t.breaker.clock.Now())
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		a.last.RateLimit = &limit.RateLimit
		a.last.authenticated = t.breaker.isAuthenticated()
		return t.tooManyRequests(a, limit.wait)
	case http.StatusServiceUnavailable:
		if limit.wait > maxPause {
			t.breaker.open(
				&notSentError{reason: fmt.Sprintf("%s is down: it responded %d, retry after %s",
					t.breaker.host, resp.StatusCode, limit.Reset.UTC().Format(time.RFC3339))},
			)
			return 0, false
		}
		if a.waited += limit.wait; limit.wait > 0 {
			return 0, a.tries < maxTries && a.waited <= maxPause // the breaker waits until then
		}
	}
	return backoff(a.tries), a.tries < maxTries
}

// tooManyRequests decides about a 429. wait is what the host asks for, 0 if it does not
// say. The rate limit is exceeded when no request at all succeeds; a host that serves
// others meanwhile is only slow.
func (t *retrying) tooManyRequests(a *attempts, wait time.Duration) (time.Duration, bool) {
	successes, pause := t.breaker.successCount(), wait
	if a.tries == 1 || successes == a.successes {
		a.stuck++
	} else {
		a.stuck = 0
	}
	a.successes = successes
	if wait == 0 {
		wait = backoff(a.tries)
	}
	tooLong := a.waited+wait > maxPause
	if pause > maxPause || a.stuck >= maxTries || tooLong && a.stuck == a.tries {
		t.breaker.open(&notSentError{reason: a.last.rateLimitExceeded(), refusal: a.last})
		return 0, false
	}
	a.waited += wait
	if pause > 0 {
		wait = 0 // the breaker waits until then
	}
	return wait, !tooLong
}

// notSent makes the error of a request that is not sent, or not again, because the
// breaker is open.
func (t *retrying) notSent(r *http.Request, a *attempts, open *notSentError) *Error {
	if a.tries > 0 {
		return a.last
	}
	e := t.requestError(r, open)
	if cause := open.refusal; cause != nil {
		e.Status, e.Code, e.Message = cause.Status, cause.Code, cause.Message
		e.RateLimit, e.authenticated = cause.RateLimit, cause.authenticated
	}
	return e
}

// rewind returns a request to be sent once more.
func rewind(r *http.Request) (*http.Request, error) {
	if r.Body == nil {
		return r, nil
	}
	if r.GetBody == nil {
		return nil, errors.New("the request's body cannot be read again")
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	again := *r
	again.Body = body
	return &again, nil
}
