package registrytest

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a hook for Server.Fail: a way to fail. It returns whether it has handled the
// request.
type Fault = func(w http.ResponseWriter, r *http.Request) (handled bool)

// Refuse responds with a status and, unless it is "", with a Retry-After field.
func Refuse(status int, retryAfter string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
		return true
	}
}

// RefuseUntil responds with a status and a Retry-After field that is a date, a
// number of whole seconds from now.
func RefuseUntil(status, seconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		at := time.Now().Add(time.Duration(seconds) * time.Second)
		w.Header().Set("Retry-After", at.UTC().Format(http.TimeFormat))
		w.WriteHeader(status)
		return true
	}
}

// Drop ends the connection, in HTTP/2 the stream, without a response.
func Drop(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }

// Reset makes the client's system see a reset, where the connection allows it
// (HTTP/1.1 without TLS); else it is Drop.
func Reset(w http.ResponseWriter, r *http.Request) bool {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return Drop(w, r)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return Drop(w, r)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
	return true
}

// Hang never responds.
func Hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

// Drip responds byte by byte and does not end.
func Drip(w http.ResponseWriter, r *http.Request) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := io.WriteString(w, " "); err != nil {
			return true
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return true
		}
	}
}

// Cut announces a long body and ends after the first bytes.
func Cut(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"schemaVersion":2,`)
	return true
}

// HeadBody responds to HEAD with a body, which HTTP forbids, and leaves the connection
// open. It does not handle other requests.
func HeadBody(w http.ResponseWriter, r *http.Request) bool {
	hijacker, ok := w.(http.Hijacker)
	if !ok || r.Method != http.MethodHead {
		return false
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return false
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")
	_, _ = io.Copy(io.Discard, conn) // until the client hangs up
	return true
}

// RedirectTo redirects each request to a URL.
func RedirectTo(url string) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, url, http.StatusTemporaryRedirect)
		return true
	}
}

// RedirectLoop redirects each request to itself.
func RedirectLoop(w http.ResponseWriter, r *http.Request) bool {
	return RedirectTo(r.URL.RequestURI())(w, r)
}

// At limits a fault to requests whose host and path contain a text.
func At(text string, fault Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.Host+r.URL.Path, text) && fault(w, r)
	}
}

// First limits a fault to the first n requests for each method and URL.
func First(n int, fault Fault) Fault {
	var mu sync.Mutex
	seen := make(map[string]int)
	return func(w http.ResponseWriter, r *http.Request) bool {
		key := r.Method + " " + r.Host + r.URL.RequestURI()
		mu.Lock()
		seen[key]++
		hit := seen[key] <= n
		mu.Unlock()
		return hit && fault(w, r)
	}
}

// Sometimes limits a fault to a share of all requests, from 0 to 1. Which ones depends on
// the seed and on the order in which they come.
func Sometimes(share float64, seed int, fault Fault) Fault {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(uint64(seed), 0))
	return func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		hit := dice.Float64() < share
		mu.Unlock()
		return hit && fault(w, r)
	}
}

// faults are the named faults.
var faults = map[string]Fault{
	"drop":             Drop,
	"reset":            Reset,
	"hang":             Hang,
	"drip":             Drip,
	"head-body":        HeadBody,
	"cut":              Cut,
	"redirect-loop":    RedirectLoop,
	"redirect-private": RedirectTo("http://169.254.169.254/"),
}

// Named returns the fault that a text describes: a status such as "429", perhaps with
// "-after-2s" (Retry-After in seconds) or "-date-2s" (as a date), or "drop", "reset",
// "hang", "drip", "head-body", "cut", "redirect-loop", "redirect-private" (to the cloud's
// metadata); each perhaps with "-once", which limits it to the first request for each
// URL. ok is false for other texts.
func Named(text string) (fault Fault, ok bool) {
	if what, once := strings.CutSuffix(text, "-once"); once {
		fault, ok = Named(what)
		return First(1, fault), ok
	}
	if fault, ok = faults[text]; ok {
		return fault, true
	}
	code, rest, _ := strings.Cut(text, "-")
	status, err := strconv.Atoi(code)
	if err != nil || status < 200 || status > 599 {
		return nil, false
	}
	kind, after, _ := strings.Cut(rest, "-")
	d, err := time.ParseDuration(after)
	seconds := int(d.Seconds())
	switch {
	case rest == "":
		return Refuse(status, ""), true
	case kind == "after" && err == nil:
		return Refuse(status, strconv.Itoa(seconds)), true
	case kind == "date" && err == nil:
		return RefuseUntil(status, seconds), true
	}
	return nil, false
}
