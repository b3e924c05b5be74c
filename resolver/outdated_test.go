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
		out, err := resolver.FindOutdated(t.Context(), w.lock, w.client, resolver.OutdatedOptions{Match: match})
		if err != nil {
			t.Fatal(err)
		}
		return out.Outdated, out.Failures
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
	out, err := resolver.FindOutdated(t.Context(), w.lock, w.client, o)
	if err != nil || len(out.Failures) != 0 {
		t.Fatal(out.Failures, err)
	}
	old := w.lock.Entries[1].Digest
	want := []resolver.Outdated{
		{Kind: lockfile.Image, Name: w.name("acme/web:1.0.0"), Old: web, New: web, Tag: "1.0.1", Range: "^1"},
		{Kind: lockfile.Image, Name: w.name("acme/web:1.0.1"), Old: old, New: newest, Range: "^1"},
	}
	if diff := cmp.Diff(want, out.Outdated); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	still := []resolver.Still{{lockfile.Image, w.name("acme/web:edge"), `cannot follow the range ^1: the tag "edge" is not a version`}}
	if diff := cmp.Diff(still, out.Still); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.server.Count("/tags/list") != 1 {
		t.Errorf("requests %v", w.server.Requests())
	}
	o.Fixed = func(_ lockfile.Kind, name string) bool { return strings.HasSuffix(name, ":1.0.0") }
	if out, err = resolver.FindOutdated(t.Context(), w.lock, w.client, o); err != nil || len(out.Outdated) != 1 {
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
	if out, _ = resolver.FindOutdated(t.Context(), w.lock, w.client, o); len(out.Failures) != 2 {
		t.Errorf("tags that cannot be listed: %v", out.Failures)
	}
}

// TestStill has names that do not move, with a range and without, and says why. What has
// moved, and a tag that is built anew, is not among them.
func TestStill(t *testing.T) {
	w := newWorld(t)
	var written []string
	for i, tag := range []string{"pg:16.3.0-debian-12-r5", "pg:16.3.0-debian-12-r12", "pg:16.4.0-debian-12-r1", "old:1.0.0-alpine3.20", "old:1.1.0-alpine3.21",
		"none:1.0.0", "api:main-1f3c9ab", "moved:main-1f3c9ab", "web:1.27.3"} {
		w.server.PushIndex("acme/"+strings.Split(tag, ":")[0], strings.Split(tag, ":")[1], i)
		written = append(written, w.name("acme/"+tag))
	}
	w.pod("a.yaml", written[0], written[3], written[5], written[6], written[7], written[8])
	w.locked()
	w.server.PushIndex("acme/moved", "main-1f3c9ab", 100)
	images := []resolver.Image{w.follow("acme/pg", "^16"), w.follow("acme/old", "^1"), w.follow("acme/none", "^2")}
	out, err := resolver.FindOutdated(t.Context(), w.lock, w.client, resolver.OutdatedOptions{Images: images})
	if err != nil || len(out.Failures) != 0 {
		t.Fatal(out.Failures, err)
	}
	want := []resolver.Still{
		{lockfile.Image, written[6], ""},
		{lockfile.Image, written[5], "has no tag in the range ^2 (1 tag, 1 of them like 1.0.0, the newest 1.0.0)"},
		{lockfile.Image, written[3], "does not move in the range ^1: the newer tag 1.1.0-alpine3.21 has another prefix or variant"},
	}
	if diff := cmp.Diff(want, out.Still); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(out.Outdated) != 2 || out.Outdated[1].Name != written[0] || out.Outdated[1].Tag != "16.4.0-debian-12-r1" {
		t.Errorf("outdated %v", out.Outdated)
	}
	plan, err := resolver.Make(t.Context(), w.files(), w.lock, w.client, resolver.Options{Images: images, Update: all})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{written[6]}, plan.Still); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(plan.Notes) != 1 || plan.Notes[0].Message != want[2].Reason {
		t.Errorf("notes %v, want %q", plan.Notes, want[2].Reason)
	}
}
