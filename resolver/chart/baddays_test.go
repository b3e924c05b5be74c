package chart_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestDigests has indexes with the archive's digest, without one, and with a wrong one.
func TestDigests(t *testing.T) {
	data := pack("web", "1.2.3")
	right := strings.TrimPrefix(content.Digest(data), "sha256:")
	wrong := strings.TrimPrefix(content.Digest(nil), "sha256:")
	for digest, want := range map[string]string{
		right:                  "",
		"sha256:" + right:      "",
		strings.ToUpper(right): "",
		`""`:                   "",
		wrong:                  "the archive is sha256:" + right + ", not sha256:" + wrong + " as index.yaml says",
		"sha256:" + wrong:      "the archive is sha256:" + right + ", not sha256:" + wrong + " as index.yaml says",
		"sha512:" + right:      "not a SHA-256 digest",
		right[:40]:             "not a SHA-256 digest",
		"x":                    "not a SHA-256 digest",
	} {
		t.Run(digest, func(t *testing.T) {
			s := newRepo(t)
			s.put("/web-1.2.3.tgz", data)
			s.put("/index.yaml", []byte(indexOf("web", entryOf("web", "1.2.3", "web-1.2.3.tgz", "")+"    digest: "+digest+"\n")))
			s.put("/index.yaml", []byte(strings.Replace(string(s.files["/index.yaml"]), "    digest: \n", "", 1)))
			c := newClient(t, s, chart.Options{})
			n := chart.Name{Repo: s.URL, Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "1.2.3")
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Fetch(t.Context(), n, v)
			var e *chart.ContentError
			switch {
			case want == "" && err != nil:
				t.Error(err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%v, want %q", err, want)
			case errors.As(err, &e) != strings.Contains(want, "index.yaml says"):
				t.Errorf("%T", err)
			}
		})
	}
}

// TestCheck tells a version that is as it was from one that is gone or replaced, and
// from what is not known.
func TestCheck(t *testing.T) {
	locked := content.Digest(pack("web", "1.2.3"))
	other := pack("web", "1.2.3", "web/more", "")
	for name, tt := range map[string]struct {
		change func(s *repo)
		want   string // of the error: "gone", "replaced", "unknown"; "" for none
	}{
		"as it was":              {func(*repo) {}, ""},
		"replaced, index too":    {func(s *repo) { s.publishAs("web", "1.2.3", other) }, "replaced"},
		"replaced, not in index": {func(s *repo) { s.put("/web-1.2.3.tgz", other) }, "replaced"},
		"only the index moved": {func(s *repo) {
			s.put("/index.yaml", []byte(indexOf("web", entryOf("web", "1.2.3", "web-1.2.3.tgz", content.Digest(other)))))
		}, "index"},
		"not in the index":      {func(s *repo) { s.publish("web", "1.2.4") }, "gone"},
		"only a newer build":    {func(s *repo) { s.publish("web", "1.2.3+1") }, "gone"},
		"no such chart":         {func(s *repo) { s.publish("db", "1.2.3") }, "gone"},
		"archive gone":          {func(s *repo) { s.failing(registrytest.At(".tgz", registrytest.Refuse(404, ""))) }, "gone"},
		"archive gone for good": {func(s *repo) { s.failing(registrytest.At(".tgz", registrytest.Refuse(410, ""))) }, "gone"},
		"archive forbidden":     {func(s *repo) { s.failing(registrytest.At(".tgz", registrytest.Refuse(403, ""))) }, "unknown"},
		"no index":              {func(s *repo) { s.failing(registrytest.At("index", registrytest.Refuse(404, ""))) }, "unknown"},
		"no credentials":        {func(s *repo) { s.failing(registrytest.Refuse(401, "")) }, "unknown"},
		"cut index":             {func(s *repo) { s.put("/index.yaml", []byte("apiVersion: v1\nentries:\n  db:\n  - name: \"d")) }, "unknown"},
		"HTML for the archive":  {func(s *repo) { s.put("/web-1.2.3.tgz", []byte("<html>")) }, "replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRepo(t)
			s.publish("web", "1.2.3")
			tt.change(s)
			err := newClient(t, s, chart.Options{}).Check(t.Context(), chart.Name{Repo: s.URL, Chart: "web"}, "1.2.3", locked)
			var gone *chart.NotFoundError
			var replaced *chart.ContentError
			got := ""
			switch {
			case errors.As(err, &gone):
				got = "gone"
			case errors.As(err, &replaced) && replaced.By == "plumb.lock" && replaced.Want == locked && replaced.Got != locked:
				got = "replaced"
			case errors.As(err, &replaced) && replaced.By == "index.yaml" && replaced.Got == locked:
				got = "index"
			case err != nil:
				got = "unknown"
			}
			if got != tt.want {
				t.Errorf("%q, want %q: %v", got, tt.want, err)
			}
		})
	}
}

// publishAs publishes an archive as a version.
func (s *repo) publishAs(name, version string, data []byte) {
	file := name + "-" + version + ".tgz"
	s.put("/"+file, data)
	s.put("/index.yaml", []byte(indexOf(name, entryOf(name, version, file, content.Digest(data)))))
}

// TestReplacedBetween has an archive that is replaced between two runs: each sees what it
// reads, and within one nothing is read twice.
func TestReplacedBetween(t *testing.T) {
	s := newRepo(t)
	s.publish("web", "1.2.3")
	n := chart.Name{Repo: s.URL, Chart: "web"}
	first := newClient(t, s, chart.Options{})
	v, err := first.Resolve(t.Context(), n, "")
	if err != nil {
		t.Fatal(err)
	}
	one, err := first.Fetch(t.Context(), n, v)
	if err != nil {
		t.Fatal(err)
	}
	s.publishAs("web", "1.2.3", pack("web", "1.2.3", "web/more", ""))
	if again, err := first.Fetch(t.Context(), n, v); err != nil || again != one {
		t.Errorf("%v, %v, want %v", again, err, one)
	}
	second := newClient(t, s, chart.Options{})
	if v, err = second.Resolve(t.Context(), n, ""); err != nil {
		t.Fatal(err)
	}
	two, err := second.Fetch(t.Context(), n, v)
	if err != nil || two.Digest == one.Digest || two.Content == one.Content {
		t.Errorf("%v, %v, want another than %v", two, err, one)
	}
}

// TestOtherChart has archives of another chart or version than the index says.
func TestOtherChart(t *testing.T) {
	for name, tt := range map[string]struct {
		data []byte
		err  string
	}{
		"the chart":       {pack("web", "1.2.3"), ""},
		"with a v":        {pack("web", "v1.2.3"), ""},
		"another version": {pack("web", "1.2.4"), `its Chart.yaml says that it is chart "web", version "1.2.4"`},
		"another build":   {pack("web", "1.2.3+1"), `version "1.2.3+1"`},
		"another chart":   {pack("db", "1.2.3"), `it is chart "db"`},
		"no chart":        {packFiles("web/values.yaml", ""), "no Chart.yaml"},
		"no archive":      {[]byte("404 page"), "not a gzipped archive"},
		"HTML":            {[]byte("\n<!DOCTYPE html>"), "an HTML page, not with an archive"},
		"a link out":      {packFiles("web/../../etc/passwd", ""), `entry "web/../../etc/passwd": its path leaves`},
		"empty":           {nil, "not a gzipped archive"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRepo(t)
			s.publishAs("web", "1.2.3", tt.data)
			c := newClient(t, s, chart.Options{})
			n := chart.Name{Repo: s.URL, Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "1.2.3")
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Fetch(t.Context(), n, v)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
			if err != nil && got != (chart.Archive{}) {
				t.Errorf("an error, and %v", got)
			}
		})
	}
}

// TestServerFails has servers that fail, for a moment or for good.
func TestServerFails(t *testing.T) {
	for how, tt := range map[string]struct{ err, hint string }{
		"429-once":          {"", ""},
		"429-after-1s-once": {"", ""},
		"503-once":          {"", ""},
		"drop-once":         {"", ""},
		"cut-once":          {"", ""},
		"401":               {"401 Unauthorized", "helm repo add NAME https://127.0.0.1"},
		"403":               {"403 Forbidden", "~/.netrc"},
		"404":               {"404 Not Found", ""},
		"429-after-90s":     {"429 Too Many Requests (resets at ", "later"},
		"cut":               {"the response ends after 19 bytes: unexpected EOF (tried 5 times)", "later"},
		"500":               {"500 Internal Server Error (tried 5 times)", "later"},
		"hang":              {"no response within 100ms (tried 2 times)", "later"},
		"redirect-loop":     {"too many redirects", "name the other server"},
		"redirect-private":  {"redirected from https to http", "name the other server"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newRepo(t)
			s.publish("web", "1.2.3")
			fault, ok := registrytest.Named(how)
			if !ok {
				t.Fatal("no such fault")
			}
			s.failing(fault)
			host := strings.TrimPrefix(s.URL, "https://")
			c := newClient(t, s, chart.Options{Hosts: map[string]registry.Host{host: {Timeout: 100 * time.Millisecond}}})
			n := chart.Name{Repo: s.URL, Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "")
			if tt.err == "" {
				if err == nil {
					_, err = c.Fetch(t.Context(), n, v)
				}
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *chart.RequestError
			if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.As(err, &e) {
				t.Fatalf("%v, want %q", err, tt.err)
			}
			if hint := e.Hint(); !strings.Contains(hint, tt.hint) || tt.hint == "" && hint != "" {
				t.Errorf("hint %q, want %q", hint, tt.hint)
			}
		})
	}
}

// TestCancel has a caller that gives up: the others go on.
func TestCancel(t *testing.T) {
	s := newRepo(t)
	s.publish("web", "1.2.3")
	arrived := make(chan struct{})
	s.failing(registrytest.First(1, func(w http.ResponseWriter, r *http.Request) bool {
		close(arrived)
		return registrytest.Hang(w, r)
	}))
	c := newClient(t, s, chart.Options{})
	n := chart.Name{Repo: s.URL, Chart: "web"}
	ctx, cancel := context.WithCancelCause(t.Context())
	gaveUp := errors.New("the caller gave up")
	first := make(chan error)
	go func() {
		_, err := c.Versions(ctx, n)
		first <- err
	}()
	<-arrived
	second := make(chan error)
	go func() {
		_, err := c.Versions(t.Context(), n)
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

// TestLongAnswers has responses that are longer than they may be, announced and not.
func TestLongAnswers(t *testing.T) {
	for name, announced := range map[string]bool{"announced": true, "without end": false} {
		t.Run(name, func(t *testing.T) {
			s := newRepo(t)
			s.publish("web", "1.2.3")
			s.failing(registrytest.At(".tgz", func(w http.ResponseWriter, _ *http.Request) bool {
				if announced {
					w.Header().Set("Content-Length", fmt.Sprint(content.MaxPacked+1))
				}
				for chunk := make([]byte, 1<<20); ; {
					if _, err := w.Write(chunk); err != nil {
						return true
					}
				}
			}))
			c := newClient(t, s, chart.Options{})
			n := chart.Name{Repo: s.URL, Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Fetch(t.Context(), n, v); err == nil || !strings.Contains(err.Error(), "the archive is longer than 20 MiB") {
				t.Error(err)
			}
		})
	}
}
