package registry_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// resolveAll resolves names at once and returns their errors.
func resolveAll(t testing.TB, c *registry.Client, names []oci.Name) []error {
	t.Helper()
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { _, errs[i] = c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms) })
	}
	wg.Wait()
	return errs
}

// TestRequests counts what 100 names in 20 repositories on two hosts cost: one
// challenge a host, one token a repository, one request a name and one for each
// platform's config.
func TestRequests(t *testing.T) {
	var servers []*registrytest.Server
	var names []oci.Name
	for range 2 {
		s := registrytest.New(t, registrytest.Options{Token: true})
		servers = append(servers, s)
		for i := range 50 {
			repo, tag := fmt.Sprintf("acme/app%d", i%10), fmt.Sprintf("v%d", i)
			s.PushIndex(repo, tag, i)
			names = append(names, named(s, repo, tag))
		}
	}
	c := newClient(t, registry.Options{})
	for i, err := range resolveAll(t, c, names) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	for _, s := range servers {
		seen := make(map[string]int)
		for _, r := range s.Requests() {
			seen[r]++
			if seen[r] > 1 {
				t.Errorf("%s: %d times", r, seen[r])
			}
		}
		got := []int{seen["GET /v2/"], s.Count("GET /token repository:acme/app"), s.Count("/manifests/v"), s.Count("/manifests/sha256:"), s.Count("")}
		if diff := cmp.Diff([]int{1, 10, 50, 100, 161}, got); diff != "" {
			t.Errorf("challenges, tokens, names, configs, all (-want +got):\n%s", diff)
		}
		s.Reset()
	}

	// Nothing has moved, and the tokens are still good.
	for _, name := range names {
		if _, err := c.Head(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	for _, s := range servers {
		if n, heads := s.Count(""), s.Count("HEAD "); n != 50 || heads != 50 {
			t.Errorf("%d requests of which %d HEAD, want 50: %q", n, heads, s.Requests())
		}
	}
}

// TestTokenExpires makes all tokens worthless between two rounds: each
// repository gets one new token, however many names it has.
func TestTokenExpires(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true})
	var names []oci.Name
	for i := range 20 {
		repo, tag := fmt.Sprintf("acme/app%d", i%2), fmt.Sprintf("v%d", i)
		s.PushImage(repo, tag, i)
		names = append(names, named(s, repo, tag))
	}
	c := newClient(t, registry.Options{Concurrency: 20})
	for range 2 {
		s.Reset()
		for i, err := range resolveAll(t, c, names) {
			if err != nil {
				t.Errorf("%s: %v", names[i], err)
			}
		}
		if n := s.Count("GET /token"); n != 2 {
			t.Errorf("%d tokens, want 2: %q", n, s.Requests())
		}
		s.ExpireTokens()
		time.Sleep(time.Millisecond)
	}
}

// TestTokenIsRenewedInTime does not wait for a refusal to get another token.
func TestTokenIsRenewedInTime(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true, TokenLife: time.Second})
	s.PushArtifact("acme/api", "v1", 1)
	c := newClient(t, registry.Options{})
	renewed := 0
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/manifests/") && r.Header.Get("Authorization") != "Bearer token-1" {
			renewed++
		}
		return false
	})
	for range 2 {
		if _, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Artifact, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
	}
	want := []string{
		"GET /v2/",
		"GET /token repository:acme/api:pull", "GET /v2/acme/api/manifests/v1",
		"GET /token repository:acme/api:pull", "GET /v2/acme/api/manifests/v1",
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" || renewed != 1 {
		t.Errorf("%d requests with another token, want 1; requests (-want +got):\n%s", renewed, diff)
	}
}

// TestUnauthorized has for each way to ask for credentials the right ones, wrong
// ones and none.
func TestUnauthorized(t *testing.T) {
	for _, token := range []bool{false, true} {
		s := registrytest.New(t, registrytest.Options{Token: token, Username: "ann", Password: "secret"})
		s.PushImage("acme/api", "v1", 1)
		tests := map[string]struct {
			keys authn.Keychain
			ok   bool
		}{
			"right":        {keys{s.Host(), "ann", "secret"}, true},
			"wrong":        {keys{s.Host(), "ann", "guess"}, false},
			"another's":    {keys{"example.com", "ann", "secret"}, false},
			"none":         {noKeys{}, false},
			"unreadable":   {brokenKeys{}, false},
			"without name": {keys{s.Host(), "", "secret"}, false},
		}
		for name, test := range tests {
			t.Run(fmt.Sprintf("token=%v/%s", token, name), func(t *testing.T) {
				s.Reset()
				c := newClient(t, registry.Options{Keychain: test.keys})
				_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
				if test.ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if n := s.Count(""); n > 2 {
					t.Errorf("%d requests to be refused: %q", n, s.Requests())
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error tells the password: %v", err)
				}
				var e *registry.Error
				if name == "unreadable" {
					var c *registry.CredentialsError
					if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "reading the credentials for "+s.Host()) ||
						!errors.As(err, &c) || !strings.HasSuffix(c.Hint(), ": docker login "+s.Host()) {
						t.Errorf("got %v", err)
					}
					return
				}
				if !errors.As(err, &e) || !e.Unauthorized() || e.NotFound() || e.Hint() != "to log in: docker login "+s.Host() {
					t.Errorf("got %#v", err)
				}
				if want := ": 401 UNAUTHORIZED: authentication required"; err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			})
		}
	}
}

var errBroken = errors.New("the keychain is broken")

type brokenKeys struct{}

func (brokenKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return nil, errBroken }

// TestDockerConfig finds the credentials where docker keeps them.
func TestDockerConfig(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Username: "ann", Password: "secret"})
	s.PushImage("acme/api", "v1", 1)
	for password, ok := range map[string]bool{"secret": true, "guess": false} {
		dir := t.TempDir()
		t.Setenv("HOME", dir)
		t.Setenv("DOCKER_CONFIG", dir)
		auth := base64.StdEncoding.EncodeToString([]byte("ann:" + password))
		data := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, s.Host(), auth)
		if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		c := newClient(t, registry.Options{Keychain: authn.DefaultKeychain})
		_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
		if (err == nil) != ok {
			t.Errorf("password %s: %v", password, err)
		}
	}
}

// TestLateChallenge asks a registry that greets everyone, and asks for tokens
// only where they are needed.
func TestLateChallenge(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Token: true})
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool { return r.URL.Path == "/v2/" })
	var names []oci.Name
	for i := range 10 {
		tag := fmt.Sprintf("v%d", i)
		s.PushImage("acme/api", tag, i)
		names = append(names, named(s, "acme/api", tag))
	}
	for i, err := range resolveAll(t, newClient(t, registry.Options{}), names) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if n := s.Count("GET /token"); n != 1 {
		t.Errorf("%d tokens, want 1", n)
	}
}
