//go:build unix

package lockroot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
)

// scan reads the lock root at dir in one of the ways.
func scan(t *testing.T, way, dir string, cfg *config.Config) *lockroot.Root {
	t.Helper()
	files, err := ways[way](t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &lockroot.Root{Dir: dir, Tree: files, Config: cfg}
	if err := r.Scan(t.Context(), nil); err != nil {
		t.Fatalf("%s: %v", way, err)
	}
	return r
}

// everyWay checks what scans find.
func everyWay(t *testing.T, dir string, cfg *config.Config, want ...string) {
	t.Helper()
	for way := range ways {
		if diff := cmp.Diff(want, report(scan(t, way, dir, cfg))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", way, diff)
		}
	}
}

// submodule makes name a submodule with files.
func (r repository) submodule(name string, files map[string]string) repository {
	r.t.Helper()
	sub := repository{r.t, filepath.Join(r.dir, name)}
	write(r.t, sub.dir, files)
	sub.git("init", "-q", "-b", "main")
	sub.commit()
	return sub
}

func TestSubmodules(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"kustomization.yaml": "resources: [sub/d.txt, sub/base]\n"})
	sub := r.submodule("sub", map[string]string{"x.yaml": evil, "d.txt": evil2, "base/kustomization.yaml": "{}",
		"plumb.yaml": "", "c/Chart.yaml": chart, "c/templates/t.tpl": evil, "app/templates/x.html": "{{ a: [ }}\nb: [",
		"other.txt": evil})
	sub.symlink("other.txt", "l.yaml")
	sub.symlink("../kustomization.yaml", "up.yaml")
	sub.commit()
	r.commit()
	write(t, sub.dir, map[string]string{"later.yaml": evil}) // which no commit has
	want := []string{"sub/c/templates/t.tpl:4 !evil:1", "sub/d.txt:4 !evil:2", "sub/other.txt:4 !evil:1", "sub/x.yaml:4 !evil:1"}
	everyWay(t, r.dir, config.Default("x"), want...)
	everyWay(t, r.dir, &config.Config{Exclude: []string{"sub"}}, "plumb.yaml:1 remark unknown-input")

	sub.commit()
	sub.git("rm", "-q", "x.yaml")
	sub.git("commit", "-qm", "2") // checked out, and not what the tree records
	everyWay(t, r.dir, config.Default("x"), want...)
}

func TestSubmodulesThatAreNotThere(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"kustomization.yaml": "resources: [sub/base, sub/d.txt]\n"})
	sub := r.submodule("sub", map[string]string{"x.yaml": evil})
	r.commit()
	everyWay(t, r.dir, config.Default("x"), "kustomization.yaml:1 error unknown-input", "kustomization.yaml:1 error unknown-input",
		"sub/x.yaml:4 !evil:1") // it is there, and these are not

	if err := os.RemoveAll(sub.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(sub.dir, 0o755); err != nil { // as git clone leaves it
		t.Fatal(err)
	}
	everyWay(t, r.dir, config.Default("x"), "sub:1 error unknown-input")
	everyWay(t, r.dir, &config.Config{Include: []string{"*.yaml"}}, "sub:1 error unknown-input")
	everyWay(t, r.dir, &config.Config{Include: []string{"apps/**"}}, "plumb.yaml:1 remark unknown-input")

	r.submodule("sub", map[string]string{"y.yaml": evil}) // without the commit
	everyWay(t, r.dir, config.Default("x"), "sub:1 error unknown-input")
}

func TestSubmodulesOfSubmodules(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	sub := r.submodule("sub", map[string]string{"x.yaml": evil})
	sub.submodule("deep", map[string]string{"y.yaml": evil2})
	sub.commit()
	r.commit()
	everyWay(t, r.dir, config.Default("x"), "sub/deep/y.yaml:4 !evil:2", "sub/x.yaml:4 !evil:1")
}

func TestWhatOtherLockRootsHold(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{
		"a/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n", "a/kustomization.yaml": "resources: [../base/d.txt, ../base/e.yaml, ../base, ../gone.txt]\n",
		"base/d.txt": evil, "base/e.yaml": evil2, "base/l.txt": evil,
		"kustomization.yaml": "resources: [a/n.txt, a/o.yaml]\n", "a/n.txt": evil2, "a/o.yaml": evil,
	})
	r.symlink("../base/l.txt", "a/l.yaml")
	r.symlink("../base/e.yaml", "a/e.yaml")
	r.symlink("../base", "a/base")
	r.commit()
	for name, test := range map[string]struct {
		dir  string
		want []string
	}{
		"a": {"a", []string{"../base/d.txt:4 !evil:1", "../base/l.txt:4 !evil:1", "kustomization.yaml:1 error unknown-input", "o.yaml:4 evil:1"}},
		".": {".", []string{"a/n.txt:4 evil:2", "base/e.yaml:4 evil:2"}},
	} {
		for _, way := range []string{"work tree", "index", "commit"} {
			open := lockroot.OpenWorkTree
			switch way {
			case "index":
				s, err := lockroot.OpenSnapshot(t.Context(), r.dir, openIndex)
				if err != nil {
					t.Fatal(err)
				}
				open = s.Open
			case "commit":
				s, err := lockroot.OpenCommit(t.Context(), r.dir, "HEAD")
				if err != nil {
					t.Fatal(err)
				}
				open = s.Open
			}
			l := lockroot.Loader{Open: open}
			root, err := l.LoadOne(t.Context(), lockroot.Request{Dir: filepath.Join(r.dir, test.dir)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, report(root)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, way, diff)
			}
		}
	}
}

// A path that was asked for includes what symlinks in it lead to.
func TestSymlinksAndPaths(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"p/x.txt": evil, "p/y.yaml": evil2, "z.yaml": evil})
	r.symlink("../p/x.txt", "apps/x.yaml")
	r.symlink("../p", "linked/p")
	for path, want := range map[string][3]bool{
		"apps": {true, false, false}, "apps/x.yaml": {true, false, false}, "linked": {true, true, false},
		"p": {true, true, false}, ".": {true, true, true}, "other": {},
	} {
		root := scan(t, "work tree", r.dir, config.Default("x"))
		root.Paths = []string{path}
		if got := [3]bool{root.Covers("p/x.txt"), root.Covers("p/y.yaml"), root.Covers("z.yaml")}; got != want {
			t.Errorf("%s covers %v, want %v", path, got, want)
		}
	}
}

func TestSparseCheckouts(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"a/x.yaml": evil, "b/y.yaml": evil2, "b/d.txt": evil, "b/c/z.yaml": evil,
		"a/kustomization.yaml": "resources: [../b/d.txt]\n"})
	r.commit()
	r.git("sparse-checkout", "set", "--no-cone", "/a/")
	want := []string{"a/x.yaml:4 evil:1", "b/c/z.yaml:4 !evil:1", "b/d.txt:4 !evil:1", "b/y.yaml:4 !evil:2"}
	if diff := cmp.Diff(want, report(scan(t, "work tree", r.dir, config.Default("x")))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i := range want {
		want[i] = strings.Replace(want[i], "!", "", 1)
	}
	if diff := cmp.Diff(want, report(scan(t, "commit", r.dir, config.Default("x")))); diff != "" {
		t.Errorf("commit (-want +got):\n%s", diff)
	}
}

// What the work tree has not got of a lock root inside of another is said, and what has
// been deleted is none any more.
func TestLockRootsThatAreNotThere(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"a/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n", "a/x.yaml": evil, "b.yaml": evil2})
	r.commit()
	r.git("sparse-checkout", "set", "--no-cone", "/*", "!/a/")
	l := lockroot.Loader{Open: lockroot.OpenWorkTree}
	load := func() (nested []string, found []string) {
		t.Helper()
		roots, err := l.Load(t.Context(), []lockroot.Request{{Dir: r.dir}})
		if err != nil {
			t.Fatal(err)
		}
		return roots[0].Nested, report(roots[0])
	}
	nested, found := load()
	if diff := cmp.Diff([]string{"a/plumb.yaml:1 error unknown-input", "b.yaml:4 evil:2"}, found); diff != "" || nested != nil {
		t.Errorf("sparse: nested %q (-want +got):\n%s", nested, diff)
	}
	r.git("sparse-checkout", "disable")
	if err := os.Remove(filepath.Join(r.dir, "a/plumb.yaml")); err != nil {
		t.Fatal(err)
	}
	nested, found = load()
	if diff := cmp.Diff([]string{"a/x.yaml:4 evil:1", "b.yaml:4 evil:2"}, found); diff != "" || nested != nil {
		t.Errorf("deleted: nested %q (-want +got):\n%s", nested, diff)
	}
}

// A scan from the cache finds the same, and no more of it each time.
func TestCacheAndWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	write(t, r.dir, map[string]string{"p.txt": evil, "kustomization.yaml": "resources: [gone.yaml, d.txt]\n", "d.txt": evil2,
		"l.yaml": lfs, "t.yaml": "p.txt"})
	r.symlink("p.txt", "x.yaml")
	cacheDir, cfg := t.TempDir(), config.Default("x")
	want := report(scan(t, "work tree", r.dir, cfg))
	for range 3 {
		remember(t, cacheDir, r.dir, cfg)
		got := report(take(t, r.dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), r.dir, cfg)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from the cache (-want +got):\n%s", diff)
		}
	}
	if len(want) != 4 {
		t.Errorf("found %q", want)
	}
}
