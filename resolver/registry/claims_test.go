package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestIndexClaims holds what an index says of a manifest against the manifest.
func TestIndexClaims(t *testing.T) {
	of := func(size int, mediaType string) string {
		return index(fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"platform":{"os":"linux","architecture":"amd64"}}`, mediaType, digestOf(manifest), size))
	}
	for name, tt := range map[string]struct{ index, want string }{
		"right":               {of(len(manifest), ociManifest), ""},
		"no size":             {of(0, ociManifest), ""},
		"no type":             {of(len(manifest), ""), ""},
		"a byte too few":      {of(len(manifest)-1, ociManifest), fmt.Sprintf("has %d bytes; it has %d", len(manifest)-1, len(manifest))},
		"a byte too many":     {of(len(manifest)+1, ociManifest), "bytes; it has"},
		"less than nothing":   {of(-1, ociManifest), "bytes; it has"},
		"another type":        {of(len(manifest), "application/vnd.docker.distribution.manifest.v2+json"), "it is " + ociManifest},
		"without a manifest":  {index(), "an index without any manifest"},
		"wrong, but unwanted": {strings.Replace(of(1, ociManifest), "amd64", "s390x", 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := func(w http.ResponseWriter, r *http.Request) {
				body, mediaType := tt.index, ociIndex
				if strings.HasSuffix(r.URL.Path, digestOf(manifest)) {
					body, mediaType = manifest, ociManifest
				}
				w.Header().Set("Content-Type", mediaType)
				_, _ = w.Write([]byte(body))
			}
			_, err := newClient(t, registry.Options{}).Resolve(t.Context(), serve(t, server), lockfile.Image, []string{"linux/amd64"})
			var e *registry.Error
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// TestRunsOn holds the platforms of an image against those that its configs name.
func TestRunsOn(t *testing.T) {
	for name, tt := range map[string]struct{ platform, config, want string }{
		"the same":             {"linux/amd64", config, ""},
		"another architecture": {"linux/arm64", config, "its manifest for linux/arm64 has a config for linux/amd64"},
		"another system":       {"windows/amd64", config, "has a config for linux/amd64"},
		"a variant":            {"linux/arm/v7", `{"os":"linux","architecture":"arm"}`, ""},
		"a variant besides":    {"linux/arm64", `{"os":"linux","architecture":"arm64","variant":"v8"}`, ""},
		"another name":         {"linux/arm64", `{"os":"linux","architecture":"aarch64"}`, ""},
		"no platform":          {"linux/arm64", `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tt.config)) }
			of := []lockfile.Platform{{Platform: tt.platform, Manifest: emptyDigest, Config: digestOf(tt.config)}, {Platform: "linux/s390x", Manifest: emptyDigest}}
			err := newClient(t, registry.Options{}).RunsOn(t.Context(), serve(t, server), of)
			var e *registry.WrongError
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
