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
// less than they take together.
func TestLimitCountsFromItsTurn(t *testing.T) {
	tests := []struct {
		timeout time.Duration
		slow    bool
	}{
		{2500 * time.Millisecond, false},
		{1500 * time.Millisecond, true},
		{500 * time.Millisecond, true},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			l := &limited{next: slowly{}, slots: make(chan struct{}, 1), timeout: test.timeout}
			h := &host{name: "example.com", client: &http.Client{Transport: l}}
			errs := make(chan error)
			for range 5 {
				go func() { errs <- getOnce(t.Context(), h) }()
			}
			for range 5 {
				err := <-errs
				if errors.Is(err, errSlow) != test.slow || err != nil && !strings.HasPrefix(err.Error(), "GET https://example.com/x: ") {
					t.Errorf("%v: %v", test.timeout, err)
				}
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
