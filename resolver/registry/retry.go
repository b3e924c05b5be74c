package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// maxTries is how often a request is sent in all. Where a fiftieth of all answers
// is a refusal, one request in 15,000,000,000 is refused as often.
const maxTries = 6

// maxPause is how long one request is ready to wait for a host that asks it to.
const maxPause = time.Minute

// retrying sends requests to one host again if they fail in a way that passes. It
// is for requests that change nothing: GET, HEAD, and a token server's POST. What
// has not passed in the end is an *Error, also where there is an answer.
type retrying struct {
	next http.RoundTripper
	gate *gate
}

// course is what has happened to a request so far.
type course struct {
	tries  int
	waited time.Duration // because the host refused
	stuck  int           // refusals in a row while the host served nobody else
	good   int           // answers that the host had served then
	last   *Error
}

// RoundTrip sends the request until it is answered or given up.
func (t *retrying) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if r.Method == http.MethodPost || strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") {
		t.gate.identify()
	}
	for c := (course{}); ; {
		resp, err := t.next.RoundTrip(r)
		var shut *notAsked
		switch {
		case err == nil && !passing(resp.StatusCode):
			t.gate.served()
			return resp, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &shut):
			return nil, t.shutOut(r, &c, shut)
		}
		c.tries++
		wait, again := t.judge(&c, r, resp, err)
		if !again {
			return nil, c.last
		}
		if err := t.gate.sleep(ctx, wait); err != nil {
			return nil, err
		}
		if r, err = rewound(r); err != nil {
			return nil, c.last
		}
	}
}

// passing reports whether a status is one that may be another when the request is
// sent again.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// judge says whether to send a request again, and when. It notes the failure.
func (t *retrying) judge(c *course, r *http.Request, resp *http.Response, err error) (wait time.Duration, again bool) {
	if err != nil {
		c.last = t.failed(r, err)
		wait, again = t.unanswered(c, err)
	} else {
		c.last = statusError(t.gate.host, resp, r.Method, redact(r.URL.String()))
		wait, again = t.refused(c, resp)
	}
	c.last.Tries = c.tries
	return wait, again
}

func (t *retrying) failed(r *http.Request, err error) *Error {
	return &Error{Op: r.Method, URL: redact(r.URL.String()), Host: t.gate.host, Err: worded(err)}
}

// unanswered judges a request without an answer.
func (t *retrying) unanswered(c *course, err error) (wait time.Duration, again bool) {
	most := worthTries(err)
	if c.tries < most {
		return backoff(c.tries), true
	}
	if most > 1 && !isSlow(err) {
		t.gate.dead(c.last.Err)
	}
	return 0, false
}

// refused judges a request that was answered with a status that may pass.
func (t *retrying) refused(c *course, resp *http.Response) (wait time.Duration, again bool) {
	limit := readRate(resp.Header, t.gate.clock.now())
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		c.last.Allowance = &limit.Allowance
		c.last.identified = t.gate.isIdentified()
		return t.overAllowance(c, limit.wait)
	case http.StatusServiceUnavailable:
		if limit.wait > maxPause {
			t.gate.close(&notAsked{reason: fmt.Sprintf("%s is down: it answers %d and wants to be asked again at %s",
				t.gate.host, resp.StatusCode, limit.Reset.UTC().Format(time.RFC3339))})
			return 0, false
		}
		if c.waited += limit.wait; limit.wait > 0 {
			return 0, c.tries < maxTries && c.waited <= maxPause // the gate is closed until then
		}
	}
	return backoff(c.tries), c.tries < maxTries
}

// overAllowance judges a request that was refused because there were too many.
// wait is what the host asks for, 0 if it does not say. The allowance is used up
// when no request at all gets through; a host that serves others meanwhile is
// only slow.
func (t *retrying) overAllowance(c *course, wait time.Duration) (time.Duration, bool) {
	good, pause := t.gate.progress(), wait
	if c.tries == 1 || good == c.good {
		c.stuck++
	} else {
		c.stuck = 0
	}
	c.good = good
	if wait == 0 {
		wait = backoff(c.tries)
	}
	tooLong := c.waited+wait > maxPause
	if pause > maxPause || c.stuck >= maxTries || tooLong && c.stuck == c.tries {
		t.gate.close(&notAsked{reason: c.last.usedUp(), refusal: c.last})
		return 0, false
	}
	c.waited += wait
	if pause > 0 {
		wait = 0 // the gate is closed until then
	}
	return wait, !tooLong
}

// shutOut makes the error of a request that is not sent, or not again, as the
// gate is shut.
func (t *retrying) shutOut(r *http.Request, c *course, shut *notAsked) *Error {
	if c.tries > 0 {
		return c.last
	}
	e := t.failed(r, shut)
	if cause := shut.refusal; cause != nil {
		e.Status, e.Code, e.Message = cause.Status, cause.Code, cause.Message
		e.Allowance, e.identified = cause.Allowance, cause.identified
	}
	return e
}

// rewound returns a request to be sent once more.
func rewound(r *http.Request) (*http.Request, error) {
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
