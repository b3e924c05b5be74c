package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestPauseIsForAll has a host that asks for a pause once: nothing is sent before its
// end, and then everything is.
func TestPauseIsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/0": {"429 30", "200"}}}
		var paths []string
		for i := range 20 {
			paths = append(paths, fmt.Sprintf("/%d", i))
		}
		errs, took := sendAll(t.Context(), hostFor(t, s, 2), paths)
		early := 0
		for i := range paths {
			if errs[i] != nil {
				t.Error(errs[i])
			}
			if took[i] < 30*time.Second {
				early++
			}
			if took[i] > 31*time.Second {
				t.Errorf("%s took %v", paths[i], took[i])
			}
		}
		if early > 2 { // the one under way, and one that took its slot at that moment
			t.Errorf("%d had a response before the end of the pause: %v", early, took)
		}
		if s.busiest != 2 {
			t.Errorf("%d requests at once, want 2", s.busiest)
		}
	})
}

// TestHungHost has 500 requests to a host that responds once and never again.
func TestHungHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/hung": {"hang"}}}
		h := hostFor(t, s, 8)
		paths := []string{"/good"}
		for range 500 {
			paths = append(paths, "/hung")
		}
		errs, took := sendAll(t.Context(), h, paths)
		if errs[0] != nil {
			t.Error(errs[0])
		}
		slow := 0
		for i, err := range errs[1:] {
			var e *Error
			switch {
			case errors.Is(err, timeoutError(requestTimeout)):
				slow++
			case !errors.As(err, &e) || !e.NotSent() || !strings.Contains(err.Error(), "/hung: not sent: example.com is down: 3 requests in a row had no response, the last one: no complete response within 20s"):
				t.Errorf("got %v", err)
			}
			if took[i+1] > 3*requestTimeout+time.Second {
				t.Errorf("it took %v", took[i+1])
			}
		}
		if n := len(s.paths); slow == 0 || n > 1+3*8 {
			t.Errorf("%d errors for %d requests", slow, n)
		}
	})
}

// TestTransientHangs has a host that loses everything that is under way, twice.
func TestTransientHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{}}
		var paths []string
		for i := range 40 {
			path := fmt.Sprintf("/%d", i)
			if i < 16 {
				s.lines[path] = []string{"hang", "200"}
			}
			paths = append(paths, path)
		}
		errs, _ := sendAll(t.Context(), hostFor(t, s, 8), paths)
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// TestResponsesInBetween has requests without a response, but never three in a row.
func TestResponsesInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/hung": {"hang"}, "/dead": {"drop"}}}
		h := hostFor(t, s, 1)
		for range 3 {
			for _, path := range []string{"/hung", "/good", "/dead", "/good"} {
				errs, _ := sendAll(t.Context(), h, []string{path})
				var e *Error
				if (errs[0] == nil) != (path == "/good") || errors.As(errs[0], &e) && e.NotSent() {
					t.Errorf("%s: %v", path, errs[0])
				}
			}
		}
	})
}

// TestDeadHost has a host whose connections all break.
func TestDeadHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/": {"drop"}}}
		h := hostFor(t, s, 8)
		slash := make([]string, 100)
		for i := range slash {
			slash[i] = "/"
		}
		start := time.Now()
		sendAll(t.Context(), h, slash)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		before := len(s.paths)
		errs, _ := sendAll(t.Context(), h, []string{"/late"})
		var e *Error
		if !errors.As(errs[0], &e) || !e.NotSent() || len(s.paths) != before {
			t.Errorf("%v, %d requests", errs[0], len(s.paths)-before)
		}
	})
}

// TestExceededLimitEndsThePause has a host that asks for a pause, and meanwhile says
// that its rate limit is exceeded.
func TestExceededLimitEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lines: map[string][]string{"/a": {"429 50"}, "/b": {"429 7200"}}}
		h := hostFor(t, s, 2)
		errs, took := sendAll(t.Context(), h, []string{"/a", "/b"})
		late, tookLate := sendAll(t.Context(), h, []string{"/c"})
		errs, took = append(errs, late...), append(took, tookLate...)
		for i, err := range errs {
			var e *Error
			if !errors.As(err, &e) || e.RateLimit == nil || e.Status != 429 || e.NotSent() != (i == 2) || took[i] > time.Second {
				t.Errorf("%v after %v", err, took[i])
			}
		}
	})
}

// TestNothingRemains has a successful response that says that no request remains until
// the limit resets.
func TestNothingRemains(t *testing.T) {
	for reset, want := range map[string]time.Duration{"40": 40 * time.Second, "61": 0, "": 0} {
		synctest.Test(t, func(t *testing.T) {
			h := hostFor(t, roundTripper(func(r *http.Request) (*http.Response, error) {
				header := http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {reset}}
				return &http.Response{StatusCode: 200, Header: header, Body: http.NoBody, Request: r}, nil
			}), 1)
			errs, took := sendAll(t.Context(), h, []string{"/a", "/b"})
			if errs[0] != nil || errs[1] != nil || took[0] != 0 || took[1] != want {
				t.Errorf("reset %q: %v, %v", reset, errs, took)
			}
		})
	}
}
