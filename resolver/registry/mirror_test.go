package registry_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// mirrored returns a host, a mirror of it that has the same content below a prefix,
// and a client that knows of both.
func mirrored(t *testing.T) (home, mirror *registrytest.Server, c *registry.Client) {
	t.Helper()
	home, mirror = registrytest.New(t, registrytest.Options{}), registrytest.New(t, registrytest.Options{})
	home.PushIndex("acme/api", "v1", 1)
	mirror.PushIndex("hub/acme/api", "v1", 1)
	c = newClient(t, registry.Options{Hosts: map[string]registry.Host{home.Host(): {Mirrors: []string{mirror.Host() + "/hub"}}}})
	return home, mirror, c
}

// TestMirrorFirst fetches nothing from the host that its mirror has.
func TestMirrorFirst(t *testing.T) {
	home, mirror, c := mirrored(t)
	name := named(home, "acme/api", "v1")
	tag, err := c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
	if err != nil {
		t.Fatal(err)
	}
	name.Digest = tag.Digest
	byDigest, err := c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
	if diff := cmp.Diff(tag, byDigest); diff != "" || err != nil {
		t.Errorf("%v (-tag +digest):\n%s", err, diff)
	}
	head, err := c.Head(t.Context(), named(home, "acme/api", "v1"))
	if head != tag.Digest || err != nil {
		t.Errorf("Head: %s, %v, want %s", head, err, tag.Digest)
	}
	tags, err := c.Tags(t.Context(), name)
	if !slices.Equal(tags, []string{"v1"}) || err != nil {
		t.Errorf("Tags: %q, %v", tags, err)
	}
	if err := c.Exists(t.Context(), name, tag.Platforms); err != nil {
		t.Errorf("Exists: %v", err)
	}
	if n := home.Count(""); n != 0 {
		t.Errorf("requests to the host: %q", home.Requests())
	}
	if n := mirror.Count("/v2/hub/acme/api/"); n == 0 || n != mirror.Count("")-1 {
		t.Errorf("requests to the mirror: %q", mirror.Requests())
	}
}

// TestMirrorFails has the ways in which a mirror can fail, and whether the host is tried
// after it.
func TestMirrorFails(t *testing.T) {
	tests := map[string]struct {
		fail registrytest.Fault
		want string // what the error says of the mirror where the host fails as well
		stop bool   // the host is not tried
	}{
		"404":                 {fault(t, "404"), "404 Not Found", false},
		"401":                 {fault(t, "401"), "401 Unauthorized", false},
		"403":                 {fault(t, "403"), "403 Forbidden", false},
		"429 for ever":        {fault(t, "429"), "429 Too Many Requests (tried", false},
		"429 for long":        {fault(t, "429-after-7200s"), "429 Too Many Requests", false},
		"500":                 {fault(t, "500"), "500 Internal Server Error (tried", false},
		"503":                 {fault(t, "503"), "503 Service Unavailable (tried", false},
		"drop":                {fault(t, "drop"), "the connection was closed", false},
		"cut":                 {fault(t, "cut"), "the response ends after", false},
		"redirected for ever": {fault(t, "redirect-loop"), "too many redirects", false},
		"a login page": {func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte("<html>"))
			return true
		}, "not a manifest", true},
		"a contradiction": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Docker-Content-Digest", emptyDigest)
			_, _ = w.Write([]byte(manifest))
			return true
		}, "contradicts itself", true},
	}
	for how, test := range tests {
		t.Run(how, func(t *testing.T) {
			home, mirror, c := mirrored(t)
			want := home.PushIndex("acme/api", "v1", 2)
			mirror.Fail(registrytest.At("/manifests/", test.fail))
			got, err := c.Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, bothPlatforms)
			if test.stop {
				var e *registry.Error
				if !errors.As(err, &e) || e.Host != mirror.Host() || !strings.Contains(err.Error(), test.want) || home.Count("") != 0 {
					t.Errorf("%v, want %q of %s; requests to the host: %q", err, test.want, mirror.Host(), home.Requests())
				}
				return
			}
			if err != nil || got.Digest != want {
				t.Errorf("%s, %v, want %s, which the host has", got.Digest, err, want)
			}
			_, err = c.Resolve(t.Context(), named(home, "acme/api", "v2"), lockfile.Image, bothPlatforms)
			var e *registry.Error
			if !errors.As(err, &e) || !e.NotFound() || e.Host != home.Host() || len(e.Mirrors) != 1 || e.Mirrors[0].Host != mirror.Host() {
				t.Fatalf("%#v, want the host's, with the mirror's before", err)
			}
			if say := " (mirrors tried before: " + mirror.Host() + ": "; !strings.Contains(err.Error(), "404 MANIFEST_UNKNOWN: Unknown manifest"+say) {
				t.Errorf("%v, want %q", err, say)
			}
			if how := e.Mirrors[0].Error(); !strings.Contains(how, test.want) && !e.Mirrors[0].NotSent() {
				t.Errorf("%s, want %q", how, test.want)
			}
		})
	}
}

// TestMirrorIsDown has a mirror without a server.
func TestMirrorIsDown(t *testing.T) {
	home, mirror, c := mirrored(t)
	mirror.Close()
	got, err := c.Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, bothPlatforms)
	if err != nil || len(got.Platforms) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestMirrorLacksChild has a mirror with half an image, as a pull-through cache may have
// it.
func TestMirrorLacksChild(t *testing.T) {
	home, mirror, c := mirrored(t)
	mirror.Fail(registrytest.At("/sha256:", registrytest.Refuse(http.StatusNotFound, "")))
	got, err := c.Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, bothPlatforms)
	if err != nil || len(platforms(got)) != 2 || platforms(got)[0] != "linux/amd64+" {
		t.Errorf("%q, %v", platforms(got), err)
	}
	if n := home.Count("/manifests/"); n != 2 {
		t.Errorf("requests to the host: %q, want two children", home.Requests())
	}
}

// TestMirrorsInOrder has two mirrors and the host, none of which has the content.
func TestMirrorsInOrder(t *testing.T) {
	var servers []*registrytest.Server
	for range 3 {
		s := registrytest.New(t, registrytest.Options{})
		s.PushImage("acme/api", "v1", 1)
		servers = append(servers, s)
	}
	home, one, two := servers[0], servers[1], servers[2]
	c := newClient(t, registry.Options{Hosts: map[string]registry.Host{home.Host(): {Mirrors: []string{two.Host(), one.Host()}}}})
	_, err := c.Resolve(t.Context(), named(home, "acme/api", "v2"), lockfile.Image, nil)
	var e *registry.Error
	if !errors.As(err, &e) || e.Host != home.Host() || len(e.Mirrors) != 2 || e.Mirrors[0].Host != two.Host() || e.Mirrors[1].Host != one.Host() {
		t.Errorf("%v, want the order %s, %s, %s", err, two.Host(), one.Host(), home.Host())
	}
	// A mirror's own name has no mirrors.
	home.Reset()
	two.Reset()
	if _, err := c.Resolve(t.Context(), named(one, "acme/api", "v1"), lockfile.Image, nil); err != nil {
		t.Error(err)
	}
	if home.Count("")+two.Count("") != 0 {
		t.Errorf("requests to others: %q %q", home.Requests(), two.Requests())
	}
}

// TestMirrorIsHost has a mirror with TLS of its own CA, credentials of its own, for a
// host that has none of these.
func TestMirrorIsHost(t *testing.T) {
	home := registrytest.New(t, registrytest.Options{})
	mirror := registrytest.New(t, registrytest.Options{TLS: true, Token: true, Username: "ann", Password: "secret"})
	mirror.PushImage("acme/api", "v1", 1)
	hosts := map[string]registry.Host{
		home.Host():   {Mirrors: []string{mirror.Host()}},
		mirror.Host(): {CAFile: caFile(t, mirror)},
	}
	home.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") != "" {
			t.Error("the host got credentials")
		}
		return false
	})
	for user, ok := range map[string]bool{"ann": true, "eve": false} {
		for _, trusted := range []bool{true, false} {
			options := registry.Options{Keychain: keys{mirror.Host(), user, "secret"}, Hosts: hosts}
			if !trusted {
				options.Hosts = map[string]registry.Host{home.Host(): hosts[home.Host()]}
			}
			_, err := newClient(t, options).Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, nil)
			if (err == nil) != (ok && trusted) {
				t.Errorf("%s, trusted %v: %v", user, trusted, err)
			}
		}
	}
}

// TestMirrorWithoutKeys has a mirror whose credentials cannot be read, which is an error
// to fix and not a mirror that fails.
func TestMirrorWithoutKeys(t *testing.T) {
	home := registrytest.New(t, registrytest.Options{})
	mirror := registrytest.New(t, registrytest.Options{Username: "ann", Password: "secret"})
	home.PushImage("acme/api", "v1", 1)
	c := newClient(t, registry.Options{
		Keychain: brokenKeys{},
		Hosts:    map[string]registry.Host{home.Host(): {Mirrors: []string{mirror.Host()}}},
	})
	_, err := c.Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, nil)
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), mirror.Host()) {
		t.Errorf("got %v", err)
	}
}

// TestMirrorEnds stops at the mirror where the caller has given up.
func TestMirrorEnds(t *testing.T) {
	home, mirror, c := mirrored(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	mirror.Fail(func(http.ResponseWriter, *http.Request) bool {
		cancel(why)
		panic(http.ErrAbortHandler)
	})
	if _, err := c.Resolve(ctx, named(home, "acme/api", "v1"), lockfile.Image, nil); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
	if n := home.Count(""); n != 0 {
		t.Errorf("requests to the host: %q", home.Requests())
	}
}

// TestMirrorIsKept keeps what a mirror had, which is then not fetched from the host.
func TestMirrorIsKept(t *testing.T) {
	home, mirror, _ := mirrored(t)
	dir := t.TempDir()
	for _, mirrors := range [][]string{{mirror.Host() + "/hub"}, nil} {
		c := newClient(t, registry.Options{CacheDir: dir, Hosts: map[string]registry.Host{home.Host(): {Mirrors: mirrors}}})
		if _, err := c.Resolve(t.Context(), named(home, "acme/api", "v1"), lockfile.Image, bothPlatforms); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"GET /v2/", "GET /v2/acme/api/manifests/v1"}, home.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestMirrorWritten has the ways to write a mirror, and wrong ones.
func TestMirrorWritten(t *testing.T) {
	for text, ok := range map[string]bool{
		"mirror.example.com":                    true,
		"mirror.example.com:5000":               true,
		"mirror.example.com/hub":                true,
		"mirror.example.com:5000/hub/docker.io": true,
		"Mirror.Example.com":                    true,
		"[::1]:5000/hub":                        true,
		"":                                      false,
		"/hub":                                  false,
		"mirror.example.com/":                   false,
		"mirror.example.com/hub/":               false,
		"mirror.example.com/../hub":             false,
		"mirror.example.com/Hub":                false,
		"mirror.example.com/hub?a=b":            false,
		"https://mirror.example.com":            false,
		"https:":                                false,
		"ann@mirror.example.com":                false,
		"mirror example.com":                    false,
	} {
		_, err := registry.New(registry.Options{Hosts: map[string]registry.Host{"docker.io": {Mirrors: []string{text}}}})
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), `registry docker.io: mirror "`+text+`": write it as host[:port][/prefix]`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestDockerHubIsMirrored resolves one of Docker Hub's own images.
func TestDockerHubIsMirrored(t *testing.T) {
	mirror := registrytest.New(t, registrytest.Options{})
	want := mirror.PushImage("hub/library/nginx", "1.27", 1)
	c := newClient(t, registry.Options{
		Keychain: authn.NewMultiKeychain(),
		Hosts:    map[string]registry.Host{"docker.io": {Mirrors: []string{mirror.Host() + "/hub"}}},
	})
	name, err := oci.Parse("nginx:1.27")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err != nil || got.Digest != want {
		t.Errorf("%s, %v, want %s", got.Digest, err, want)
	}
}
