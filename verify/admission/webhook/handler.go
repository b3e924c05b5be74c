package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/verify/admission"
)

// Handler answers AdmissionReviews (admission.k8s.io/v1) at Path, by the rules'
// mode, and at Path/enforce, Path/warn and Path/audit by that mode. The zero Handler
// denies. A request that is not an AdmissionReview gets an HTTP error, which an API server
// takes for a failure of the webhook.
type Handler struct {
	// State returns the state to review objects by; nil if there is none.
	State func() *admission.State
	// Rules are what the cluster allows besides.
	Rules admission.Rules
	// Observe is called with each decision and the time that it took; nil: it is not.
	Observe func(q *admission.Request, d admission.Decision, took time.Duration)
	// MaxBody bounds a request's body, in bytes; 0 for DefaultMaxBody.
	MaxBody int64
	// MaxRequests bounds the requests that are answered concurrently; others wait. 0 for
	// DefaultMaxRequests.
	MaxRequests int
	// MaxLarge bounds the requests with bodies over 256 KiB that are read or answered
	// concurrently; others wait. 0 for DefaultMaxLarge.
	MaxLarge int

	once         sync.Once
	slots, large chan struct{}
}

// The defaults of a Handler.
const (
	// DefaultMaxBody has room for an object and the old one, in bytes: an API server accepts
	// objects of up to 3 MiB.
	DefaultMaxBody = 8 << 20
	// DefaultMaxRequests is the default of Handler.MaxRequests.
	DefaultMaxRequests = 256
	// DefaultMaxLarge is the default of Handler.MaxLarge.
	DefaultMaxLarge = 8
)

// small is how many bytes of a body are read before it counts as large. A slow sender thus
// delays no other requests, or only large ones.
const small = 256 << 10

// Path is where a Handler answers.
const Path = "/validate"

// The type of an AdmissionReview.
const (
	reviewVersion = "admission.k8s.io/v1"
	reviewKind    = "AdmissionReview"
)

// answered is an AdmissionReview with a response.
type answered struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Response   response `json:"response"`
}

// response is an AdmissionResponse.
type response struct {
	UID         string            `json:"uid"`
	Allowed     bool              `json:"allowed"`
	Status      *refusal          `json:"status,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
	Annotations map[string]string `json:"auditAnnotations,omitempty"`
}

// refusal is the Status of a response that denies.
type refusal struct {
	Code    int    `json:"code"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// ServeHTTP answers one AdmissionReview.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h.once.Do(h.prepare)
	rules, ok := h.rules(req.URL.Path)
	switch {
	case !ok:
		http.NotFound(w, req)
		return
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed: use POST", http.StatusMethodNotAllowed)
		return
	}
	body := bodies.Get().(*bytes.Buffer)
	defer release(body)
	leave, status, err := h.read(body, w, req)
	defer leave()
	if err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	if !enter(req, h.slots) {
		http.Error(w, "too many concurrent requests", http.StatusServiceUnavailable)
		return
	}
	defer func() { <-h.slots }()
	start := time.Now()
	q, err := decode(body.Bytes())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var s *admission.State
	if h.State != nil {
		s = h.State()
	}
	d := s.Review(q, rules, start)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer(q, d)) // the client may have gone
	if h.Observe != nil {
		h.Observe(q, d, time.Since(start))
	}
}

// rules are those for a path.
func (h *Handler) rules(path string) (admission.Rules, bool) {
	rest, ok := strings.CutPrefix(path, Path)
	if !ok || rest == "" {
		return h.Rules, ok
	}
	name, ok := strings.CutPrefix(rest, "/")
	mode, err := admission.ParseMode(name)
	r := h.Rules
	r.Mode = mode
	return r, ok && err == nil
}

func (h *Handler) prepare() {
	h.slots = make(chan struct{}, orDefault(h.MaxRequests, DefaultMaxRequests))
	h.large = make(chan struct{}, orDefault(h.MaxLarge, DefaultMaxLarge))
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// enter waits for a slot, as long as the client does.
func enter(req *http.Request, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	case <-req.Context().Done():
		return false
	}
}

// bodies spares an allocation for each request.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// release keeps a buffer for the next request, unless it has become large.
func release(b *bytes.Buffer) {
	if b.Cap() <= 1<<20 {
		b.Reset()
		bodies.Put(b)
	}
}

// read reads a request's body. leave must be called once the body is no longer needed. If
// there is an error, status is the answer's.
func (h *Handler) read(body *bytes.Buffer, w http.ResponseWriter,
	req *http.Request) (leave func(), status int, err error) {
	limit := h.MaxBody
	if limit <= 0 {
		limit = DefaultMaxBody
	}
	leave = func() {}
	from := http.MaxBytesReader(w, req.Body, limit)
	_, err = io.CopyN(body, from, small)
	if err == nil {
		if !enter(req, h.large) {
			return leave, http.StatusServiceUnavailable,
				errors.New("too many concurrent large requests")
		}
		leave = func() { <-h.large }
		_, err = io.Copy(body, from)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return leave, http.StatusRequestEntityTooLarge, err
	case err != nil && !errors.Is(err, io.EOF):
		return leave, http.StatusBadRequest, err
	}
	return leave, http.StatusOK, nil
}

// answer is the AdmissionReview with a decision.
func answer(q *admission.Request, d admission.Decision) answered {
	r := response{UID: q.UID, Allowed: d.Allowed, Warnings: d.Warnings, Annotations: d.Annotations}
	if !d.Allowed {
		r.Status = &refusal{http.StatusForbidden, "Forbidden", d.Message}
	}
	return answered{reviewVersion, reviewKind, r}
}
