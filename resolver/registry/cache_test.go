package registry_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// resolveAnew resolves a name with a new client, as a new process would. It returns the
// requests below /v2/.
func resolveAnew(t *testing.T, s *registrytest.Server, dir string, name oci.Name) (registry.Content, []string) {
	t.Helper()
	s.Reset()
	c := newClient(t, registry.Options{CacheDir: dir})
	got, err := c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
	if err != nil {
		t.Fatal(err)
	}
	return got, requested(s)
}

// requested returns the requests about repositories, sorted, and "" for the ping.
func requested(s *registrytest.Server) []string {
	var list []string
	for _, r := range s.Requests() {
		list = append(list, strings.Replace(r, "/v2/acme/api/", "", 1))
	}
	slices.Sort(list)
	return list
}

func keptFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCacheSavesRequests has the requests of a second process.
func TestCacheSavesRequests(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	index, image := s.PushIndex("acme/api", "index", 1), s.PushImage("acme/api", "image", 2)
	digest := func(d string) oci.Name { return oci.Name{Host: s.Host(), Repository: "acme/api", Digest: d} }
	tests := []struct {
		name string
		oci  oci.Name
		want []string // what is still requested
	}{
		{"tag of an index", named(s, "acme/api", "index"), []string{"GET /v2/", "GET manifests/index"}},
		{"tag of an image", named(s, "acme/api", "image"), []string{"GET /v2/", "GET manifests/image"}},
		{"digest of an index", digest(index), nil},
		{"digest of an image", digest(image), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "made", "for", "it")
			first, all := resolveAnew(t, s, dir, test.oci)
			second, rest := resolveAnew(t, s, dir, test.oci)
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("content (-requested +kept):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, rest); diff != "" {
				t.Errorf("requested again (-want +got):\n%s", diff)
			}
			if len(all) < 3 {
				t.Errorf("requests at first: %q", all)
			}
			if _, without := resolveAnew(t, s, "", test.oci); !slices.Equal(all, without) {
				t.Errorf("requests without a cache: %q, and with an empty one: %q", without, all)
			}
		})
	}
}

// TestCacheKeepsNoTag moves a tag between two processes.
func TestCacheKeepsNoTag(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	name, dir := named(s, "acme/api", "v1"), t.TempDir()
	for seed := range 3 {
		want := s.PushIndex("acme/api", "v1", seed)
		if got, _ := resolveAnew(t, s, dir, name); got.Digest != want {
			t.Errorf("digest %s, want %s", got.Digest, want)
		}
		c := newClient(t, registry.Options{CacheDir: dir})
		if got, err := c.Head(t.Context(), name); got != want || err != nil {
			t.Errorf("Head: %s, %v, want %s", got, err, want)
		}
	}
}

// TestCacheIsPerRepository resolves content that another repository has been seen to
// have.
func TestCacheIsPerRepository(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	dir := t.TempDir()
	name := oci.Name{Host: s.Host(), Repository: "acme/api", Digest: s.PushImage("acme/api", "v1", 1)}
	resolveAnew(t, s, dir, name)
	for _, other := range []string{"acme/other", "acme"} {
		name.Repository = other
		c := newClient(t, registry.Options{CacheDir: dir})
		if got, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err == nil {
			t.Errorf("%s has %v, by the cache", other, got)
		}
	}
}

// TestRateLimitThenResume ends a run by an exceeded rate limit, and lets the next one go on.
func TestRateLimitThenResume(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	var names []oci.Name
	for i := range 20 {
		tag := fmt.Sprintf("v%d", i)
		s.PushIndex("acme/api", tag, i)
		names = append(names, named(s, "acme/api", tag))
	}
	var mu sync.Mutex
	left, served := 0, make(map[string]int)
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if !strings.Contains(r.URL.Path, "/sha256:") {
			return false
		}
		if left--; left < 0 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		served[r.URL.Path]++
		return false
	})
	dir, failed := t.TempDir(), 0
	for _, limit := range []int{15, 15, 100} {
		mu.Lock()
		left = limit
		mu.Unlock()
		failed = 0
		for _, err := range resolveAll(t, newClient(t, registry.Options{CacheDir: dir}), names) {
			if err != nil {
				failed++
			}
		}
		if failed == 0 != (limit == 100) {
			t.Errorf("%d names failed with a limit of %d", failed, limit)
		}
	}
	for path, n := range served {
		if n > 1 {
			t.Errorf("%s was served %d times", path, n)
		}
	}
	if len(served) != 2*len(names) {
		t.Errorf("%d children were served, want %d", len(served), 2*len(names))
	}
}

// TestBrokenCache breaks the pack of a cache in each of several ways: the content is right
// all the same, what is missing is fetched again, and then nothing is.
func TestBrokenCache(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	name := oci.Name{Host: s.Host(), Repository: "acme/api", Digest: s.PushImage("acme/api", "v1", 1)}
	tests := map[string]struct {
		breakIt func(data []byte) []byte
		fetched int // of the manifest and the config
	}{
		"empty":               {func([]byte) []byte { return nil }, 2},
		"cut":                 {func(data []byte) []byte { return data[:len(data)-1] }, 1},
		"longer":              {func(data []byte) []byte { return append(data, ' ') }, 0},
		"a last byte changed": {func(data []byte) []byte { data[len(data)-2] ^= 1; return data }, 1},
		"no first line":       {func(data []byte) []byte { _, body, _ := bytes.Cut(data, []byte("\n")); return body }, 2},
		"no JSON":             {func(data []byte) []byte { return append([]byte("x"), data...) }, 2},
		"of another name": {func(data []byte) []byte {
			return bytes.ReplaceAll(data, []byte("/acme/api/"), []byte("/acme/apx/"))
		}, 2},
		"another's type": {func(data []byte) []byte {
			return bytes.Replace(data, []byte(`"mediaType":"`+ociManifest), []byte(`"mediaType":"`+ociIndex), 1)
		}, 1},
		"negative": {func(data []byte) []byte {
			return bytes.ReplaceAll(data, []byte(`"size":`), []byte(`"size":-`))
		}, 2},
		"very large": {func(data []byte) []byte {
			return bytes.ReplaceAll(data, []byte(`"size":`), []byte(`"size":99999`))
		}, 2},
		"very long": {func(data []byte) []byte { return append(data, make([]byte, 9<<20)...) }, 0},
	}
	for how, test := range tests {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			want, _ := resolveAnew(t, s, dir, name)
			whole := keptFiles(t, dir)
			if len(whole) != 1 {
				t.Fatalf("%d files, want one", len(whole))
			}
			for path, data := range whole {
				if err := os.WriteFile(path, test.breakIt(bytes.Clone(data)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, fetched := range []int{test.fetched, 0} {
				got, rest := resolveAnew(t, s, dir, name)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("content (-want +got):\n%s", diff)
				}
				ping := min(fetched, 1)
				if len(rest) != fetched+ping {
					t.Errorf("requests: %q, want %d", rest, fetched+ping)
				}
			}
		})
	}
}

// TestPacksAreJoined has many processes keep something, and one that finds all of it.
func TestPacksAreJoined(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	dir := t.TempDir()
	var names []oci.Name
	for i := range 20 {
		n := oci.Name{Host: s.Host(), Repository: "acme/api", Digest: s.PushIndex("acme/api", fmt.Sprint("v", i), i)}
		names = append(names, n)
		resolveAnew(t, s, dir, n)
	}
	for _, n := range names {
		if _, rest := resolveAnew(t, s, dir, n); len(rest) != 0 {
			t.Errorf("requests: %q", rest)
		}
	}
	if n := len(keptFiles(t, dir)); n > 10 {
		t.Errorf("%d files are left", n)
	}
}

// TestCacheKeepsNothingInvalid has content that is rejected: after the registry is fixed,
// the cache needs no fix.
func TestCacheKeepsNothingInvalid(t *testing.T) {
	tests := map[string]response{
		"a contradiction": {manifest, typed(ociIndex)},
		"schema 1":        {`{"schemaVersion":1}`, nil},
		"a wrong header":  {manifest, map[string]string{"Docker-Content-Digest": emptyDigest}},
	}
	for how, bad := range tests {
		t.Run(how, func(t *testing.T) {
			current := bad
			name := serve(t, func(w http.ResponseWriter, r *http.Request) { current.ServeHTTP(w, r) })
			name.Tag, name.Digest = "", digestOf(bad.body)
			dir := t.TempDir()
			c := newClient(t, registry.Options{CacheDir: dir})
			if _, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err == nil {
				t.Error("no error")
			}
			if files := keptFiles(t, dir); len(files) != 0 {
				t.Errorf("%d files were kept", len(files))
			}
			current, name.Digest = response{body: manifest}, digestOf(manifest)
			if _, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err != nil {
				t.Errorf("fixed: %v", err)
			}
		})
	}
}

// TestCacheIsForItsUser looks at the modes of files and folders.
func TestCacheIsForItsUser(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	dir := filepath.Join(t.TempDir(), "plumb", "content")
	resolveAnew(t, s, dir, named(s, "acme/api", "v1"))
	files := 0
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
		return nil
	})
	if err != nil || files != 1 {
		t.Errorf("%d files, want 1 (%v)", files, err)
	}
}

// TestUnwritableCache has a cache where there can be none.
func TestUnwritableCache(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		for range 2 {
			if _, all := resolveAnew(t, s, dir, named(s, "acme/api", "v1")); len(all) != 4 {
				t.Errorf("requests: %q", all)
			}
		}
	}
}

// TestCacheIsShared has many clients, as processes would be, that write and read the
// same files at once, some of which are broken meanwhile.
func TestCacheIsShared(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	name := oci.Name{Host: s.Host(), Repository: "acme/api", Digest: s.PushIndex("acme/api", "v1", 1)}
	dir := t.TempDir()
	want, _ := resolveAnew(t, s, "", name)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 8 {
				c := newClient(t, registry.Options{CacheDir: dir})
				got, err := c.Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
				if err != nil || !cmp.Equal(got, want) {
					t.Errorf("%v, %v, want %v", got, err, want)
				}
				if i%4 == 0 {
					files, _ := filepath.Glob(filepath.Join(dir, "*"))
					for _, f := range files {
						_ = os.Truncate(f, 100)
					}
				}
			}
		})
	}
	wg.Wait()
	resolveAnew(t, s, dir, name)
	if _, rest := resolveAnew(t, s, dir, name); len(rest) != 0 {
		t.Errorf("requests in the end: %q", rest)
	}
	if files := keptFiles(t, dir); len(files) > 32 {
		t.Errorf("%d files are left", len(files))
	}
}
