package registry_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// pinned resolves a tag and returns the name with its digest, and the platforms.
func pinned(t *testing.T, s *registrytest.Server, tag, cacheDir string) (oci.Name, []lockfile.Platform) {
	t.Helper()
	name := named(s, "acme/api", tag)
	got, err := newClient(t, registry.Options{CacheDir: cacheDir}).Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
	if err != nil {
		t.Fatal(err)
	}
	name.Digest = got.Digest
	s.Reset()
	return name, got.Platforms
}

// TestExistsRequests has the requests, with a cache and without, as
// "METHOD what" and how often.
func TestExistsRequests(t *testing.T) {
	tests := []struct {
		name string
		push func(*registrytest.Server) string
		// GET and HEAD of manifests, HEAD of blobs; with what the cache knows
		// and without
		kept, fresh [3]int
	}{
		{"index", func(s *registrytest.Server) string { return s.PushIndex("acme/api", "v1", 1) }, [3]int{0, 3, 4}, [3]int{2, 1, 4}},
		{"index, one wanted", func(s *registrytest.Server) string {
			return s.PushIndex("acme/api", "v1", 1, "linux/amd64", "linux/s390x")
		}, [3]int{0, 2, 2}, [3]int{1, 1, 2}},
		{"index, none wanted", func(s *registrytest.Server) string { return s.PushIndex("acme/api", "v1", 1, "linux/s390x") }, [3]int{0, 1, 0}, [3]int{1, 0, 0}},
		{"image", func(s *registrytest.Server) string { return s.PushImage("acme/api", "v1", 1) }, [3]int{0, 1, 2}, [3]int{1, 0, 2}},
		{"artifact", func(s *registrytest.Server) string { return s.PushArtifact("acme/api", "v1", 1) }, [3]int{0, 1, 2}, [3]int{1, 0, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := registrytest.New(t, registrytest.Options{Token: true})
			test.push(s)
			dir := t.TempDir()
			name, platforms := pinned(t, s, "v1", dir)
			for _, cached := range []bool{true, false} {
				want, options := test.fresh, registry.Options{}
				if cached {
					want, options.CacheDir = test.kept, dir
				}
				s.Reset()
				c := newClient(t, options)
				if err := c.Exists(t.Context(), name, platforms); err != nil {
					t.Error(err)
				}
				got := [3]int{s.Count("GET /v2/acme/api/manifests/"), s.Count("HEAD /v2/acme/api/manifests/"), s.Count("HEAD /v2/acme/api/blobs/")}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("cached %v: requests (-want +got):\n%s%q", cached, diff, s.Requests())
				}
				if sum := got[0] + got[1] + got[2]; s.Count("") != sum+2 {
					t.Errorf("cached %v: %q, want only a ping and a token", cached, s.Requests())
				}
			}
		})
	}
}

// TestExistsRequestsOnce has images that share layers: each is requested once for a
// repository, by however many at once.
func TestExistsRequestsOnce(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	dir := t.TempDir()
	var names []oci.Name
	var all [][]lockfile.Platform
	for _, repo := range []string{"acme/api", "acme/web"} {
		layer := s.PushBlob(repo, []byte("shared"))
		for i := range 10 {
			config := fmt.Sprintf(`{"os":"linux","architecture":"amd64","i":%d}`, i)
			digest := s.PushManifest(repo, fmt.Sprint("v", i), ociManifest, []byte(layered(s.PushBlob(repo, []byte(config)), len(config), blobOf(layer, 6, ""), blobOf(layer, 6, ""))))
			name := oci.Name{Host: s.Host(), Repository: repo, Digest: digest}
			names, all = append(names, name), append(all, []lockfile.Platform{{Platform: "linux/amd64", Manifest: digest, Config: digestOf(config)}})
		}
	}
	c := newClient(t, registry.Options{CacheDir: dir})
	var wg sync.WaitGroup
	for i := range names {
		for range 3 {
			wg.Go(func() {
				if err := c.Exists(t.Context(), names[i], all[i]); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := s.Count("/blobs/" + digestOf("shared")); n != 2 {
		t.Errorf("%d requests for the layer, want once for each repository", n)
	}
	if n := s.Count("/blobs/"); n != 2+20 {
		t.Errorf("%d requests for blobs, want 22", n)
	}
}

// layered returns a manifest; layers are JSON.
func layered(config string, size int, layers ...string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},"layers":[%s]}`,
		ociManifest, config, size, strings.Join(layers, ","))
}

func blobOf(digest string, size int, rest string) string {
	return fmt.Sprintf(`{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":%q,"size":%d%s}`, digest, size, rest)
}

// TestGone deletes each part of an image in turn.
func TestGone(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1, "linux/amd64", "linux/arm64", "linux/s390x")
	dir := t.TempDir()
	name, platforms := pinned(t, s, "v1", dir)
	layer := func(p lockfile.Platform) string {
		c := newClient(t, registry.Options{})
		if err := c.Exists(t.Context(), name, []lockfile.Platform{p}); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Requests() {
			if _, digest, ok := strings.Cut(r, "HEAD /v2/acme/api/blobs/"); ok && digest != p.Config {
				s.Reset()
				return digest
			}
		}
		t.Fatal("no request for a layer")
		return ""
	}
	tests := map[string]struct {
		gone string
		want string // of the error; "" for none
	}{
		"nothing":             {"-", ""},
		"index":               {name.Digest, "GET "},
		"manifest":            {platforms[0].Manifest, "manifest of linux/amd64: "},
		"another manifest":    {platforms[1].Manifest, "manifest of linux/arm64: "},
		"manifest not locked": {platforms[2].Manifest, ""},
		"config":              {platforms[1].Config, "config of linux/arm64: GET "},
		"layer":               {layer(platforms[0]), "layer of linux/amd64: GET "},
	}
	for what, test := range tests {
		for _, cache := range []string{"", dir} {
			t.Run(fmt.Sprintf("%s/cache=%v", what, cache != ""), func(t *testing.T) {
				s.Fail(registrytest.At(test.gone, registrytest.Refuse(http.StatusNotFound, "")))
				err := newClient(t, registry.Options{CacheDir: cache}).Exists(t.Context(), name, platforms)
				if test.want == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if !notFound(err) || !strings.HasPrefix(err.Error(), test.want) || !strings.HasSuffix(err.Error(), test.gone+": 404 Not Found") {
					t.Errorf("%v, want %q of %s", err, test.want, test.gone)
				}
			})
		}
	}
}

// TestGoneBeforeUnknown has something that is gone beside something that cannot be
// checked, in both orders.
func TestGoneBeforeUnknown(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	name, platforms := pinned(t, s, "v1", "")
	for _, gone := range []int{0, 1} {
		s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case strings.HasSuffix(r.URL.Path, platforms[gone].Config):
				w.WriteHeader(http.StatusNotFound)
				return true
			case strings.HasSuffix(r.URL.Path, platforms[1-gone].Config):
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			return false
		})
		err := newClient(t, registry.Options{}).Exists(t.Context(), name, platforms)
		if want := "config of " + platforms[gone].Platform; !notFound(err) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		err = newClient(t, registry.Options{}).Exists(t.Context(), name, platforms[1-gone:2-gone])
		var e *registry.Error
		if !errors.As(err, &e) || e.Status != http.StatusBadGateway || e.NotFound() {
			t.Errorf("%v, want it to be unknown", err)
		}
	}
}

// TestExistsByGet has the responses to HEAD of a manifest, a short blob and one that
// is too long to be read, and to the GET after it where HEAD does not tell.
func TestExistsByGet(t *testing.T) {
	short, long := strings.Repeat("s", 100), strings.Repeat("l", 5<<20)
	image := layered(digestOf(config), len(config), blobOf(digestOf(short), len(short), ""), blobOf(digestOf(long), len(long), ""))
	content := map[string]string{
		"manifest": image, "short": short, "long": long,
		digestOf(image): image, digestOf(short): short, digestOf(long): long, digestOf(config): config,
	}
	const other = "the registry returned other content"
	tests := []struct {
		name   string
		head   int                      // status
		header string                   // "Name: value" of the response to HEAD in place of the right ones; "-" for none
		get    func(body string) string // nil: GET must not be sent
		want   [3]string                // the error, "" for none: for the manifest, the short and the long blob
	}{
		{"right", 200, "", nil, [3]string{}},
		{"not found by HEAD alone", 404, "-", same, [3]string{}},
		{"gone for HEAD alone", 410, "-", same, [3]string{}},
		{"HEAD not implemented", 501, "-", same, [3]string{}},
		{"HEAD fails", 500, "-", same, [3]string{}},
		{"a gateway fails", 502, "-", nil, [3]string{"502 Bad Gateway", "502 Bad Gateway", "502 Bad Gateway"}},
		{"not found", 404, "-", missing, [3]string{"404 Not Found", "404 Not Found", "404 Not Found"}},
		{"unauthorized", 401, "-", nil, [3]string{"401 Unauthorized", "401 Unauthorized", "401 Unauthorized"}},
		{"refused", 405, "-", same, [3]string{}},
		{"refused otherwise", 403, "-", same, [3]string{}},
		{"no headers", 200, "-", same, [3]string{}},
		{"another length", 200, "Content-Length: 6", same, [3]string{}},
		{"a login page", 200, "Content-Length: 6", func(string) string { return "<html>" }, [3]string{other, other, "the response has 6 bytes, not 5242880"}},
		{"refused, then half of it", 405, "-", func(body string) string { return body[:len(body)/2] }, [3]string{other, other, "bytes, not 5242880"}},
		{"refused, then other content", 405, "-", func(body string) string { return "x" + body[1:] }, [3]string{other, other, ""}}, // what is too long is not hashed
	}
	for _, test := range tests {
		for i, what := range []string{"manifest", "short", "long"} {
			t.Run(test.name+"/"+what, func(t *testing.T) {
				altered, gets := false, 0
				name := serve(t, func(w http.ResponseWriter, r *http.Request) {
					digest := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
					body, alter := content[digest], altered && digest == digestOf(content[what])
					switch {
					case alter && r.Method == http.MethodHead:
						if key, value, ok := strings.Cut(test.header, ": "); ok {
							w.Header().Set(key, value)
						}
						if test.header != "" {
							w.WriteHeader(test.head)
							return
						}
					case alter:
						gets++
						if body = test.get(body); body == missing("") {
							w.WriteHeader(http.StatusNotFound)
							return
						}
					}
					w.Header().Set("Docker-Content-Digest", digestOf(body))
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
					_, _ = w.Write([]byte(body))
				})
				name.Tag, name.Digest = "", digestOf(image)
				options := registry.Options{CacheDir: t.TempDir()}
				got, err := newClient(t, options).Resolve(t.Context(), name, lockfile.Image, bothPlatforms)
				if err != nil {
					t.Fatal(err)
				}
				altered = true
				err = newClient(t, options).Exists(t.Context(), name, got.Platforms)
				if want := test.want[i]; want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
					t.Errorf("%v, want %q", err, want)
				}
				if (gets > 0) != (test.get != nil) {
					t.Errorf("%d GETs", gets)
				}
				if gone := strings.HasPrefix(test.want[i], "404"); notFound(err) != gone {
					t.Errorf("%v: is it gone?", err)
				}
			})
		}
	}
}

func same(body string) string { return body }

// missing stands for content that is not there.
func missing(string) string { return "missing" }

// TestHeadNamesAnother has a HEAD of an index whose response has the digest of its amd64
// child, as if that had been requested.
func TestHeadNamesAnother(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushIndex("acme/api", "v1", 1)
	dir := t.TempDir()
	name, platforms := pinned(t, s, "v1", dir)
	s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, name.Digest) {
			w.Header().Set("Docker-Content-Digest", platforms[0].Manifest)
			return true
		}
		return false
	})
	if err := newClient(t, registry.Options{CacheDir: dir}).Exists(t.Context(), name, platforms); err != nil {
		t.Error(err)
	}
	if n := s.Count("GET /v2/acme/api/manifests/" + name.Digest); n != 1 {
		t.Errorf("%d GETs of the index, want one: %q", n, s.Requests())
	}
}

// TestParts has the manifests that are taken, by what they consist of, and those that
// are not.
func TestParts(t *testing.T) {
	content := map[string]string{digestOf(config): config, digestOf("a"): "a", sha512Of("b"): "b"}
	plain := lockfile.Platform{Platform: "linux/amd64", Config: digestOf(config)}
	otherConfig := lockfile.Platform{Platform: "linux/amd64", Config: emptyDigest}
	tests := []struct {
		name, manifest string
		platform       *lockfile.Platform
		want           string // the error, "" for none
	}{
		{"no layers", layered(digestOf(config), len(config)), &plain, ""},
		{"a layer", layered(digestOf(config), len(config), blobOf(digestOf("a"), 1, "")), &plain, ""},
		{"a layer without a size", layered(digestOf(config), len(config), `{"digest":"`+digestOf("a")+`"}`), &plain, ""},
		{"a layer by sha512", layered(digestOf(config), len(config), blobOf(sha512Of("b"), 1, "")), &plain, ""},
		{"a layer that is kept elsewhere", layered(digestOf(config), len(config), blobOf(digestOf("gone"), 4, `,"urls":["https://example.com/x"]`)), &plain, ""},
		{"a layer that is gone", layered(digestOf(config), len(config), blobOf(digestOf("gone"), 4, `,"urls":[]`)), &plain, "layer of linux/amd64: GET "},
		{"a layer by md5", layered(digestOf(config), len(config), blobOf("md5:00", 1, "")), &plain, `invalid digest "md5:00" of its layer`},
		{"a layer by way of a folder", layered(digestOf(config), len(config), blobOf("../../manifests/v1", 1, "")), &plain, `invalid digest "../../manifests/v1" of its layer`},
		{"layers that are none", strings.Replace(layered(digestOf(config), len(config)), "[]", `"x"`, 1), &plain, "invalid list of layers"},
		{"another config than the lock's", layered(digestOf(config), len(config)), &otherConfig, "its config is " + digestOf(config) + ", not " + emptyDigest},
		{"no config", `{"schemaVersion":2,"mediaType":"` + ociManifest + `","layers":[]}`, &plain, "no config in the manifest"},
		{"an index in place of a manifest", index(), &plain, "not a manifest but " + ociIndex},
		{"an artifact", layered(digestOf(config), len(config), blobOf(digestOf("a"), 1, "")), nil, ""},
		{"an artifact without its layer", layered(digestOf(config), len(config), blobOf(digestOf("gone"), 4, "")), nil, "layer: GET "},
		{"an artifact of old", `{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","blobs":[` + blobOf(digestOf("a"), 1, "") + `]}`, nil, ""},
		{"an artifact of old without its blob", `{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","blobs":[` + blobOf(digestOf("gone"), 4, "") + `]}`, nil, "layer: GET "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			digest := digestOf(test.manifest)
			name := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requested := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
				body, ok := content[requested]
				if requested == digest {
					body, ok = test.manifest, true
				}
				if !ok {
					w.WriteHeader(http.StatusNotFound)
				}
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = w.Write([]byte(body))
			})
			name.Tag, name.Digest = "", digest
			var platforms []lockfile.Platform
			if test.platform != nil {
				platforms = []lockfile.Platform{*test.platform}
				platforms[0].Manifest = digest
			}
			err := newClient(t, registry.Options{}).Exists(t.Context(), name, platforms)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if notFound(err) != strings.Contains(test.want, "GET ") {
				t.Errorf("%v: is it gone?", err)
			}
		})
	}
}

// TestExistsRejectsNames has names that cannot be checked.
func TestExistsRejectsNames(t *testing.T) {
	c := newClient(t, registry.Options{})
	for want, name := range map[string]oci.Name{
		"no digest in the name":          {Host: "localhost:1", Repository: "acme/api", Tag: "v1"},
		"sha512:00: not a sha256 digest": {Host: "localhost:1", Repository: "acme/api", Digest: "sha512:00"},
		"no host":                        {Digest: emptyDigest},
	} {
		if err := c.Exists(t.Context(), name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
