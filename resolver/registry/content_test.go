package registry_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry"
)

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	emptyDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

func digestOf(s string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(s))) }
func sha512Of(s string) string { return fmt.Sprintf("sha512:%x", sha512.Sum512([]byte(s))) }

// config and manifest are an image without layers.
const config = `{"os":"linux","architecture":"amd64"}`

var manifest = fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q},"layers":[]}`,
	ociManifest, digestOf(config))

// index returns an index of children, each of them JSON.
func index(children ...string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, ociIndex, strings.Join(children, ","))
}

func child(digest, os, arch, rest string) string {
	return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"platform":{"os":%q,"architecture":%q%s}}`, ociManifest, digest, os, arch, rest)
}

// response is what a server sends for manifests; for blobs it sends config.
type response struct {
	body   string
	header map[string]string
}

func (a response) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := a.body
	if strings.Contains(r.URL.Path, "/blobs/") {
		body = config
	} else {
		for k, v := range a.header {
			w.Header().Set(k, v)
		}
	}
	io.WriteString(w, body)
}

func typed(mediaType string) map[string]string { return map[string]string{"Content-Type": mediaType} }

// TestContent has content that is accepted, and similar content that is not.
func TestContent(t *testing.T) {
	long := strings.Repeat(" ", 5<<20)
	tests := []struct {
		name     string
		response response
		kind     lockfile.Kind
		want     string // the error; "" for none
	}{
		{"right header", response{manifest, map[string]string{"Docker-Content-Digest": digestOf(manifest)}}, lockfile.Image, ""},
		{"wrong header", response{manifest, map[string]string{"Docker-Content-Digest": emptyDigest}}, lockfile.Image, "contradicts itself: its header says " + emptyDigest},
		{"no header", response{manifest, nil}, lockfile.Image, ""},
		{"header of another kind", response{manifest, map[string]string{"Docker-Content-Digest": "md5:0"}}, lockfile.Image, ""},
		{"header by sha512", response{manifest, map[string]string{"Docker-Content-Digest": sha512Of(manifest)}}, lockfile.Image, ""},
		{"wrong header by sha512", response{manifest, map[string]string{"Docker-Content-Digest": sha512Of(config)}}, lockfile.Image,
			"contradicts itself: its header says " + sha512Of(config) + ", the content is " + sha512Of(manifest)},
		{"half a header by sha512", response{manifest, map[string]string{"Docker-Content-Digest": "sha512:00"}}, lockfile.Image, ""},
		{"right type", response{manifest, typed(ociManifest + "; charset=utf-8")}, lockfile.Image, ""},
		{"any type", response{manifest, typed("application/json")}, lockfile.Image, ""},
		{"wrong type", response{manifest, typed(ociIndex)}, lockfile.Image, "contradicts itself: its header says " + ociIndex},
		{"type in neither", response{strings.Replace(manifest, `"mediaType":"`+ociManifest+`",`, "", 1), typed("")}, lockfile.Image, ""},
		{"4 MiB", response{manifest + long[:4<<20-len(manifest)], nil}, lockfile.Image, ""},
		{"more than 4 MiB", response{manifest + long[:4<<20-len(manifest)+1], nil}, lockfile.Image, "the manifest is longer than 4 MiB"},
		{"5 MiB and no length", response{manifest + long, map[string]string{"Transfer-Encoding": "chunked"}}, lockfile.Image, "the manifest is longer than 4 MiB"},
		{"empty", response{"", typed(ociManifest)}, lockfile.Image, "not a manifest"},
		{"a login page", response{"<html>", typed("text/html")}, lockfile.Artifact, "not a manifest"},
		{"an array", response{"[]", typed(ociManifest)}, lockfile.Artifact, "not a manifest"},
		{"some JSON", response{`{"hello":1}`, typed("application/json")}, lockfile.Artifact, "not a manifest"},
		{"an old artifact", response{`{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","blobs":[]}`, nil}, lockfile.Artifact, ""},
		{"a type with a space", response{`{"schemaVersion":2,"mediaType":"a/b\n  - image: x"}`, nil}, lockfile.Artifact, "invalid media type"},
		{"schema 1 by type", response{"x", typed("application/vnd.docker.distribution.manifest.v1+prettyjws")}, lockfile.Image, "Docker schema 1"},
		{"schema 1 by content", response{`{"schemaVersion":1,"fsLayers":[]}`, nil}, lockfile.Artifact, "Docker schema 1"},
		{"index and manifest", response{`{"schemaVersion":2,"manifests":[],"layers":[]}`, typed(ociIndex)}, lockfile.Image, "both an index and a manifest"},
		{"empty index", response{index(), nil}, lockfile.Image, "an index without any manifest"},
		{"empty index of artifacts", response{index(), nil}, lockfile.Artifact, ""},
		{"index in an index", response{index(`{"mediaType":"` + ociIndex + `","digest":"` + emptyDigest + `"}`), nil}, lockfile.Image, "reads one level"},
		{"index in an index of artifacts", response{index(`{"mediaType":"` + ociIndex + `","digest":"` + emptyDigest + `"}`), nil}, lockfile.Artifact, ""},
		{"child by sha512", response{index(child("sha512:00", "linux", "amd64", "")), nil}, lockfile.Image, `platform linux/amd64: "sha512:00": not a sha256 digest`},
		{"child that is other content", response{index(child(emptyDigest, "linux", "amd64", "")), nil}, lockfile.Image, emptyDigest + ": the registry returned other content"},
		{"child not wanted", response{index(child(emptyDigest, "linux", "s390x", "")), nil}, lockfile.Image, ""},
		{"platform with a line end", response{index(child(emptyDigest, "linux", "s390x\n", "")), nil}, lockfile.Image, `invalid platform "linux/s390x"`},
		{"config by md5", response{strings.Replace(manifest, digestOf(config), "md5:00", 1), nil}, lockfile.Image, `config digest "md5:00": not a sha256 digest`},
		{"config that is other content", response{strings.Replace(manifest, digestOf(config), emptyDigest, 1), nil}, lockfile.Image, "blobs/" + emptyDigest + ": the registry returned other content"},
		{"no config", response{`{"schemaVersion":2,"layers":[]}`, typed(ociManifest)}, lockfile.Image, "no config in the manifest"},
		{"odd config type", response{strings.Replace(manifest, "application/vnd.oci.image.config.v1+json", "application/octet-stream", 1), nil}, lockfile.Image, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClient(t, registry.Options{})
			got, err := c.Resolve(t.Context(), serve(t, test.response.ServeHTTP), test.kind, []string{"linux/amd64"})
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if want := digestOf(test.response.body); got.Digest != want {
					t.Errorf("digest %s, want %s", got.Digest, want)
				}
				return
			}
			var e *registry.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) || e.NotFound() || e.Unauthorized() {
				t.Errorf("%v, want %q", err, test.want)
			}
			if got.Digest != "" {
				t.Errorf("an error and %v", got)
			}
		})
	}
}

func TestResponseForAnotherDigest(t *testing.T) {
	c := newClient(t, registry.Options{})
	name := serve(t, response{body: manifest}.ServeHTTP)
	name.Digest = digestOf(manifest)
	if _, err := c.Resolve(t.Context(), name, lockfile.Image, nil); err != nil {
		t.Error(err)
	}
	name.Digest = emptyDigest
	_, err := c.Resolve(t.Context(), name, lockfile.Artifact, nil)
	if want := "the registry returned other content, " + digestOf(manifest); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestTruncated(t *testing.T) {
	for _, cut := range []int{0, 1} {
		name := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body := config
			if strings.Contains(r.URL.Path, "/manifests/") {
				body = manifest
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			io.WriteString(w, body[:len(body)-cut])
		})
		c := newClient(t, registry.Options{})
		_, err := c.Resolve(t.Context(), name, lockfile.Image, nil)
		if cut == 0 && err != nil {
			t.Errorf("whole: %v", err)
		}
		if cut > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes cut off: %v", cut, err)
		}
	}
}

// TestWindowsBuilds keeps the images for several builds of Windows, in one order.
func TestWindowsBuilds(t *testing.T) {
	digests := []string{digestOf("1"), digestOf("2"), digestOf("3")}
	kids := []string{
		child(digests[0], "windows", "amd64", `,"os.version":"10.0.20348.1"`),
		child(digests[1], "windows", "amd64", `,"os.version":"10.0.17763.1"`),
		child(digests[2], "windows", "amd64", `,"os.version":"10.0.17763.1"`), // runtimes take the first
		child(digests[2], "linux", "amd64", ""),
		child(digests[0], "linux", "amd64", ""), // runtimes take the first
	}
	c := newClient(t, registry.Options{})
	got, err := c.Resolve(t.Context(), serve(t, response{body: index(kids...)}.ServeHTTP), lockfile.Image, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &lockfile.Lock{Entries: []lockfile.Entry{{Platforms: []lockfile.Platform{
		{Platform: "windows/amd64", Manifest: digests[0]},
		{Platform: "windows/amd64", Manifest: digests[1]},
		{Platform: "linux/amd64", Manifest: digests[2]},
	}}}}
	want.Sort()
	if fmt.Sprint(got.Platforms) != fmt.Sprint(want.Entries[0].Platforms) {
		t.Errorf("platforms %v, want %v", got.Platforms, want.Entries[0].Platforms)
	}
}

func TestHeadIsAHint(t *testing.T) {
	tests := []struct {
		status int
		header string
		want   string
		fails  bool
	}{
		{200, emptyDigest, emptyDigest, false},
		{200, "", "", false},
		{200, "sha256:short", "", false},
		{200, sha512Of(""), "", false},
		{400, "", "", false},
		{403, "", "", false},
		{405, emptyDigest, "", false},
		{501, "", "", false},
		{401, "", "", true},
		{404, "", "", true},
		{429, "", "", true},
		{500, "", "", true},
	}
	for _, test := range tests {
		name := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Docker-Content-Digest", test.header)
			w.WriteHeader(test.status)
		})
		got, err := newClient(t, registry.Options{}).Head(t.Context(), name)
		var e *registry.Error
		if got != test.want || (err != nil) != test.fails || test.fails && (!errors.As(err, &e) || e.Status != test.status) {
			t.Errorf("%d %q: %q, %v, want %q", test.status, test.header, got, err, test.want)
		}
	}
}
