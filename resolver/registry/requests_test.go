package registry_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestRequests counts the requests for 100 names in 20 repositories on two hosts: one ping
// a host, one token a repository, one request a name and one for each platform's config.
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

// TestTokenExpires invalidates all tokens between two rounds: each repository gets one new
// token, however many names it has.
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

// TestManyRefusals resolves 500 names while one of fifty responses of all kinds is a
// refusal.
func TestManyRefusals(t *testing.T) {
	var names []oci.Name
	want := make(map[string]string)
	requests := 0
	var servers []*registrytest.Server
	for i := range 5 {
		s := registrytest.New(t, registrytest.Options{Token: true})
		for j := range 100 {
			name := named(s, fmt.Sprintf("acme/app%d", j%64), fmt.Sprintf("v%d", j))
			want[name.String()] = s.PushIndex(name.Repository, name.Tag, i*100+j)
			names = append(names, name)
		}
		s.Fail(registrytest.Sometimes(0.02, i, registrytest.Refuse(http.StatusTooManyRequests, "")))
		servers = append(servers, s)
	}
	c := newClient(t, registry.Options{})
	for i, err := range resolveAll(t, c, names) {
		if err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	for _, s := range servers {
		requests += s.Count("")
	}
	if least := 5 + 5*64 + 500 + 1000; requests <= least {
		t.Errorf("%d requests, want more than %d", requests, least)
	}
	for _, s := range servers {
		s.Fail(nil)
	}
	for _, name := range names {
		if got, err := c.Head(t.Context(), name); err != nil || got != want[name.String()] {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want[name.String()])
		}
	}
}
