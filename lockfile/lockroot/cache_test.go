package lockroot_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// settled is how long a file has to lie still before a cache trusts its times.
const settled = 100 * time.Millisecond

// keyIn is the file of the secret for the caches in a folder: beside it, for tests.
func keyIn(cacheDir string) string { return cacheDir + ".key" }

// remember scans dir with a cache until the cache has everything that has
// settled.
func remember(t *testing.T, cacheDir, dir string, cfg *config.Config) {
	t.Helper()
	time.Sleep(settled)
	take(t, dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg))
}

// same fails where a scan with the cache says anything else than one without.
// It returns what both say.
func same(t *testing.T, cacheDir, dir string, cfg *config.Config) []string {
	t.Helper()
	with := take(t, dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg))
	without := take(t, dir, cfg, nil)
	if diff := cmp.Diff(text(t, without), text(t, with)); diff != "" {
		t.Errorf("the cache changes the answer (-without +with):\n%s", diff)
	}
	return references(without)
}

func TestCacheChangesNoAnswer(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	write(t, dir, map[string]string{
		"a.yaml": pod("a:1@sha256:" + strings.Repeat("a", 64)), "b.yaml": pod("${B}"), "c.yaml": pod("C:1"),
		"suspect.yaml":  "apiVersion: a.example/v1\nkind: W\nspec: {engine: 'ghcr.io/acme/w:1'}\n",
		"broken.yaml":   "apiVersion: v1\nkind: Pod\nspec: {\n",
		"nothing.yaml":  "x: 1\n",
		"settings.yaml": "image: {repository: ghcr.io/acme/app, tag: v1}\n", "kustomization.yaml": kustomization("settings.yaml"),
		"prod/plumb.yaml": "", "prod/p.yaml": pod("p:1"),
		"chart/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "chart/values.yaml": "image: nginx:1\n",
	})
	remember(t, cacheDir, dir, cfg)
	first := same(t, cacheDir, dir, cfg)
	if len(first) < 4 {
		t.Fatalf("the fixture has only %v", first)
	}

	steps := []struct {
		name  string
		write map[string]string
	}{
		{"the same size, other content", map[string]string{"a.yaml": pod("z:1@sha256:" + strings.Repeat("a", 64))}},
		{"a new file", map[string]string{"new.yaml": pod("new:1")}},
		{"values that are no longer named", map[string]string{"kustomization.yaml": kustomization("others.yaml")}},
		{"values that are named again", map[string]string{"kustomization.yaml": kustomization("settings.yaml")}},
		{"a new lock root", map[string]string{"chart/plumb.yaml": ""}},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			before := same(t, cacheDir, dir, cfg)
			write(t, dir, step.write)
			if after := same(t, cacheDir, dir, cfg); cmp.Equal(before, after) {
				t.Errorf("the change is not seen: %v", after)
			}
			remember(t, cacheDir, dir, cfg)
			same(t, cacheDir, dir, cfg)
		})
	}
	if err := os.Remove(filepath.Join(dir, "new.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, r := range same(t, cacheDir, dir, cfg) {
		if strings.HasPrefix(r, "new.yaml") {
			t.Errorf("a file that is gone still has %s", r)
		}
	}
}

// counting is a work tree that counts the files it reads.
type counting struct {
	*tree.WorkTree
	read atomic.Int64
}

func (c *counting) EachChanged(ctx context.Context, match func(string) bool, unchanged func(tree.File) bool, fn tree.Visit) error {
	return c.WorkTree.EachChanged(ctx, match, unchanged, func(worker int, f tree.File, data []byte) error {
		if data != nil {
			c.read.Add(1)
		}
		return fn(worker, f, data)
	})
}

func TestCacheSparesReading(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	write(t, dir, map[string]string{"a.yaml": pod("a:1"), "b.yaml": pod("b:1"), "c.yaml": "x: 1\n"})
	reads := func() int64 {
		t.Helper()
		time.Sleep(settled)
		work, err := tree.OpenWorkTree(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		c := &counting{WorkTree: work}
		r := &lockroot.Root{Dir: dir, Tree: c, Config: cfg}
		if err := r.Scan(t.Context(), lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg)); err != nil {
			t.Fatal(err)
		}
		return c.read.Load()
	}
	if got := reads(); got != 3 {
		t.Errorf("the first run reads %d files, want 3", got)
	}
	if got := reads(); got != 0 {
		t.Errorf("the second run reads %d files, want none", got)
	}
	write(t, dir, map[string]string{"b.yaml": pod("z:1")})
	if got := reads(); got != 1 {
		t.Errorf("after a change %d files are read, want 1", got)
	}
	cfg.Exclude = []string{"c.yaml"}
	if got := reads(); got != 2 {
		t.Errorf("with another configuration %d files are read, want 2", got)
	}
}

// The cache's file is written where something has changed, and only there.
func TestCacheIsWrittenOnce(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	write(t, dir, map[string]string{"a.yaml": pod("a:1")})
	remember(t, cacheDir, dir, cfg)
	files, err := filepath.Glob(filepath.Join(cacheDir, "scan-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache's files are %v, %v", files, err)
	}
	before, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	// A run that finds everything in the cache does not write it again.
	take(t, dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg))
	if after, err := os.Stat(files[0]); err != nil || !os.SameFile(before, after) || after.ModTime() != before.ModTime() {
		t.Errorf("the cache was written again: %v, %v", after, err)
	}
	write(t, dir, map[string]string{"a.yaml": pod("b:1")})
	remember(t, cacheDir, dir, cfg)
	if after, err := os.Stat(files[0]); err != nil || os.SameFile(before, after) {
		t.Errorf("the cache was not written after a change: %v, %v", after, err)
	}
}

func TestCacheKnowsItsConfiguration(t *testing.T) {
	t.Parallel()
	dir, cacheDir := t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{"w.yaml": "apiVersion: a.example/v1\nkind: W\nspec: {engine: 'w:1'}\n", "a.yaml": pod("a:1")})
	plain, fields, excluding := config.Default("x"), config.Default("x"), config.Default("x")
	fields.Fields = []config.Field{{Kind: "W", Path: "spec.engine"}}
	excluding.Exclude = []string{"a.yaml"}
	for range 2 {
		for _, c := range []*config.Config{plain, fields, excluding} {
			remember(t, cacheDir, dir, c)
			same(t, cacheDir, dir, c)
		}
	}
	if got := same(t, cacheDir, dir, fields); len(got) != 2 {
		t.Errorf("with fields there are %v", got)
	}
}

func TestCacheThatIsBrokenIsIgnored(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	write(t, dir, map[string]string{"a.yaml": pod("a:1"), "b.yaml": pod("b:1")})
	remember(t, cacheDir, dir, cfg)
	files, err := filepath.Glob(filepath.Join(cacheDir, "scan-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache's files are %v, %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 7 { // each run walks a folder
		flipped := append([]byte(nil), whole...)
		flipped[n] ^= 0x20
		for name, data := range map[string][]byte{"cut": whole[:n], "flipped": flipped} {
			if err := os.WriteFile(files[0], data, 0o600); err != nil {
				t.Fatal(err)
			}
			got := references(take(t, dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg)))
			if diff := cmp.Diff([]string{"a.yaml:4 a:1", "b.yaml:4 b:1"}, got); diff != "" {
				t.Fatalf("%s at byte %d (-want +got):\n%s", name, n, diff)
			}
		}
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir, cfg := t.TempDir(), config.Default("x")
	write(t, dir, map[string]string{"a.yaml": pod("a:1")})
	notFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notFolder, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := references(take(t, dir, cfg, lockroot.OpenCache(notFolder, keyIn(notFolder), dir, cfg))); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// A cache that somebody has made without the secret hides nothing, whatever it says.
func TestCacheThatIsForged(t *testing.T) {
	t.Parallel()
	cfg := config.Default("x")
	dir, cacheDir, other := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, dir, map[string]string{"a.yaml": pod("a:1")})
	remember(t, cacheDir, dir, cfg)
	cached := func(key string) int {
		t.Helper()
		work, err := tree.OpenWorkTree(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		r := &lockroot.Root{Dir: dir, Tree: work, Config: cfg}
		if err := r.Scan(t.Context(), lockroot.OpenCache(cacheDir, key, dir, cfg)); err != nil {
			t.Fatal(err)
		}
		return r.CachedFiles
	}
	if n := cached(keyIn(cacheDir)); n == 0 {
		t.Fatal("the cache is not used")
	}
	if n := cached(keyIn(other)); n != 0 {
		t.Errorf("without the secret %d files are as the cache has them", n)
	}
	if c := lockroot.OpenCache(cacheDir, filepath.Join(dir, ".config", "scan.key"), dir, cfg); c != nil {
		t.Error("a secret in the tree is taken")
	}
	if c := lockroot.OpenCache(cacheDir, "", dir, cfg); c != nil {
		t.Error("a cache without a secret is taken")
	}
}
