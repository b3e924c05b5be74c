package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowly is a RoundTripper whose responses take a second, and their bodies another.
type slowly struct{}

func (slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Second):
		return &http.Response{StatusCode: 200, Body: slowBody{r.Context()}, Request: r}, nil
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

type slowBody struct{ ctx context.Context }

func (b slowBody) Read([]byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return 0, io.EOF
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (slowBody) Close() error { return nil }

// TestTimeoutStartsWithTheSlot sends five requests one after another. Each may take
// less than they take together. After three timeouts in a row the rest are not sent.
func TestTimeoutStartsWithTheSlot(t *testing.T) {
	tests := []struct {
		timeout            time.Duration
		good, slow, unsent int
	}{
		{2500 * time.Millisecond, 5, 0, 0},
		{1500 * time.Millisecond, 0, 3, 2}, // within the body
		{500 * time.Millisecond, 0, 3, 2},  // before the header
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			l := &limited{next: slowly{}, breaker: newCircuitBreaker("example.com", wallClock), slots: make(chan struct{}, 1), timeout: test.timeout}
			h := &Host{name: "example.com", client: &http.Client{Transport: l}}
			errs := make(chan error)
			for range 5 {
				go func() { errs <- getOnce(t.Context(), h) }()
			}
			good, slow, unsent := 0, 0, 0
			for range 5 {
				err := <-errs
				var e *Error
				switch {
				case err == nil:
					good++
				case errors.Is(err, timeoutError(test.timeout)):
					slow++
				case errors.As(err, &e) && e.NotSent():
					unsent++
				}
				if err != nil && !strings.HasPrefix(err.Error(), "GET https://example.com/x: ") {
					t.Error(err)
				}
			}
			if good != test.good || slow != test.slow || unsent != test.unsent {
				t.Errorf("%v: %d good, %d slow, %d not sent, want %v", test.timeout, good, slow, unsent, test)
			}
		})
	}
}

func getOnce(ctx context.Context, h *Host) error {
	const at = "https://example.com/x"
	resp, err := h.do(ctx, h.client, http.MethodGet, at, "", "")
	if err != nil {
		return err
	}
	_, err = (&Response{resp, at, h.name, http.MethodGet}).Content("manifest")
	return err
}
