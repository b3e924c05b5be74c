package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// answer is the response of an AdmissionReview.
type answer struct {
	APIVersion, Kind string
	Response         struct {
		UID     string
		Allowed bool
		Status  struct {
			Code    int
			Message string
		}
		Warnings         []string
		AuditAnnotations map[string]string
	}
}

// review wraps a request.
func review(t *testing.T, q *admission.Request) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"apiVersion": "admission.k8s.io/v1",
		"kind": "AdmissionReview", "request": q})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// post sends a body and returns the status and the answer, if it is one.
func post(t *testing.T, h http.Handler, path string, body []byte) (int, answer) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body)))
	var a answer
	if w.Code == http.StatusOK {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("%v\n%s", err, w.Body)
		}
	}
	return w.Code, a
}

func TestHandler(t *testing.T) {
	s := load(t, 3)
	h := &webhook.Handler{State: func() *admission.State { return s }}
	for _, test := range []struct {
		name    string
		path    string
		q       *admission.Request
		allowed bool
	}{
		{"good", "/validate", create(imageOf(1)), true},
		{"bad", "/validate", create("nginx"), false},
		{"bad, enforced", "/validate/enforce", create("nginx"), false},
		{"bad, warned of", "/validate/warn", create("nginx"), true},
		{"bad, audited", "/validate/audit", create("nginx"), true},
		{"good, enforced", "/validate/enforce", create(imageOf(1)), true},
	} {
		status, a := post(t, h, test.path, review(t, test.q))
		if status != http.StatusOK || a.APIVersion != "admission.k8s.io/v1" ||
			a.Kind != "AdmissionReview" || a.Response.UID != test.q.UID {
			t.Errorf("%s: status %d, %+v", test.name, status, a)
		}
		if a.Response.Allowed != test.allowed ||
			(a.Response.Status.Code == http.StatusForbidden) == test.allowed {
			t.Errorf("%s: %+v", test.name, a.Response)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	s := load(t, 3)
	h := &webhook.Handler{State: func() *admission.State { return s }, MaxBody: 10_000}
	good := string(review(t, create(imageOf(1))))
	for _, test := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"good", "POST", "/validate", good, 200},
		{"read", "GET", "/validate", good, 405},
		{"another path", "POST", "/validated", good, 404},
		{"another mode", "POST", "/validate/allow", good, 404},
		{"no mode", "POST", "/validate/", good, 404},
		{"nothing", "POST", "/validate", "", 400},
		{"cut off", "POST", "/validate", good[:len(good)-3], 400},
		{"more behind it", "POST", "/validate", good + "{}", 400},
		{"an older version", "POST", "/validate", strings.Replace(good, "k8s.io/v1",
			"k8s.io/v1beta1", 1), 400},
		{"another kind", "POST", "/validate", strings.Replace(good, "AdmissionReview",
			"ConversionReview", 1), 400},
		{"no request", "POST", "/validate",
			`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, 400},
		{"no uid", "POST", "/validate", strings.Replace(good, `"uid":"1"`, `"uid":""`, 1), 400},
		{"too large", "POST", "/validate", good + strings.Repeat(" ", 10_000), 413},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)))
		if w.Code != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.name, w.Code, test.status, w.Body)
		}
		if test.status != 200 && strings.Contains(w.Body.String(), `"allowed":true`) {
			t.Errorf("%s: allowed", test.name)
		}
	}
}

// TestZeroHandlerDenies: a Handler without a State denies everything.
func TestZeroHandlerDenies(t *testing.T) {
	for name, h := range map[string]*webhook.Handler{"zero": {},
		"without a state": {State: func() *admission.State { return nil }}} {
		status, a := post(t, h, "/validate", review(t, create(imageOf(1))))
		if status != http.StatusOK || a.Response.Allowed || a.Response.Status.Message == "" {
			t.Errorf("%s: status %d, %+v", name, status, a)
		}
	}
}

// TestHandlerKeepsNothing sends many requests at once, good and bad, and looks
// whether anything of them stays.
func TestHandlerKeepsNothing(t *testing.T) {
	s := load(t, 100)
	h := &webhook.Handler{State: func() *admission.State { return s }, MaxRequests: 4}
	bodies := [][]byte{reviewOf(t, 100), review(t, create("nginx")), []byte("{")}
	send := func(n int) {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for i := range n / 8 {
					w := httptest.NewRecorder()
					w.Body = nil
					h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/validate",
						bytes.NewReader(bodies[i%len(bodies)])))
				}
			})
		}
		group.Wait()
	}
	measure := func() (goroutines int, heap uint64) {
		runtime.GC()
		runtime.GC() // what sync.Pool keeps goes in two
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	send(2_000)
	goroutines, heap := measure()
	send(40_000)
	after, grown := measure()
	if after > goroutines {
		t.Errorf("%d goroutines, %d before", after, goroutines)
	}
	if grown > heap+1<<20 {
		t.Errorf("%d bytes of heap, %d before", grown, heap)
	}
}

func FuzzHandler(f *testing.F) {
	s := load(f, 3)
	f.Add([]byte(fmt.Sprintf(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","namespace":"shop","object":%s}}`, create(imageOf(1)).Object)))
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"UPDATE","object":{"apiVersion":"v1","kind":"Pod"},"oldObject":7}}`))
	f.Add([]byte(`{"request":null}`))
	h := &webhook.Handler{State: func() *admission.State { return s },
		Rules: admission.Rules{Existing: true, BreakGlass: []string{"x"}}}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/validate",
			io.NopCloser(bytes.NewReader(body))))
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Errorf("no JSON: %s", w.Body)
		}
	})
}
