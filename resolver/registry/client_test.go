package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

var bothPlatforms = []string{"linux/amd64", "linux/arm64"}

// newClient returns a client without the user's credentials that does not wait before a
// retry.
func newClient(t testing.TB, options registry.Options) *registry.Client {
	t.Helper()
	if options.Keychain == nil {
		options.Keychain = noKeys{}
	}
	c, err := registry.New(options)
	if err != nil {
		t.Fatal(err)
	}
	c.DoNotWait()
	t.Cleanup(c.Close)
	return c
}

func named(s *registrytest.Server, repo, tag string) oci.Name {
	return oci.Name{Host: s.Host(), Repository: repo, Tag: tag}
}

func TestResolveIndex(t *testing.T) {
	tests := []struct {
		name      string
		platforms []string // of the index
		wanted    []string
		want      []string // with "+" where there is a config
	}{
		{"both wanted", []string{"linux/arm64", "linux/amd64"}, bothPlatforms, []string{"linux/amd64+", "linux/arm64+"}},
		{"one wanted", []string{"linux/amd64", "linux/arm64"}, []string{"linux/arm64"}, []string{"linux/amd64", "linux/arm64+"}},
		{"none wanted", []string{"linux/amd64"}, nil, []string{"linux/amd64"}},
		{"one missing", []string{"linux/s390x"}, bothPlatforms, []string{"linux/s390x"}},
		{"variants", []string{"linux/arm64/v8", "linux/arm/v7", "linux/arm/v6"}, []string{"linux/arm64", "linux/arm"}, []string{"linux/arm/v6", "linux/arm/v7+", "linux/arm64/v8+"}},
		{"variant wanted", []string{"linux/arm64", "linux/arm/v6"}, []string{"linux/arm64/v8", "linux/arm/v6"}, []string{"linux/arm/v6+", "linux/arm64+"}},
		{"attestations", []string{"linux/amd64", registrytest.Attestation}, bothPlatforms, []string{"linux/amd64+"}},
		{"attestations wanted", []string{registrytest.Attestation}, []string{registrytest.Attestation}, nil},
	}
	for _, docker := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{DockerTypes: docker})
		c := newClient(t, registry.Options{})
		for i, test := range tests {
			t.Run(fmt.Sprintf("docker=%v/%s", docker, test.name), func(t *testing.T) {
				digest := s.PushIndex("acme/api", "v1", i, test.platforms...)
				got, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, test.wanted)
				if err != nil {
					t.Fatal(err)
				}
				if got.Digest != digest {
					t.Errorf("digest %s, want %s", got.Digest, digest)
				}
				if strings.Contains(got.MediaType, "docker") != docker {
					t.Errorf("media type %s", got.MediaType)
				}
				if diff := cmp.Diff(test.want, platforms(got)); diff != "" {
					t.Errorf("platforms (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// platforms returns the platforms of c, marked "+" where the config is known.
func platforms(c registry.Content) []string {
	var list []string
	for _, p := range c.Platforms {
		mark := ""
		if lockfile.ValidDigest(p.Config) {
			mark = "+"
		}
		list = append(list, p.Platform+mark)
	}
	return list
}

// TestResolvedDigests fetches what was resolved.
func TestResolvedDigests(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	c := newClient(t, registry.Options{})
	index, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, bothPlatforms)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range index.Platforms {
		name := oci.Name{Host: s.Host(), Repository: "acme/api", Digest: p.Manifest}
		child, err := c.Resolve(t.Context(), name, lockfile.Image, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]lockfile.Platform{p}, child.Platforms); diff != "" {
			t.Errorf("the manifest by itself (-in the index +alone):\n%s", diff)
		}
	}
}

func TestResolveSingle(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	c := newClient(t, registry.Options{})
	image := s.PushImage("acme/api", "latest", 1)
	artifact := s.PushArtifact("acme/flux", "latest", 1)
	index := s.PushIndex("acme/index", "latest", 1)
	tests := []struct {
		name, repo, digest string
		kind               lockfile.Kind
		want               []string
		requests           int
	}{
		{"image", "acme/api", image, lockfile.Image, []string{"linux/amd64+"}, 3},
		{"image as artifact", "acme/api", image, lockfile.Artifact, nil, 1},
		{"artifact", "acme/flux", artifact, lockfile.Artifact, nil, 1},
		{"artifact as image", "acme/flux", artifact, lockfile.Image, nil, 1},
		{"index as artifact", "acme/index", index, lockfile.Artifact, nil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.Reset()
			got, err := c.Resolve(t.Context(), named(s, test.repo, ""), test.kind, bothPlatforms)
			if err != nil {
				t.Fatal(err)
			}
			if got.Digest != test.digest {
				t.Errorf("digest %s, want %s", got.Digest, test.digest)
			}
			if diff := cmp.Diff(test.want, platforms(got)); diff != "" {
				t.Errorf("platforms (-want +got):\n%s", diff)
			}
			if n := s.Count(""); n > test.requests {
				t.Errorf("%d requests, want %d: %q", n, test.requests, s.Requests())
			}
		})
	}
}

func TestResolveByDigest(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	c := newClient(t, registry.Options{})
	old := s.PushImage("acme/api", "v1", 1)
	s.PushImage("acme/api", "v1", 2)
	name := oci.Name{Host: s.Host(), Repository: "acme/api", Tag: "v1", Digest: old}
	got, err := c.Resolve(t.Context(), name, lockfile.Image, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != old {
		t.Errorf("digest %s, want %s, which the name has", got.Digest, old)
	}
}

func TestResolveRefusesNames(t *testing.T) {
	c := newClient(t, registry.Options{})
	tests := []struct {
		name oci.Name
		kind lockfile.Kind
		want string
	}{
		{oci.Name{}, lockfile.Image, "no host"},
		{oci.Name{Host: "localhost:1"}, lockfile.Image, "no repository"},
		{oci.Name{Host: "localhost:1", Repository: "a"}, lockfile.Git, `kind "git"`},
		{oci.Name{Host: "localhost:1", Repository: "a", Digest: "sha512:00"}, lockfile.Image, "sha512:00: not a sha256 digest"},
	}
	for _, test := range tests {
		_, err := c.Resolve(t.Context(), test.name, test.kind, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestHead(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	c := newClient(t, registry.Options{})
	want := s.PushIndex("acme/api", "v1", 1)
	got, err := c.Head(t.Context(), named(s, "acme/api", "v1"))
	if err != nil || got != want {
		t.Errorf("Head: %q, %v, want %q", got, err, want)
	}
	if diff := cmp.Diff([]string{"GET /v2/", "HEAD /v2/acme/api/manifests/v1"}, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestNotFound(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	c := newClient(t, registry.Options{})
	calls := map[string]func(oci.Name) error{
		"GET": func(n oci.Name) error {
			_, err := c.Resolve(t.Context(), n, lockfile.Image, nil)
			return err
		},
		"HEAD": func(n oci.Name) error {
			_, err := c.Head(t.Context(), n)
			return err
		},
	}
	says := map[string]string{
		"GET v2":     "404 MANIFEST_UNKNOWN: Unknown manifest",
		"GET other":  "404 NAME_UNKNOWN: Unknown name",
		"HEAD v2":    "404 Not Found",
		"HEAD other": "404 Not Found",
	}
	for op, do := range calls {
		if err := do(named(s, "acme/api", "v1")); err != nil {
			t.Errorf("%s of what is there: %v", op, err)
		}
		for what, name := range map[string]oci.Name{"v2": named(s, "acme/api", "v2"), "other": named(s, "acme/other", "v1")} {
			err := do(name)
			var e *registry.Error
			if !errors.As(err, &e) || !e.NotFound() || e.Unauthorized() || e.Hint() != "" {
				t.Errorf("%s %s: %#v", op, what, err)
				continue
			}
			want := fmt.Sprintf("%s http://%s/v2/%s/manifests/%s: %s", op, s.Host(), name.Repository, name.Tag, says[op+" "+what])
			if err.Error() != want {
				t.Errorf("%q, want %q", err, want)
			}
		}
	}
}
