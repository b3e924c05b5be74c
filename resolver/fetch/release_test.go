package fetch_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/fetch"
)

// TestLatestRelease has the redirects of servers that have a release, and of others. No file
// is requested.
func TestLatestRelease(t *testing.T) {
	const latest, release = "/o/r/releases/latest/download/f.yaml", "/o/r/releases/download/"
	longest := strings.Repeat("v", 255)
	const none = "does not redirect to the file of a release"
	for name, tt := range map[string]struct{ to, want, err string }{
		"a tag":             {release + "v1.2/f.yaml", "v1.2", ""},
		"absolute":          {"SERVER" + release + "v1.2/f.yaml", "v1.2", ""},
		"with a query":      {release + "v1.2/f.yaml?a=/releases/download/x/f.yaml", "v1.2", ""},
		"encoded":           {release + "a%2Fv1%2B2%25/f.yaml", "a/v1+2%", ""},
		"plus":              {release + "v1+2/f.yaml", "v1+2", ""},
		"with a slash":      {release + "a/v1/f.yaml", "a/v1", ""},
		"not ASCII":         {release + "%C3%A9/f.yaml", "é", ""},
		"another owner":     {"/o2/r2/releases/download/v2/f.yaml", "v2", ""},
		"another file":      {release + "v1.2/g.yaml", "", `another file, "g.yaml"`},
		"no tag":            {release + "f.yaml", "", "404 Not Found"},
		"empty tag":         {release + "/f.yaml", "", `the invalid tag ""`},
		"a parent":          {release + "../f.yaml", "", "404 Not Found"},
		"an encoded parent": {release + "%2E%2E/f.yaml", "", `the invalid tag ".."`},
		"part of a path":    {release + "a%2F..%2Fb/f.yaml", "", `the invalid tag "a/../b"`},
		"a range":           {release + "v1..v2/f.yaml", "", `the invalid tag "v1..v2"`},
		"an option":         {release + "--x/f.yaml", "", `the invalid tag "--x"`},
		"a line":            {release + "v1%0Ax/f.yaml", "", `the invalid tag "v1 x"`},
		"bidirectional":     {release + "v1%E2%80%AE/f.yaml", "", `the invalid tag "v1"`},
		"not UTF-8":         {release + "v1%FF/f.yaml", "", "the invalid tag"},
		"a space":           {release + "v1%20x/f.yaml", "", "the invalid tag"},
		"long":              {release + "v" + longest + "/f.yaml", "", "the invalid tag"},
		"longest":           {release + longest + "/f.yaml", longest, ""},
		"encoded file":      {release + "v1/f%2Eyaml", "v1", ""},
		"renamed":           {"/new/r/releases/latest/download/f.yaml", "v3", ""},
		"itself":            {latest, "", "too many redirects"},
		"log in":            {"/login", "", none},
		"not encrypted":     {"http://SERVERHOST" + release + "v1.2/f.yaml", "", "from https to http"},
		"metadata":          {"https://169.254.169.254/latest", "", "private address"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			to := strings.ReplaceAll(tt.to, "SERVERHOST", s.host())
			s.redirect(latest, strings.ReplaceAll(to, "SERVER", s.URL))
			s.redirect("/new/r/releases/latest/download/f.yaml", "/new/r/releases/download/v3/f.yaml")
			s.put("/login", text)
			got, err := newClient(t, s, fetch.Options{}).LatestRelease(t.Context(), s.URL+latest)
			check(t, err, tt.err)
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			var e *fetch.ContentError
			if errors.As(err, &e) && (e.URL != s.URL+latest || e.Hint() == "") {
				t.Errorf("URL %q, hint %q", e.URL, e.Hint())
			}
			if n := len(s.seen()); tt.want != "" && name != "renamed" && n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestLatestReleaseFails has servers that do not redirect.
func TestLatestReleaseFails(t *testing.T) {
	const latest = "/o/r/releases/latest/download/f"
	for status, want := range map[int]string{
		http.StatusOK:           "does not redirect",
		http.StatusUnauthorized: "401 Unauthorized",
		http.StatusNotFound:     "404 Not Found",
		http.StatusNotModified:  "304 Not Modified",
	} {
		s := newServer(t)
		s.on(latest, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, err := newClient(t, s, fetch.Options{}).LatestRelease(t.Context(), s.URL+latest)
		check(t, err, want)
		var e *fetch.NotFoundError
		if errors.As(err, &e) != (status == http.StatusNotFound) {
			t.Errorf("%T", err)
		}
	}
}

// TestLatestReleaseRetry has a server that fails for a moment.
func TestLatestReleaseRetry(t *testing.T) {
	const latest = "/o/r/releases/latest/download/f"
	s := newServer(t)
	s.on(latest, func(w http.ResponseWriter, r *http.Request) {
		if len(s.seen()) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, "/o/r/releases/download/v1/f", http.StatusFound)
	})
	got, err := newClient(t, s, fetch.Options{}).LatestRelease(t.Context(), s.URL+latest)
	if err != nil || got != "v1" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestLatestReleaseURL has URLs that are not of a latest release: nothing is requested.
func TestLatestReleaseURL(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s, fetch.Options{})
	for _, path := range []string{
		"", "/o/r/releases/download/v1/f", "/o/r/releases/latest/f", "/?/releases/latest/download/f",
		"/o/r/releases/latest/download/", "/o/r/releases/latest/download",
		"/o/r/releases/latest/download/a/f",
	} {
		_, err := c.LatestRelease(t.Context(), s.URL+path)
		check(t, err, "not a file of a latest release")
		var e *fetch.InvalidURLError
		if !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%T", err)
		}
	}
	_, err := c.LatestRelease(t.Context(), "http://files.example/o/r/releases/latest/download/f")
	check(t, err, "not encrypted")
	if seen := s.seen(); len(seen) > 0 {
		t.Errorf("requests %q", seen)
	}
}
