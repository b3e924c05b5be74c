package resolver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
)

func TestFindOutdated(t *testing.T) {
	w := newWorld(t)
	old := w.server.PushIndex("acme/web", "v1", 1)
	side := w.server.PushIndex("acme/side", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/side@"+side))
	w.locked()
	find := func(match func(resolver.Tracked) bool) ([]resolver.Outdated, []resolver.Failure) {
		t.Helper()
		w.server.Reset()
		out, failures, err := resolver.FindOutdated(t.Context(), w.lock, w.client, resolver.OutdatedOptions{Match: match})
		if err != nil {
			t.Fatal(err)
		}
		return out, failures
	}

	out, failures := find(all)
	if len(out)+len(failures) != 0 {
		t.Errorf("nothing moved: %v, %v", out, failures)
	}
	// What follows no tag cannot move.
	if w.server.Count("acme/side") != 0 || w.server.Count("HEAD") != 1 || w.server.Count("GET /v2/acme") != 0 {
		t.Errorf("requests %v", w.server.Requests())
	}

	moved := w.server.PushIndex("acme/web", "v1", 4)
	out, _ = find(all)
	want := []resolver.Outdated{{Kind: lockfile.Image, Name: w.name("acme/web:v1"), Old: old, New: moved}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if out, _ = find(func(resolver.Tracked) bool { return false }); len(out) != 0 || w.server.Count("") != 0 {
		t.Errorf("not asked for: %v, requests %v", out, w.server.Requests())
	}

	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if fail := strings.Contains(r.URL.Path, "/manifests/"); !fail {
			return false
		}
		rw.WriteHeader(http.StatusUnauthorized)
		return true
	})
	out, failures = find(all)
	if len(out) != 0 || len(failures) != 1 || failures[0].Name != w.name("acme/web:v1") {
		t.Errorf("a registry that fails: %v, %v", out, failures)
	}
}

func TestFindOutdatedTellsOfNewerTags(t *testing.T) {
	w := newWorld(t)
	web := w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.0.1", 2)
	w.server.PushIndex("acme/web", "edge", 3)
	w.pod("a.yaml", w.name("acme/web:1.0.0"), w.name("acme/web:1.0.1"), w.name("acme/web:edge"))
	w.locked()
	newest := w.server.PushIndex("acme/web", "1.0.1", 9)
	o := resolver.OutdatedOptions{Images: []resolver.Image{w.follow("acme/web", "^1")}}
	w.server.Reset()
	out, failures, err := resolver.FindOutdated(t.Context(), w.lock, w.client, o)
	if err != nil || len(failures) != 0 {
		t.Fatal(failures, err)
	}
	old := w.lock.Entries[1].Digest
	want := []resolver.Outdated{
		{Kind: lockfile.Image, Name: w.name("acme/web:1.0.0"), Old: web, New: web, Tag: "1.0.1", Range: "^1"},
		{Kind: lockfile.Image, Name: w.name("acme/web:1.0.1"), Old: old, New: newest, Range: "^1"},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.server.Count("/tags/list") != 1 {
		t.Errorf("requests %v", w.server.Requests())
	}
	o.Fixed = func(_ lockfile.Kind, name string) bool { return strings.HasSuffix(name, ":1.0.0") }
	if out, _, err = resolver.FindOutdated(t.Context(), w.lock, w.client, o); err != nil || len(out) != 1 {
		t.Errorf("a fixed tag: %v, %v", out, err)
	}
	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/tags/list") {
			return false
		}
		rw.WriteHeader(http.StatusForbidden)
		return true
	})
	o.Fixed = nil
	if _, failures, _ = resolver.FindOutdated(t.Context(), w.lock, w.client, o); len(failures) != 2 {
		t.Errorf("tags that cannot be listed: %v", failures)
	}
}
