package transport

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RateLimit is how many requests a host allows, as far as it tells.
type RateLimit struct {
	Limit  int           // requests in a Window, 0 if unknown
	Window time.Duration // 0 if unknown
	Reset  time.Time     // when the Window ends, zero if unknown
}

// String gives what is known: "100 requests in 6h0m0s, resets at
// 2026-01-02T03:04:05Z"; "" if nothing is.
func (l RateLimit) String() string {
	var parts []string
	switch {
	case l.Limit > 0 && l.Window > 0:
		parts = append(parts, fmt.Sprintf("%d requests in %v", l.Limit, l.Window))
	case l.Limit > 0:
		parts = append(parts, fmt.Sprintf("%d requests", l.Limit))
	}
	if !l.Reset.IsZero() {
		parts = append(parts, "resets at "+l.Reset.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, ", ")
}

// rateLimitHeader is what a response's header says of the host's rate limit.
type rateLimitHeader struct {
	RateLimit
	wait time.Duration // until Reset, 0 if unknown
	none bool          // no request remains
}

// readRateLimit reads Retry-After (RFC 9110, section 10.2.3) and the RateLimit fields
// that registries send: RateLimit-Limit, -Remaining and -Reset, perhaps with X-
// before, as in draft-ietf-httpapi-ratelimit-headers-02. Docker Hub tells the
// window ("100;w=21600"), others when it ends, in seconds or as Unix time.
func readRateLimit(h http.Header, now time.Time) rateLimitHeader {
	limit := field(h, "Ratelimit-Limit", "X-Ratelimit-Limit")
	r := rateLimitHeader{none: noneRemains(h), wait: retryAfter(h, now)}
	r.Limit = int(min(leadingInt(limit), math.MaxInt32))
	r.Window = seconds(leadingInt(parameter(limit, "w")))
	if r.wait <= 0 {
		r.wait = resetAfter(field(h, "Ratelimit-Reset", "X-Ratelimit-Reset"), now)
	}
	if r.wait = max(r.wait, 0); r.wait > 0 {
		r.Reset = now.Add(r.wait)
	}
	return r
}

// noneRemains reports whether a response says that the next request will be refused.
func noneRemains(h http.Header) bool {
	v := field(h, "Ratelimit-Remaining", "X-Ratelimit-Remaining")
	return v != "" && (strings.Trim(v, "0") == "" || strings.HasPrefix(v, "0;"))
}

// field returns a header field that has one of two names, in canonical form: it runs
// for every response, and most have neither.
func field(h http.Header, names ...string) string {
	for _, name := range names {
		if values := h[name]; len(values) > 0 {
			return strings.TrimSpace(values[0])
		}
	}
	return ""
}

// retryAfter returns how long the Retry-After field asks to wait, 0 if it does
// say. A date is taken relative to the response's own Date, if it has one.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(v); err == nil {
		if sent, err := http.ParseTime(h.Get("Date")); err == nil {
			now = sent
		}
		return at.Sub(now)
	}
	return seconds(leadingInt(v))
}

// oldestUnix is the number of seconds from which on a field holds a Unix time and not a
// duration: it is more than thirty years, and Unix time passed it in 2001.
const oldestUnix = 1_000_000_000

func resetAfter(v string, now time.Time) time.Duration {
	n := leadingInt(v)
	if n >= oldestUnix {
		return time.Unix(n, 0).Sub(now)
	}
	return seconds(n)
}

// maxSeconds bounds the numbers that are accepted, so that none overflows.
const maxSeconds = 1 << 33

// leadingInt returns the number that s begins with, 0 if it begins with none.
func leadingInt(s string) int64 {
	end := 0
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	if err != nil || n > maxSeconds {
		return 0
	}
	return n
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// parameter returns the value of a parameter in "100;w=21600".
func parameter(s, name string) string {
	for _, p := range strings.Split(s, ";")[1:] {
		if key, value, _ := strings.Cut(strings.TrimSpace(p), "="); key == name {
			return value
		}
	}
	return ""
}
