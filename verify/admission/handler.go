package admission

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Handler answers AdmissionReviews (admission.k8s.io/v1) at Path, by the rules'
// mode, and at Path/enforce, Path/warn and Path/audit by that mode. The zero Handler
// denies. What is no AdmissionReview gets an HTTP error, which an API server takes for a
// webhook that has failed.
type Handler struct {
	// State returns the state to judge by, nil if there is none that may be used.
	State func() *State
	Rules Rules
	// Observe is told of each decision and how long it took; nil: nobody is.
	Observe func(q *Request, d Decision, took time.Duration)
	// MaxBody bounds a request's body, in bytes; 0 for DefaultMaxBody.
	MaxBody int64
	// MaxRequests bounds the requests that are answered at once; the others wait. 0 for
	// DefaultMaxRequests.
	MaxRequests int

	once  sync.Once
	slots chan struct{}
}

// The defaults of a Handler.
const (
	// DefaultMaxBody has room for an object and the old one: an API server takes none
	// larger than 3 MiB.
	DefaultMaxBody     = 8 << 20
	DefaultMaxRequests = 256
)

// Path is where a Handler answers.
const Path = "/validate"

// What an AdmissionReview says that it is.
const (
	reviewVersion = "admission.k8s.io/v1"
	reviewKind    = "AdmissionReview"
)

// answered is an AdmissionReview with what was decided.
type answered struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Response   response `json:"response"`
}

type response struct {
	UID         string            `json:"uid"`
	Allowed     bool              `json:"allowed"`
	Status      *refusal          `json:"status,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
	Annotations map[string]string `json:"auditAnnotations,omitempty"`
}

type refusal struct {
	Code    int    `json:"code"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// ServeHTTP answers one AdmissionReview.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	rules, ok := h.rules(req.URL.Path)
	switch {
	case !ok:
		http.NotFound(w, req)
		return
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "an AdmissionReview is sent by POST", http.StatusMethodNotAllowed)
		return
	}
	if !h.enter(req) {
		http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
		return
	}
	defer func() { <-h.slots }()
	body := bodies.Get().(*bytes.Buffer)
	defer release(body)
	if status, err := h.read(body, w, req); err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	start := time.Now()
	q, err := decode(body.Bytes())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var s *State
	if h.State != nil {
		s = h.State()
	}
	d := s.Review(q, rules, start)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer(q, d)) // who has gone needs no answer
	if h.Observe != nil {
		h.Observe(q, d, time.Since(start))
	}
}

// rules are those of a path.
func (h *Handler) rules(path string) (Rules, bool) {
	rest, ok := strings.CutPrefix(path, Path)
	if !ok || rest == "" {
		return h.Rules, ok
	}
	name, ok := strings.CutPrefix(rest, "/")
	mode, err := ParseMode(name)
	r := h.Rules
	r.Mode = mode
	return r, ok && err == nil
}

// enter waits for its turn, as long as whoever asks does.
func (h *Handler) enter(req *http.Request) bool {
	h.once.Do(func() {
		n := h.MaxRequests
		if n <= 0 {
			n = DefaultMaxRequests
		}
		h.slots = make(chan struct{}, n)
	})
	select {
	case h.slots <- struct{}{}:
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

// read reads a request's body. With an error comes the status that tells of it.
func (h *Handler) read(body *bytes.Buffer, w http.ResponseWriter, req *http.Request) (status int, err error) {
	limit := h.MaxBody
	if limit <= 0 {
		limit = DefaultMaxBody
	}
	_, err = io.Copy(body, http.MaxBytesReader(w, req.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, err
	case err != nil:
		return http.StatusBadRequest, err
	}
	return http.StatusOK, nil
}

// answer is the AdmissionReview that says what was decided.
func answer(q *Request, d Decision) answered {
	r := response{UID: q.UID, Allowed: d.Allowed, Warnings: d.Warnings, Annotations: d.Annotations}
	if !d.Allowed {
		r.Status = &refusal{http.StatusForbidden, "Forbidden", d.Message}
	}
	return answered{reviewVersion, reviewKind, r}
}
