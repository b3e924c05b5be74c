package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

// cosign is a release of the cosign client that "make tools" has built.
type cosign struct {
	path, dir string // dir is its home, with the keys
	env       []string
	legacy    bool // write the older format
	bundles   bool // it writes nothing else
}

// newCosign finds a client. Without it the test is skipped, but for CI, where it
// fails.
func newCosign(t *testing.T, version string, legacy bool) *cosign {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	c := &cosign{path: filepath.Join(cache, "plumb-test", "cosign-"+version, "cosign"), dir: t.TempDir(), legacy: legacy,
		bundles: !strings.HasPrefix(version, "v2.")}
	if _, err := os.Stat(c.path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: make tools builds it; CI has to have it", err)
		}
		t.Skipf("NOT TESTED with cosign %s: %v: make tools builds it", version, err)
	}
	// The discard port: whatever asks the world for something fails at once.
	c.env = append(os.Environ(), "HOME="+c.dir, "COSIGN_PASSWORD=", "SIGSTORE_NO_CACHE=true",
		"HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9", "NO_PROXY=127.0.0.1")
	writeFile(t, filepath.Join(c.dir, "signing.json"), `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`)
	return c
}

func (c *cosign) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cosign %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (c *cosign) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// newKey makes NAME.key and NAME.pub.
func (c *cosign) newKey(t *testing.T, name string) {
	t.Helper()
	c.run(t, "generate-key-pair", "--output-key-prefix", name)
}

// flags make the client sign by a key, in the format wanted and with no log.
func (c *cosign) flags(key string) []string {
	if c.bundles {
		return []string{"--yes", "--key", key + ".key", "--signing-config", "signing.json"}
	}
	return []string{"--yes", "--key", key + ".key", "--tlog-upload=false", fmt.Sprintf("--new-bundle-format=%t", !c.legacy)}
}

// sign signs content that was pushed.
func (c *cosign) sign(t *testing.T, e lockfile.Entry, key string) {
	t.Helper()
	c.run(t, append(append([]string{"sign"}, c.flags(key)...), pinned(e))...)
}

// attest attests to something of it.
func (c *cosign) attest(t *testing.T, e lockfile.Entry, key, predicate string) {
	t.Helper()
	writeFile(t, filepath.Join(c.dir, "predicate.json"), predicate)
	c.run(t, append(append([]string{"attest", "--predicate", "predicate.json", "--type", scanType}, c.flags(key)...), pinned(e))...)
}

// pinned is an entry's repository and digest.
func pinned(e lockfile.Entry) string {
	return e.Name[:strings.LastIndex(e.Name, ":")] + "@" + e.Digest
}
