package chart_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
)

// TestFetch resolves a range and fetches the archive, as lock does.
func TestFetch(t *testing.T) {
	s := newRepo(t)
	data := s.publish("web", "1.2.0", "1.2.3")
	c := newClient(t, s, chart.Options{})
	n := chart.Name{Repo: s.URL, Chart: "web"}
	v, err := c.Resolve(t.Context(), n, "^1.0")
	want := chart.Version{Version: "1.2.3", URL: s.URL + "/web-1.2.3.tgz", Digest: content.Digest(data)}
	if diff := cmp.Diff(want, v); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	got, err := c.Fetch(t.Context(), n, v)
	hash, _ := content.HashArchive(strings.NewReader(string(data)))
	wantArchive := chart.Archive{Digest: content.Digest(data), Content: hash, Name: "web", Version: "1.2.3", AppVersion: "1.0"}
	if diff := cmp.Diff(wantArchive, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := c.Check(t.Context(), n, "1.2.3", got.Digest); err != nil {
		t.Error(err)
	}
}

// TestOnce has many callers for each of a repository's charts: what is fetched, is fetched
// once.
func TestOnce(t *testing.T) {
	s := newRepo(t)
	s.publish("web", "1.2.0", "1.2.3")
	c := newClient(t, s, chart.Options{})
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			// The same repository, however its URL is written.
			n := chart.Name{Repo: s.URL + strings.Repeat("/", i%2), Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "")
			if err == nil {
				_, err = c.Fetch(t.Context(), n, v)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if index, archives := s.count("/index.yaml"), s.count(".tgz"); index != 1 || archives != 1 {
		t.Errorf("%d requests for the index, %d for archives, want one each", index, archives)
	}
}

// TestFailsOnce has a chart that is missing: the error is remembered as well.
func TestFailsOnce(t *testing.T) {
	s := newRepo(t)
	s.publish("web", "1.2.3")
	c := newClient(t, s, chart.Options{})
	for range 3 {
		_, err := c.Versions(t.Context(), chart.Name{Repo: s.URL + "/other", Chart: "web"})
		var e *chart.RequestError
		if !errors.As(err, &e) || !e.Err.NotFound() {
			t.Fatal(err)
		}
	}
	if n := s.count("/other/index.yaml"); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}
