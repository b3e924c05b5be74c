package registrytest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// TestContentIsValid reads what the builders push with another client.
func TestContentIsValid(t *testing.T) {
	for _, docker := range []bool{false, true} {
		t.Run(fmt.Sprintf("docker=%v", docker), func(t *testing.T) {
			s := New(t, Options{Token: true, Username: "ann", Password: "secret", DockerTypes: docker})
			want := s.PushIndex("acme/api", "v1", 1, "linux/amd64", "linux/arm/v7")
			ref, err := name.ParseReference(s.Host() + "/acme/api:v1")
			if err != nil {
				t.Fatal(err)
			}
			auth := remote.WithAuth(&authn.Basic{Username: "ann", Password: "secret"})
			index, err := remote.Index(ref, auth)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := index.Digest(); got.String() != want {
				t.Errorf("digest %s, want %s", got, want)
			}
			if err := validate.Index(index, validate.Fast); err != nil {
				t.Error(err)
			}
			manifest, _ := index.IndexManifest()
			arm := manifest.Manifests[1].Platform
			if !arm.Equals(v1.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}) {
				t.Errorf("platform %v", arm)
			}
			if _, err := remote.Index(ref); err == nil {
				t.Error("no credentials were needed")
			}
		})
	}
}

// TestContentDependsOnSeedOnly compares the digests of two registries.
func TestContentDependsOnSeedOnly(t *testing.T) {
	one, two := New(t, Options{}), New(t, Options{TLS: true})
	pushes := map[string]func(s *Server, seed int) string{
		"index":    func(s *Server, seed int) string { return s.PushIndex("a/b", "v1", seed, "linux/arm64", Attestation) },
		"image":    func(s *Server, seed int) string { return s.PushImage("a/b", "v1", seed) },
		"artifact": func(s *Server, seed int) string { return s.PushArtifact("a/b", "v1", seed) },
	}
	for what, push := range pushes {
		if a, b := push(one, 1), push(two, 1); a != b {
			t.Errorf("%s: %s and %s for one seed", what, a, b)
		}
		if a, b := push(one, 1), push(one, 2); a == b {
			t.Errorf("%s: %s for two seeds", what, a)
		}
	}
}

func TestMoveAndDeleteTag(t *testing.T) {
	s := New(t, Options{})
	first := s.PushImage("a/b", "v1", 1)
	s.PushImage("a/b", "v1", 2)
	s.MoveTag("a/b", "v1", first)
	if got := head(t, s, "v1").Header.Get("Docker-Content-Digest"); got != first {
		t.Errorf("v1 is %s, want %s", got, first)
	}
	s.DeleteTag("a/b", "v1")
	if got := head(t, s, "v1").StatusCode; got != http.StatusNotFound {
		t.Errorf("v1 after it was deleted: %d", got)
	}
	if got := head(t, s, first).StatusCode; got != http.StatusOK {
		t.Errorf("%s after its tag was deleted: %d", first, got)
	}
}

func TestFailAndCount(t *testing.T) {
	s := New(t, Options{Hostname: "localhost"})
	s.PushImage("a/b", "v1", 1)
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusTeapot)
		return strings.HasSuffix(r.URL.Path, "/v1")
	})
	if got := head(t, s, "v1").StatusCode; got != http.StatusTeapot {
		t.Errorf("status %d of a request that fails", got)
	}
	s.Fail(nil)
	if got := head(t, s, "v1").StatusCode; got != http.StatusOK {
		t.Errorf("status %d without a hook", got)
	}
	if got := s.Count("HEAD /v2/a/b/manifests/v1"); got != 2 {
		t.Errorf("%d requests counted, want 2: %q", got, s.Requests())
	}
	s.Reset()
	if got := s.Count(""); got != 0 {
		t.Errorf("%d requests after Reset", got)
	}
}

func head(t *testing.T, s *Server, tag string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodHead, "http://"+s.Host()+"/v2/a/b/manifests/"+tag, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp
}
