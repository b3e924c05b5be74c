package transport

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var someTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// TestReadRateLimit reads what registries and proxies before them send.
func TestReadRateLimit(t *testing.T) {
	in := func(d time.Duration) time.Time { return someTime.Add(d) }
	tests := []struct {
		name   string
		header []string // name, value, …
		limit  RateLimit
		wait   time.Duration
		none   bool
	}{
		{"nothing", nil, RateLimit{}, 0, false},
		{"Docker Hub", []string{"ratelimit-limit", "100;w=21600", "ratelimit-remaining", "76;w=21600", "docker-ratelimit-source", "192.0.2.1"},
			RateLimit{Limit: 100, Window: 6 * time.Hour}, 0, false},
		{"Docker Hub, exceeded", []string{"ratelimit-limit", "100;w=21600", "ratelimit-remaining", "0;w=21600"},
			RateLimit{Limit: 100, Window: 6 * time.Hour}, 0, true},
		{"seconds", []string{"Retry-After", "30"}, RateLimit{Reset: in(30 * time.Second)}, 30 * time.Second, false},
		{"no seconds", []string{"Retry-After", "0"}, RateLimit{}, 0, false},
		{"fewer", []string{"Retry-After", "-5"}, RateLimit{}, 0, false},
		{"a word", []string{"Retry-After", "soon"}, RateLimit{}, 0, false},
		{"more than there are", []string{"Retry-After", "99999999999999999999"}, RateLimit{}, 0, false},
		{"a date", []string{"Retry-After", "Wed, 04 Mar 2026 05:06:17 GMT"}, RateLimit{Reset: in(10 * time.Second)}, 10 * time.Second, false},
		{"a date by another clock", []string{"Retry-After", "Wed, 04 Mar 2026 07:00:10 GMT", "Date", "Wed, 04 Mar 2026 07:00:00 GMT"},
			RateLimit{Reset: in(10 * time.Second)}, 10 * time.Second, false},
		{"a date gone by", []string{"Retry-After", "Wed, 04 Mar 2026 05:06:00 GMT"}, RateLimit{}, 0, false},
		{"reset in seconds", []string{"RateLimit-Limit", "10", "RateLimit-Remaining", "0", "RateLimit-Reset", "5"},
			RateLimit{Limit: 10, Reset: in(5 * time.Second)}, 5 * time.Second, true},
		{"reset as a time", []string{"X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "12", "X-RateLimit-Reset", "1772600827"},
			RateLimit{Limit: 60, Reset: in(time.Minute)}, time.Minute, false},
		{"reset gone by", []string{"X-RateLimit-Reset", "1700000000"}, RateLimit{}, 0, false},
		{"both", []string{"Retry-After", "2", "RateLimit-Reset", "50"}, RateLimit{Reset: in(2 * time.Second)}, 2 * time.Second, false},
		{"several limits", []string{"RateLimit-Limit", "100, 100;w=60;burst=1, 1000;w=3600"}, RateLimit{Limit: 100, Window: time.Minute}, 0, false},
		{"ten remain", []string{"RateLimit-Remaining", "10"}, RateLimit{}, 0, false},
	}
	for _, test := range tests {
		h := http.Header{}
		for i := 0; i < len(test.header); i += 2 {
			h.Set(test.header[i], test.header[i+1])
		}
		got := readRateLimit(h, someTime)
		if diff := cmp.Diff(test.limit, got.RateLimit); diff != "" || got.wait != test.wait || got.none != test.none {
			t.Errorf("%s: wait %v, none %v, want %v, %v; rate limit (-want +got):\n%s", test.name, got.wait, got.none, test.wait, test.none, diff)
		}
	}
}

func TestRateLimitString(t *testing.T) {
	for want, l := range map[string]RateLimit{
		"":                               {},
		"100 requests in 6h0m0s":         {Limit: 100, Window: 6 * time.Hour},
		"100 requests":                   {Limit: 100},
		"resets at 2026-03-04T05:06:07Z": {Reset: someTime, Window: time.Hour},
		"5 requests in 1s, resets at 2026-03-04T05:06:07Z": {5, time.Second, someTime},
	} {
		if got := l.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzReadRateLimit looks for impossible times.
func FuzzReadRateLimit(f *testing.F) {
	f.Add("30", "100;w=21600", "0;w=21600", "1772600827", "Wed, 04 Mar 2026 07:00:10 GMT")
	f.Add("Wed, 04 Mar 2026 07:00:10 GMT", "1", "", "99999999999999999999", "")
	f.Add("8589934592", ";;w=;w", "x", "8589934592", "Fri, 31 Dec 9999 23:59:59 GMT")
	f.Fuzz(func(t *testing.T, after, limit, remaining, reset, date string) {
		h := http.Header{"Retry-After": {after}, "Ratelimit-Limit": {limit}, "Ratelimit-Remaining": {remaining}, "Ratelimit-Reset": {reset}, "Date": {date}}
		r := readRateLimit(h, someTime)
		if r.wait < 0 || r.Limit < 0 || r.Window < 0 || (r.wait > 0) != r.Reset.After(someTime) || (r.wait == 0) != r.Reset.IsZero() {
			t.Errorf("%v: %+v", h, r)
		}
	})
}
