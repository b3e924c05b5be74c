package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// slowly sends a body's beginning and then nothing, until the test is over. It returns
// once that much has been read.
func slowly(t *testing.T, group *sync.WaitGroup, h http.Handler, start string) (end func()) {
	t.Helper()
	from, to := io.Pipe()
	group.Go(func() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/validate", from))
	})
	if _, err := io.WriteString(to, start); err != nil {
		t.Fatal(err)
	}
	return func() { _ = to.CloseWithError(io.ErrUnexpectedEOF) }
}

// TestSlowSenders: who sends slowly does not keep others from being answered, and of
// those who send much only some are listened to at once.
func TestSlowSenders(t *testing.T) {
	s := load(t, 3)
	h := &webhook.Handler{State: func() *admission.State { return s }, MaxRequests: 1, MaxLarge: 1}
	var group sync.WaitGroup
	defer group.Wait()
	for range 8 {
		defer slowly(t, &group, h, `{"kind":`)()
	}
	good := string(review(t, create(imageOf(1))))
	if status, a := post(t, h, "/validate", []byte(good)); status != http.StatusOK ||
		!a.Response.Allowed {
		t.Errorf("status %d, %+v", status, a)
	}
	large := good + strings.Repeat(" ", 300<<10)
	if status, a := post(t, h, "/validate", []byte(large)); status != http.StatusOK ||
		!a.Response.Allowed {
		t.Errorf("a large request: status %d, %+v", status, a)
	}
	defer slowly(t, &group, h, large)()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/validate",
		strings.NewReader(large)).WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("a second large request: status %d, %s", w.Code, w.Body)
	}
	if status, a := post(t, h, "/validate", []byte(good)); status != http.StatusOK ||
		!a.Response.Allowed {
		t.Errorf("beside a large request: status %d, %+v", status, a)
	}
}
