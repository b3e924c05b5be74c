package resolver_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// entry is an image's entry for content that no registry has.
func entry(name string) lockfile.Entry {
	return lockfile.Entry{Kind: lockfile.Image, Name: name, Digest: "sha256:" + strings.Repeat("d", 64)}
}

func TestFindGone(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1)
	w.server.MoveTag("acme/web", "v1.0", "v1")
	w.server.PushArtifact("acme/chart", "1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/web:v1.0"))
	w.texts["b.yaml"] = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://" + w.name("acme/chart") + "\n  ref:\n    tag: '1'\n"
	w.locked()
	find := func(entries ...lockfile.Entry) (gone, failures []resolver.Failure) {
		t.Helper()
		client, err := registry.New(registry.Options{Keychain: noKeys{}}) // one that has not asked yet
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		w.server.Reset()
		gone, failures, err = resolver.FindGone(t.Context(), entries, client, nil)
		if err != nil {
			t.Fatal(err)
		}
		return gone, failures
	}
	if gone, failures := find(w.lock.Entries...); len(gone)+len(failures) != 0 {
		t.Errorf("all is there: %v, %v", gone, failures)
	}
	// Two names of one content are asked for once.
	if n := w.server.Count("HEAD /v2/acme/web/manifests/" + w.lock.Entries[1].Digest); n != 1 {
		t.Errorf("asked %d times for it: %v", n, w.server.Requests())
	}
	if gone, failures := find(entry(w.name("acme/web:v0")), w.lock.Entries[0]); len(gone) != 1 || gone[0].Name != w.name("acme/web:v0") || len(failures) != 0 {
		t.Errorf("one is gone: %v, %v", gone, failures)
	}
	// A layer that is gone takes every name of the image with it.
	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/acme/web/blobs/") {
			return false
		}
		rw.WriteHeader(http.StatusNotFound)
		return true
	})
	if gone, failures := find(w.lock.Entries...); len(gone) != 2 || len(failures) != 0 {
		t.Errorf("a layer is gone: %v, %v", gone, failures)
	}
	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/acme/web/") {
			return false
		}
		rw.WriteHeader(http.StatusForbidden)
		return true
	})
	if gone, failures := find(w.lock.Entries...); len(gone) != 0 || len(failures) != 2 {
		t.Errorf("it may not be asked for: %v, %v", gone, failures)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := resolver.FindGone(ctx, w.lock.Entries, w.client, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
