package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestConfig reads a config, once, and takes nothing else for it.
func TestConfig(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	name := oci.Name{Host: s.Host(), Repository: "acme/api", Tag: "v1"}
	dir := t.TempDir()
	got, _ := resolveAnew(t, s, "", name)
	digest := got.Platforms[0].Config
	s.Reset()
	for range 2 {
		data, err := newClient(t, registry.Options{CacheDir: dir}).Config(t.Context(), name, digest)
		if err != nil || !strings.Contains(string(data), `"architecture":"amd64"`) {
			t.Fatalf("got %s, %v", data, err)
		}
	}
	if diff := cmp.Diff([]string{"GET /v2/", "GET blobs/" + digest}, requested(s)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	absent := "sha256:" + strings.Repeat("0", 64)
	for _, tt := range []struct{ digest, want string }{{absent, "404"}, {"sha512:x", "not a sha256 digest"}, {"", "not a sha256 digest"}} {
		if _, err := newClient(t, registry.Options{}).Config(t.Context(), name, tt.digest); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.digest, err, tt.want)
		}
	}
	s.Fail(registrytest.At("/blobs/", func(w http.ResponseWriter, _ *http.Request) bool {
		_, err := w.Write([]byte("{}"))
		return err == nil
	}))
	if _, err := newClient(t, registry.Options{}).Config(t.Context(), name, digest); err == nil || !strings.Contains(err.Error(), "other content") {
		t.Errorf("error is %v", err)
	}
}
