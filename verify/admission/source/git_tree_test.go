package source_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

func TestGitTree(t *testing.T) {
	tests := []struct {
		name   string
		make   func(*gittest.Repo)
		commit bool // what is made, is not committed yet
		root   string
		files  []string // nil: it fails
		err    string
	}{
		{"symlinks are passed over", func(r *gittest.Repo) {
			symlink(r, "/etc/passwd", "a/policy.yaml")
			symlink(r, "../b", "a/folder")
			r.Write("a/plumb.lock", "")
		}, true, "a", []string{"a/plumb.lock"}, ""},
		{"a root that is a symlink", func(r *gittest.Repo) {
			r.Write("b/x.yaml", "")
			symlink(r, "b", "a")
		}, true, "a", nil, "a is not a folder"},
		{"submodules are passed over", func(r *gittest.Repo) {
			r.Write("a/plumb.lock", "")
			r.Commit("one")
			r.Git("update-index", "--add", "--cacheinfo", "160000,"+r.Git("rev-parse", "HEAD")+
				",a/sub.yaml")
			r.Git("commit", "-q", "-m", "a submodule")
		}, false, "a", []string{"a/plumb.lock"}, ""},
		{"a root in a submodule", func(r *gittest.Repo) {
			r.Commit("one")
			r.Git("update-index", "--add", "--cacheinfo", "160000,"+r.Git("rev-parse", "HEAD")+",a")
			r.Git("commit", "-q", "-m", "a submodule")
		}, false, "a/b", nil, "a is a submodule"},
		{"a root that is not there", func(r *gittest.Repo) { r.Write("b/x.yaml", "") }, true, "a",
			nil, "folder a not found"},
		{"the top", func(r *gittest.Repo) { r.Write("plumb.lock", ""); r.Write("x/y.yaml", "") },
			true, ".", []string{"plumb.lock", "x/y.yaml"}, ""},
		{"names that lead elsewhere", func(r *gittest.Repo) { plant(r, "..") }, false, ".", nil,
			`invalid name ".."`},
		{"names of git's own", func(r *gittest.Repo) { plant(r, ".GIT") }, false, ".", nil,
			`invalid name ".GIT"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := gittest.New(t)
			tt.make(r)
			if tt.commit {
				r.Commit("made")
			}
			web := r.ServeHTTPS()
			v, err := newGit(t, source.GitOptions{URL: web.URL, Credentials: web.Folder(t),
				Roots: []string{tt.root}}).Fetch(t.Context(), source.Version{})
			if tt.files == nil {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.files, slices.Sorted(maps.Keys(v.Files))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func symlink(r *gittest.Repo, to, name string) {
	path := filepath.Join(r.Dir, name)
	_ = os.MkdirAll(filepath.Dir(path), 0o755)
	_ = os.Symlink(to, path) // that it is there, the test sees
}

// plant makes a commit whose tree has a name that git would not take.
func plant(r *gittest.Repo, name string) {
	r.Write("f/x.yaml", "x: 1\n")
	r.Commit("one")
	folder, _ := git.ParseHash(r.Git("rev-parse", "HEAD:f"))
	file := filepath.Join(r.Dir, ".git", "planted")
	_ = os.WriteFile(file, append([]byte("40000 "+name+"\x00"), folder[:]...),
		0o600) // that it is there, git sees
	tree := r.Git("hash-object", "-t", "tree", "-w", "--literally", file)
	r.Git("update-ref", "refs/heads/main", r.Git("commit-tree", "-m", "planted", tree))
}

func TestGitHugeFile(t *testing.T) {
	r := cluster(t)
	// 65 MiB of zeros: a few kilobytes of a pack.
	r.Run("sh", "-c", "head -c 68157440 /dev/zero > other/zero.bin && cp other/zero.bin "+
		"clusters/test/zero.json")
	r.Commit("huge")
	web := r.ServeHTTPS()
	o := source.GitOptions{URL: web.URL, Credentials: web.Folder(t)}
	if _, err := newGit(t, o).Fetch(t.Context(), source.Version{}); err == nil ||
		!strings.Contains(err.Error(), "uploadpack.allowFilter") {
		t.Errorf("without filters: %v", err)
	}
	r.Git("config", "uploadpack.allowFilter", "true")
	fetch(t, newGit(t, o), source.Version{}) // it is not below the root
	o.Roots = []string{"clusters/test"}
	if _, err := newGit(t, o).Fetch(t.Context(), source.Version{}); err == nil ||
		!strings.Contains(err.Error(), "clusters/test/zero.json: the server did not send") {
		t.Errorf("with filters: %v", err)
	}
	o.URL = "file://" + r.Dir
	if _, err := newGit(t, o).Fetch(t.Context(), source.Version{}); err == nil ||
		!strings.Contains(err.Error(), "has 68157440 bytes") {
		t.Errorf("from disk: %v", err)
	}
}

func TestGitOnDiskIsNotBelieved(t *testing.T) {
	r := cluster(t)
	one, other := r.Git("rev-parse", "HEAD:clusters/prod/plumb.lock"),
		r.Git("rev-parse", "HEAD:clusters/test/plumb.lock")
	at := func(id string) string { return filepath.Join(r.Dir, ".git", "objects", id[:2], id[2:]) }
	r.Run("cp", "-f", at(other), at(one))
	_, err := newGit(t, source.GitOptions{URL: "file://" + r.Dir}).Fetch(t.Context(),
		source.Version{})
	if err == nil || !strings.Contains(err.Error(), "does not match its id") {
		t.Errorf("got %v", err)
	}
}
