package fetch_test

import (
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestDigest hashes the bytes of files, whatever is in them.
func TestDigest(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s, fetch.Options{})
	for path, text := range map[string]string{
		"/a.yaml": text, "/empty": "", "/crlf": " \r\n\xef\xbb\xbfa", "/mark": "\ufeff \n",
		"/binary": "\x00\xff<html", "/long": strings.Repeat(text, 100_000),
	} {
		s.put(path, text)
		if got, err := c.Digest(t.Context(), s.URL+path); err != nil || got != digestOf(text) {
			t.Errorf("%s: %q, %v, want %q", path, got, err, digestOf(text))
		}
	}
}

// TestDigestEncoded has a response that is compressed on the way: what counts is the file.
func TestDigestEncoded(t *testing.T) {
	s := newServer(t)
	s.on("/a", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Error("compression is not accepted")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
	})
	got, err := newClient(t, s, fetch.Options{}).Digest(t.Context(), s.URL+"/a")
	if err != nil || got != digestOf(text) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestOnce has many callers for each URL: each is requested once, failures included.
func TestOnce(t *testing.T) {
	s := newServer(t)
	s.put("/a", text)
	s.redirect("/o/r/releases/latest/download/f", "/o/r/releases/download/v1/f")
	c := newClient(t, s, fetch.Options{})
	var wait sync.WaitGroup
	for range 40 {
		wait.Go(func() {
			for _, url := range []string{"/a", "/a#fragment", "/a?other", "/missing"} {
				got, err := c.Digest(t.Context(), s.URL+url)
				if url == "/missing" {
					var e *fetch.NotFoundError
					if !errors.As(err, &e) {
						t.Error(err)
					}
				} else if err != nil || got != digestOf(text) {
					t.Errorf("%s: %q, %v", url, got, err)
				}
			}
			tag, err := c.LatestRelease(t.Context(), s.URL+"/o/r/releases/latest/download/f")
			if err != nil || tag != "v1" {
				t.Errorf("%q, %v", tag, err)
			}
		})
	}
	wait.Wait()
	got := s.seen()
	slices.Sort(got)
	want := []string{"/a", "/a?other", "/missing", "/o/r/releases/latest/download/f"}
	if !slices.Equal(got, want) {
		t.Errorf("requests %q, want %q", got, want)
	}
}

// TestServerFails has servers that fail, for a moment or for good.
func TestServerFails(t *testing.T) {
	for how, tt := range map[string]struct{ err, hint, cause string }{
		"429-once":          {},
		"429-after-1s-once": {},
		"503-once":          {},
		"drop-once":         {},
		"cut-once":          {},
		"401":               {"401 Unauthorized", "machine 127.0.0.1 login", ""},
		"403":               {"403 Forbidden", "machine 127.0.0.1 login", ""},
		"404":               {"404 Not Found", "check the URL; if the file is private", ""},
		"410":               {"410 Gone", "check the URL", ""},
		"204":               {"204 No Content", "report it to the operators", ""},
		"206":               {"206 Partial Content", "report it to the operators", ""},
		"429-after-90s":     {"429 Too Many Requests (resets at ", "later; to log in", "rate limit"},
		"cut":               {"the response ends after 19 bytes", "later", ": the response ends"},
		"500":               {"500 Internal Server Error (tried 5", "later", ": 500 Internal"},
		"501":               {"501 Not Implemented", "report it", ": 501 Not"},
		"hang":              {"no response within 100ms (tried 2 times)", "timeout: 60s", ": no resp"},
		"redirect-loop":     {"too many redirects", "is to be trusted", ""},
		"redirect-private":  {"redirected from https to http", "is to be trusted", ""},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			fault, ok := registrytest.Named(how)
			if !ok {
				t.Fatal("no such fault")
			}
			s.on("/a", func(w http.ResponseWriter, r *http.Request) {
				if !fault(w, r) {
					_, _ = w.Write([]byte(text))
				}
			})
			c := newClient(t, s, fetch.Options{
				Hosts: map[string]registry.Host{s.host(): {Timeout: 100 * time.Millisecond}},
			})
			got, err := c.Digest(t.Context(), s.URL+"/a?token=hush")
			check(t, err, tt.err)
			if tt.err == "" {
				if got != digestOf(text) {
					t.Errorf("digest %q", got)
				}
				return
			}
			checkFailure(t, err, how == "404" || how == "410", tt.hint, tt.cause)
		})
	}
}

// checkFailure compares the type, hint and cause of an error.
func checkFailure(t *testing.T, err error, gone bool, hint, cause string) {
	t.Helper()
	var failed *fetch.RequestError
	var missing *fetch.NotFoundError
	if errors.As(err, &missing) != gone || errors.As(err, &failed) == gone {
		t.Fatalf("%T", err)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), hint) {
		t.Errorf("hint of %v, want %q", hinted, hint)
	}
	if failed != nil && !strings.Contains(failed.Cause(), cause) || failed != nil &&
		cause == "" && failed.Cause() != "" {
		t.Errorf("cause %q, want %q", failed.Cause(), cause)
	}
	if strings.Contains(err.Error()+hinted.Hint(), "hush") {
		t.Errorf("the error has the query: %v", err)
	}
}

// TestCancel has a caller that gives up: the others go on.
func TestCancel(t *testing.T) {
	s := newServer(t)
	arrived := make(chan struct{})
	hang := registrytest.First(1, func(w http.ResponseWriter, r *http.Request) bool {
		close(arrived)
		return registrytest.Hang(w, r)
	})
	s.on("/a", func(w http.ResponseWriter, r *http.Request) {
		if !hang(w, r) {
			_, _ = w.Write([]byte(text))
		}
	})
	c := newClient(t, s, fetch.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	gaveUp := errors.New("the caller gave up")
	first, second := make(chan error), make(chan error)
	go func() {
		_, err := c.Digest(ctx, s.URL+"/a")
		first <- err
	}()
	<-arrived
	go func() {
		_, err := c.Digest(t.Context(), s.URL+"/a")
		second <- err
	}()
	cancel(gaveUp)
	if err := <-first; !errors.Is(err, gaveUp) {
		t.Errorf("the caller that gave up: %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("the other one: %v", err)
	}
}

// TestHTML has pages, and files that only look like some.
func TestHTML(t *testing.T) {
	yes, plain := "an HTML page, not with a file", "text/plain"
	for name, tt := range map[string]struct{ kind, text, err string }{
		"a file":              {"text/yaml", text, ""},
		"without a type":      {"", text, ""},
		"a file typed HTML":   {"text/html", text, yes},
		"in capitals":         {"Text/HTML;charset=utf-8", text, yes},
		"odd parameters":      {"text/html; ;=", text, yes},
		"XHTML":               {"application/xhtml+xml", text, yes},
		"a type like it":      {"text/htmlx", text, ""},
		"type of a parameter": {`text/plain; a="text/html"`, text, ""},
		"doctype":             {plain, "<!DOCTYPE html><p>", yes},
		"mixed case":          {plain, "<!docType\n HTML>", yes},
		"html":                {plain, "<hTml>", yes},
		"after space":         {plain, strings.Repeat(" \t\r\n\f", 50_000) + "<html lang=en>", yes},
		"after a mark":        {plain, "\ufeff\n<html>", yes},
		"other doctype":       {plain, "<!DOCTYPE svg>", ""},
		"XML":                 {plain, "<?xml version='1.0'?><html/>", ""},
		"in a file":           {plain, "a: <html>", ""},
		"in a comment":        {plain, "# <!DOCTYPE html>", ""},
		"cut tag":             {plain, "<htm", ""},
		"only space":          {plain, "  \n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("/a", func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				if tt.kind != "" {
					w.Header().Set("Content-Type", tt.kind)
				}
				_, _ = w.Write([]byte(tt.text))
			})
			got, err := newClient(t, s, fetch.Options{}).Digest(t.Context(), s.URL+"/a?b")
			check(t, err, tt.err)
			var e *fetch.ContentError
			switch {
			case err == nil && got != digestOf(tt.text):
				t.Errorf("digest %q", got)
			case err != nil && (!errors.As(err, &e) || e.URL != s.URL+"/a" || got != ""):
				t.Errorf("%T %v, %q", err, err, got)
			case err != nil && !strings.HasPrefix(e.Hint(), "use the URL of the raw file; if"):
				t.Errorf("hint %q", e.Hint())
			}
		})
	}
}

// TestTooLong has files of the longest length, and of one byte more.
func TestTooLong(t *testing.T) {
	const most = 32 << 20
	for name, tt := range map[string]struct {
		size                int
		announced, compress bool
		err                 string
	}{
		"announced":           {most, true, false, ""},
		"chunked":             {most, false, false, ""},
		"compressed":          {most, false, true, ""},
		"announced, longer":   {most + 1, true, false, "the file is longer than 32 MiB"},
		"chunked, longer":     {most + 1, false, false, "the file is longer than 32 MiB"},
		"compressed, longer":  {most + 1, false, true, "the file is longer than 32 MiB"},
		"announced far above": {1 << 40, true, false, "the file is longer than 32 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("/a", func(w http.ResponseWriter, _ *http.Request) {
				write := w.Write
				if tt.announced {
					w.Header().Set("Content-Length", strconv.Itoa(tt.size))
				}
				if tt.compress {
					w.Header().Set("Content-Encoding", "gzip")
					z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
					defer z.Close()
					write = z.Write
				}
				for left, block := tt.size, make([]byte, 1<<20); left > 0; left -= len(block) {
					if _, err := write(block[:min(left, len(block))]); err != nil {
						return
					}
				}
			})
			_, err := newClient(t, s, fetch.Options{}).Digest(t.Context(), s.URL+"/a")
			check(t, err, tt.err)
			var e *fetch.ContentError
			if err != nil && (!errors.As(err, &e) || !strings.Contains(e.Hint(), "name the copy")) {
				t.Errorf("%T", err)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestTrace has what is told of requests and to servers: no secret is in it.
func TestTrace(t *testing.T) {
	s := newServer(t)
	s.put("/b", text)
	s.redirect("/a", "/b?token=hush")
	var traced []string
	c := newClient(t, s, fetch.Options{
		UserAgent: "plumb/1.2", Trace: func(e transport.Exchange) {
			e.Duration = 0
			traced = append(traced, e.String())
		},
	})
	if _, err := c.Digest(t.Context(), s.URL+"/a?token=hush"); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET " + s.URL + "/a 302 0 B 0s", "GET " + s.URL + "/b 200 16 B 0s"}
	if !slices.Equal(traced, want) {
		t.Errorf("traced %q, want %q", traced, want)
	}
	for _, r := range s.requests {
		if got := r.Header.Get("User-Agent"); got != "plumb/1.2" {
			t.Errorf("User-Agent %q", got)
		}
	}
}
