package resolver_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
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

func TestCheckPins(t *testing.T) {
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
		pins, err := resolver.CheckPins(t.Context(), entries, client, nil)
		if err != nil || len(pins.Wrong) > 0 {
			t.Fatal(err, pins.Wrong)
		}
		return pins.Gone, pins.Failures
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
	if _, err := resolver.CheckPins(ctx, w.lock.Entries, w.client, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCheckPinsFindsLies has entries of a lock say of an image what is not so.
func TestCheckPinsFindsLies(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1, "linux/amd64", "linux/arm64", "linux/s390x")
	w.server.PushArtifact("acme/chart", "1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"))
	w.texts["b.yaml"] = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://" + w.name("acme/chart") + "\n  ref:\n    tag: '1'\n"
	w.locked()
	const other = "sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	for name, tt := range map[string]struct {
		change func(artifact, image *lockfile.Entry)
		want   string // of what is wrong; "" for nothing, "-" for a failure or what is gone
	}{
		"nothing":               {func(_, _ *lockfile.Entry) {}, ""},
		"a config not recorded": {func(_, e *lockfile.Entry) { e.Platforms[0].Config = "" }, ""},
		"no platforms":          {func(_, e *lockfile.Entry) { e.Platforms = nil }, "it has a manifest for linux/amd64, which plumb.lock does not have"},
		"one platform less":     {func(_, e *lockfile.Entry) { e.Platforms = e.Platforms[:2] }, "it has a manifest for linux/s390x"},
		"one platform more": {func(_, e *lockfile.Entry) {
			e.Platforms = append(e.Platforms, lockfile.Platform{Platform: "linux/ppc64le", Manifest: other})
		}, "it has no manifest " + other + " for linux/ppc64le"},
		"one platform twice": {func(_, e *lockfile.Entry) { e.Platforms = append(e.Platforms, e.Platforms[2]) }, "the manifest for linux/s390x twice"},
		"another manifest":   {func(_, e *lockfile.Entry) { e.Platforms[2].Manifest = other }, "it has no manifest " + other + " for linux/s390x"},
		"manifests interchanged": {func(_, e *lockfile.Entry) {
			e.Platforms[0].Manifest, e.Platforms[1].Manifest = e.Platforms[1].Manifest, e.Platforms[0].Manifest
			e.Platforms[0].Config, e.Platforms[1].Config = "", ""
		}, "for linux/amd64, as plumb.lock has"},
		"another name":        {func(_, e *lockfile.Entry) { e.Platforms[2].Platform = "linux/riscv64" }, "for linux/riscv64, as plumb.lock has"},
		"another config":      {func(_, e *lockfile.Entry) { e.Platforms[0].Config = other }, "-"},
		"another media type":  {func(_, e *lockfile.Entry) { e.MediaType = "application/vnd.oci.image.manifest.v1+json" }, "it is application/vnd.oci.image.index.v1+json, and plumb.lock has"},
		"that of an artifact": {func(e, _ *lockfile.Entry) { e.MediaType = "application/x" }, "and plumb.lock has application/x"},
	} {
		t.Run(name, func(t *testing.T) {
			artifact, image := w.lock.Entries[0], w.lock.Entries[1]
			image.Platforms = slices.Clone(image.Platforms)
			tt.change(&artifact, &image)
			pins, err := resolver.CheckPins(t.Context(), []lockfile.Entry{artifact, image}, w.client, nil)
			if err != nil {
				t.Fatal(err)
			}
			switch n := len(pins.Gone) + len(pins.Failures); {
			case tt.want == "-" && (n != 1 || len(pins.Wrong) != 0), tt.want != "-" && n != 0,
				tt.want == "" && len(pins.Wrong) != 0:
				t.Errorf("%+v", pins)
			case tt.want != "" && tt.want != "-" && (len(pins.Wrong) != 1 || !strings.Contains(pins.Wrong[0].Err.Error(), tt.want)):
				t.Errorf("wrong: %v, want %q", pins.Wrong, tt.want)
			}
		})
	}
}
