package registry

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

// slowly is a transport whose answers take a second, and their bodies another.
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

// TestLimitCountsFromItsTurn sends five requests one after another. Each may take
// less than they take together. A host that lets three of them wait in vain is not
// asked for the rest.
func TestLimitCountsFromItsTurn(t *testing.T) {
	tests := []struct {
		timeout             time.Duration
		good, slow, unasked int
	}{
		{2500 * time.Millisecond, 5, 0, 0},
		{1500 * time.Millisecond, 0, 3, 2}, // within the body
		{500 * time.Millisecond, 0, 3, 2},  // before the header
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			l := &limited{next: slowly{}, gate: newGate("example.com", wallClock), slots: make(chan struct{}, 1), timeout: test.timeout}
			h := &host{name: "example.com", client: &http.Client{Transport: l}}
			errs := make(chan error)
			for range 5 {
				go func() { errs <- getOnce(t.Context(), h) }()
			}
			good, slow, unasked := 0, 0, 0
			for range 5 {
				err := <-errs
				var e *Error
				switch {
				case err == nil:
					good++
				case errors.Is(err, tooSlow(test.timeout)):
					slow++
				case errors.As(err, &e) && e.NotAsked():
					unasked++
				}
				if err != nil && !strings.HasPrefix(err.Error(), "GET https://example.com/x: ") {
					t.Error(err)
				}
			}
			if good != test.good || slow != test.slow || unasked != test.unasked {
				t.Errorf("%v: %d good, %d slow, %d not asked, want %v", test.timeout, good, slow, unasked, test)
			}
		})
	}
}

func getOnce(ctx context.Context, h *host) error {
	const at = "https://example.com/x"
	resp, err := h.do(ctx, http.MethodGet, at, "", "")
	if err != nil {
		return err
	}
	defer drain(resp)
	_, err = h.read(ctx, resp, at, "manifest", maxManifest)
	return err
}
