//go:build unix

package tree

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repo is a directory for one test, commonly a git work tree.
type repo struct {
	t   testing.TB
	dir string
}

// hermetic keeps the developer's own git configuration and any hook that runs
// the tests out of them, and fixes who commits and when.
func hermetic(t testing.TB) {
	t.Helper()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME": "c", "GIT_COMMITTER_EMAIL": "c@example.com", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
		"XDG_CACHE_HOME": t.TempDir(),
	} {
		t.Setenv(name, value)
	}
	for _, name := range localVariables {
		if _, set := os.LookupEnv(name); set {
			t.Setenv(name, "") // restores it afterwards
			_ = os.Unsetenv(name)
		}
	}
}

// newDir returns an empty directory that no git repository holds.
func newDir(t testing.TB) repo {
	t.Helper()
	hermetic(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return repo{t: t, dir: dir}
}

// newRepo returns an empty git work tree.
func newRepo(t testing.TB) repo {
	t.Helper()
	r := newDir(t)
	r.git("init", "-q", "-b", "main")
	return r
}

// at returns the repo seen from one of its directories.
func (r repo) at(dir string) repo { return repo{t: r.t, dir: r.path(dir)} }

func (r repo) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repo) write(name, content string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(content), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) remove(name string) {
	r.t.Helper()
	if err := os.RemoveAll(r.path(name)); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) symlink(target, name string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Symlink(target, r.path(name)); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) chmod(name string, mode os.FileMode) {
	r.t.Helper()
	if err := os.Chmod(r.path(name), mode); err != nil {
		r.t.Fatal(err)
	}
}

// holds checks the content of a file on disk.
func (r repo) holds(name, want string) {
	r.t.Helper()
	got, err := os.ReadFile(r.path(name))
	if err != nil {
		r.t.Error(err)
	} else if string(got) != want {
		r.t.Errorf("%s holds %q, want %q", name, got, want)
	}
}

// names checks which files there are on disk, but for those under .git.
func (r repo) names(want ...string) {
	r.t.Helper()
	b := batcher{match: all, send: func([]listed) error { return nil }, sent: map[string]bool{}, odd: &oddities{}}
	var unread fileErrors
	if err := walk(context.Background(), r.dir, &b, &unread); err != nil {
		r.t.Fatal(err)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(b.sent))); diff != "" {
		r.t.Errorf("files on disk (-want +got):\n%s", diff)
	}
}

func (r repo) workTree() *WorkTree {
	r.t.Helper()
	w, err := OpenWorkTree(context.Background(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	return w
}

func (r repo) index() *Snapshot {
	r.t.Helper()
	s, err := OpenIndex(context.Background(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r repo) commit(rev string) *Snapshot {
	r.t.Helper()
	s, err := OpenCommit(context.Background(), r.dir, rev)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func all(string) bool { return true }

// collect returns what Each reads, by path. A file that comes twice is an error.
func collect(tree Tree, match func(string) bool) (map[string]string, error) {
	var mu sync.Mutex
	got := map[string]string{}
	var twice error
	err := tree.Each(context.Background(), match, func(worker int, f File, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if worker < 0 || worker >= Workers() {
			return errors.New("a worker out of range")
		}
		if _, again := got[f.Path]; again {
			twice = errors.New(f.Path + " came twice")
		}
		got[f.Path] = string(data)
		return nil
	})
	return got, errors.Join(err, twice)
}

// expect checks what Each reads of tree.
func expect(t *testing.T, tree Tree, want map[string]string) {
	t.Helper()
	got, err := collect(tree, all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Each reads (-want +got):\n%s", diff)
	}
}
