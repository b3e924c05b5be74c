package keychain_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// secret is the password in these tests: no error may hold it.
const secret = "s3cr3t"

// testHome is a home directory with credentials files, and helpers in PATH.
type testHome struct {
	t   *testing.T
	dir string
}

// newHome makes an empty home the process's.
func newHome(t *testing.T) testHome {
	t.Helper()
	h := testHome{t, t.TempDir()}
	for key, value := range map[string]string{
		"HOME":               h.dir,
		"DOCKER_CONFIG":      "",
		"DOCKER_AUTH_CONFIG": "",
		"REGISTRY_AUTH_FILE": "",
		"XDG_RUNTIME_DIR":    h.path("run"),
		"XDG_CONFIG_HOME":    "",
		"PATH":               h.path("bin") + ":/usr/bin:/bin",
	} {
		t.Setenv(key, value)
	}
	return h
}

func (h testHome) path(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }

func (h testHome) write(name, text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// login returns one entry of auths.
func login(key, user string) string {
	return fmt.Sprintf("%q:{\"auth\":%q}", key, base64.StdEncoding.EncodeToString([]byte(user+":"+secret)))
}

// newClient returns a client that takes its credentials from the environment.
func newClient(t *testing.T, options registry.Options) *registry.Client {
	t.Helper()
	c, err := registry.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server for a handler and returns its host.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

const smallIndex = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,"platform":{"os":"linux","architecture":"amd64"},
"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}`

func auths(entries ...string) string { return `{"auths":{` + strings.Join(entries, ",") + `}}` }

// userRecorder is a registry that notes the user of each request.
type userRecorder struct {
	host string
	mu   sync.Mutex
	seen map[string]string // user by repository
}

func newUserRecorder(t *testing.T) *userRecorder {
	w := &userRecorder{seen: make(map[string]string)}
	w.host = serve(t, func(rw http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		switch {
		case ok && password != secret && password != "":
			t.Errorf("password %q", password)
		case r.URL.Path == "/v2/":
			rw.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		repo, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
		w.mu.Lock()
		w.seen[repo] = user
		w.mu.Unlock()
		_, _ = rw.Write([]byte(smallIndex))
	})
	return w
}

// resolve resolves a name in each repository with a new client, and returns the users
// that the registry saw, by repository.
func (w *userRecorder) resolve(t *testing.T, repos ...string) (map[string]string, error) {
	t.Helper()
	c := newClient(t, registry.Options{})
	clear(w.seen)
	for _, repo := range repos {
		if _, err := c.Resolve(t.Context(), oci.Name{Host: w.host, Repository: repo, Tag: "v1"}, lockfile.Image, nil); err != nil {
			return nil, err
		}
	}
	return w.seen, nil
}

// TestLocations has each location and those before it: of all files the first counts,
// and without it the next.
func TestLocations(t *testing.T) {
	w := newUserRecorder(t)
	h := newHome(t)
	t.Setenv("REGISTRY_AUTH_FILE", h.path("auth file"))
	t.Setenv("DOCKER_AUTH_CONFIG", auths(login(w.host, "variable")))
	files := []string{"auth file", "", "docker/config.json", "run/containers/auth.json", ".config/containers/auth.json"}
	for _, f := range files {
		if f != "" {
			h.write(f, auths(login(w.host, f)))
		}
	}
	h.write(".docker/config.json", auths(login(w.host, "home")))
	t.Setenv("DOCKER_CONFIG", h.path("docker"))
	for i, f := range files {
		want := f
		if f == "" {
			want = "variable"
		}
		seen, err := w.resolve(t, "acme/api")
		if err != nil || seen["acme/api"] != want {
			t.Errorf("%v %v, want %s", seen, err, want)
		}
		// Credentials of another host do not count.
		other := auths(login("other.example.com", "other"))
		switch {
		case f == "":
			t.Setenv("DOCKER_AUTH_CONFIG", other)
		case i%2 == 0:
			h.write(f, other)
		case f != "auth file":
			if err := os.Remove(h.path(f)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if seen, err := w.resolve(t, "acme/api"); err != nil || seen["acme/api"] != "" {
		t.Errorf("%v %v, want no user", seen, err)
	}
	t.Setenv("DOCKER_CONFIG", "")
	if seen, err := w.resolve(t, "acme/api"); err != nil || seen["acme/api"] != "home" {
		t.Errorf("%v %v, want home", seen, err)
	}
	t.Setenv("HOME", "")
	h.write("xdg/containers/auth.json", auths(login(w.host, "xdg")))
	t.Setenv("XDG_CONFIG_HOME", h.path("xdg"))
	if seen, err := w.resolve(t, "acme/api"); err != nil || seen["acme/api"] != "xdg" {
		t.Errorf("%v %v, want xdg", seen, err)
	}
}

// TestCredentialsByPath has keys with paths, the longest of which counts.
func TestCredentialsByPath(t *testing.T) {
	w := newUserRecorder(t)
	h := newHome(t)
	h.write(".docker/config.json", auths(
		login(w.host+"/acme", "acme"), login(w.host+"/acme/api/v2", "deep"), login("https://"+w.host+"/v1/", "host"),
		login(w.host+"/ac", "prefix"), login(w.host+"/other/", "other"), `"`+w.host+`/acme/empty":{}`))
	h.write("run/containers/auth.json", auths(login(w.host+"/late/one", "late")))
	want := map[string]string{
		"acme": "acme", "acme/api": "acme", "acme/api/v2": "deep", "acme/api/v2/x": "deep", "acme/api/v22": "acme",
		"acmes": "host", "ac/x": "prefix", "other/x": "other", "top": "host", "acme/empty": "acme",
		"late/one": "host", // the first file has something for it
	}
	var repos []string
	for repo := range want {
		repos = append(repos, repo)
	}
	seen, err := w.resolve(t, repos...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("users by repository (-want +got):\n%s", diff)
	}
}

// TestBrokenAuthFiles has files that cannot be used: the error names the file and
// repeats nothing of its content.
func TestBrokenAuthFiles(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"no JSON":        {secret, "FILE:1: invalid JSON"},
		"cut":            {"{\n\"auths\": {\n\"x\": {\"password\": \"" + secret, "FILE: not a credentials file of docker or podman"},
		"a stray letter": {"{\n\"auths\": {\n\"x\": {\"password\": \"" + secret + "\"}},\n}", "FILE:4: invalid JSON"},
		"no base64":      {`{"auths":{"x":{"auth":"` + secret + `!"}}}`, "FILE: not a credentials file of docker or podman"},
		"no colon":       {`{"auths":{"x":{"auth":"czNjcjN0"}}}`, "FILE: not a credentials file of docker or podman"},
		"a number":       {`{"auths":{"x":{"password":12345}}}`, "FILE: not a credentials file of docker or podman"},
		"a list":         {`["` + secret + `"]`, "FILE: not a credentials file of docker or podman"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newUserRecorder(t)
			h := newHome(t)
			h.write("run/containers/auth.json", test.text)
			_, err := w.resolve(t, "acme/api")
			want := "reading the credentials for " + w.host + ": " + strings.Replace(test.want, "FILE", h.path("run/containers/auth.json"), 1)
			if err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
			// A file before it is enough if it has credentials for the host.
			h.write(".docker/config.json", auths(login(w.host, "ann")))
			if seen, err := w.resolve(t, "acme/api"); err != nil || seen["acme/api"] != "ann" {
				t.Errorf("%v, %v, want ann", seen, err)
			}
		})
	}
}

// TestAbsentAuthFiles checks that only a file that was named must exist.
func TestAbsentAuthFiles(t *testing.T) {
	w := newUserRecorder(t)
	h := newHome(t)
	t.Setenv("DOCKER_CONFIG", h.path("nowhere"))
	if _, err := w.resolve(t, "acme/api"); err != nil {
		t.Errorf("no file at all: %v", err)
	}
	h.write("run/containers/auth.json", "")
	if _, err := w.resolve(t, "acme/api"); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	t.Setenv("REGISTRY_AUTH_FILE", h.path("gone.json"))
	if _, err := w.resolve(t, "acme/api"); err == nil || !strings.Contains(err.Error(), h.path("gone.json")) {
		t.Errorf("got %v, want it to name the file", err)
	}
	t.Setenv("REGISTRY_AUTH_FILE", h.path("run"))
	if _, err := w.resolve(t, "acme/api"); err == nil || !strings.Contains(err.Error(), h.path("run")) {
		t.Errorf("got %v, want it to name the folder", err)
	}
	// A registry without a challenge needs no file.
	s := registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	c := newClient(t, registry.Options{})
	if _, err := c.Resolve(t.Context(), oci.Name{Host: s.Host(), Repository: "acme/api", Tag: "v1"}, lockfile.Image, nil); err != nil {
		t.Error(err)
	}
}
