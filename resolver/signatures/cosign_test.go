package signatures_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/verify/signature"
)

// client is a release of the cosign client, built by "make tools".
type client struct {
	version string
	path    string
	dir     string // its home, with the keys
	env     []string
}

// cosignFormats are the releases that are tried, which are those of testdata/tools, and
// whether they write the older format, bundles, or what they are told to.
var cosignFormats = map[string][]bool{"v2.6.5": {true, false}, "v3.1.3": {false}}

// newClient finds a client. Without it the test is skipped, but for CI, where it fails.
func newClient(t *testing.T, version string) *client {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	c := &client{version: version, path: filepath.Join(cache, "plumb-test", "cosign-"+version, "cosign"), dir: t.TempDir()}
	if _, err := os.Stat(c.path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: make tools builds it; CI has to have it", err)
		}
		t.Skipf("NOT TESTED with cosign %s: %v: make tools builds it", version, err)
	}
	return c
}

// run runs the client where it reaches no network but the loopback interface, and
// returns whether it said yes.
func (c *client) run(t *testing.T, args ...string) (ok bool, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, args...)
	cmd.Dir = c.dir
	// The discard port: whatever asks the world for something fails at once.
	cmd.Env = append(c.env, "HOME="+c.dir, "COSIGN_PASSWORD=", "HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9",
		"NO_PROXY=127.0.0.1", "SIGSTORE_NO_CACHE=true")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return err == nil, out.String()
}

// must runs the client and has it succeed.
func (c *client) must(t *testing.T, args ...string) {
	t.Helper()
	if ok, out := c.run(t, args...); !ok {
		t.Fatalf("cosign %s %s:\n%s", c.version, strings.Join(args, " "), out)
	}
}

// file writes a file to the client's folder.
func (c *client) file(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// bundles reports whether the client writes nothing but bundles.
func (c *client) bundles() bool { return !strings.HasPrefix(c.version, "v2.") }

// signedImage is an image in a registry, to be signed there.
type signedImage struct {
	server *registrytest.Server
	digest string
}

// newImage starts a registry with an image of its own.
func newImage(t *testing.T) signedImage {
	t.Helper()
	s := registrytest.New(t, registrytest.Options{Referrers: true})
	return signedImage{s, s.PushImage("team/app", "v1", 1)}
}

func (i signedImage) repository() string { return i.server.Host() + "/team/app" }
func (i signedImage) name() string       { return fmt.Sprintf("%s@%s", i.repository(), i.digest) }

// find returns the evidence that the registry has of the image.
func (i signedImage) find(t *testing.T) []signature.Evidence {
	t.Helper()
	of := shelf{i.server, oci.Name{Host: i.server.Host(), Repository: "team/app", Digest: i.digest}}
	found, err := of.find(t)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// size is how many bytes the image's manifest has.
func (i signedImage) size(t *testing.T) int64 {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, "http://"+i.server.Host()+"/v2/team/app/manifests/"+i.digest, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.ContentLength <= 0 {
		t.Fatalf("HEAD %s: %s, %d bytes", i.name(), answer.Status, answer.ContentLength)
	}
	return answer.ContentLength
}
