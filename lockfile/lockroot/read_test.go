package lockroot_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

const aLock = `# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.
version: 1
entries:
  - image: docker.io/library/nginx:1.27
    digest: sha256:6af79ae5de407283dcea8b00d5c37ace95441fd58a8b1d2aa1ed93f5511bb18c
    mediaType: application/vnd.oci.image.manifest.v1+json
`

// folder writes files into a new directory that is a git repository.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "-q")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@test.example",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@test.example")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// load reads the lock roots of paths as a command in dir does.
func load(t *testing.T, dir string, paths ...string) ([]*lockroot.Root, error) {
	t.Helper()
	requests, err := lockroot.Find(t.Context(), dir, paths)
	if err != nil {
		return nil, err
	}
	l := &lockroot.Loader{Open: lockroot.OpenWorkTree, Base: dir}
	return l.Load(t.Context(), requests)
}

func TestLoadReadsNestedRoots(t *testing.T) {
	dir := folder(t, map[string]string{
		"plumb.lock": aLock, "a.yaml": pod("a:1"),
		"prod/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\nname: production\n", "prod/b.yaml": pod("b:1"),
	})
	roots, err := load(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(roots) != 2 || roots[0].Dir != dir || roots[1].Dir != filepath.Join(dir, "prod") {
		t.Fatalf("lock roots %v", roots)
	}
	if r := roots[0]; r.Lock == nil || len(r.Lock.Entries) != 1 || r.LockErr != nil || string(r.LockText) != aLock {
		t.Errorf("the outer lock is %v, %v", r.Lock, r.LockErr)
	}
	if r := roots[1]; r.Lock != nil || r.LockText != nil || r.Config.Name != "production" {
		t.Errorf("the inner root has lock %v and name %q", r.Lock, r.Config.Name)
	}
	if got := references(roots[0]); !slices.Equal(got, []string{"a.yaml:4 a:1"}) {
		t.Errorf("the outer root refers to %v", got)
	}
	if l, err := roots[1].ReadableLock(); err != nil || len(l.Entries) != 0 {
		t.Errorf("without a lock, the lock is %v, %v", l, err)
	}
}

func TestLoadTakesPaths(t *testing.T) {
	dir := folder(t, map[string]string{
		"a/a.yaml": pod("a:1"), "b/b.yaml": pod("b:1"), "prod/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n",
		"prod/c/c.yaml": pod("c:1"),
	})
	for paths, want := range map[string][]string{
		"a":            {"a/a.yaml:4 a:1"},
		"a b":          {"a/a.yaml:4 a:1", "b/b.yaml:4 b:1"},
		"a/a.yaml":     {"a/a.yaml:4 a:1"},
		"prod/c":       {"c/c.yaml:4 c:1"},
		"b prod":       {"b/b.yaml:4 b:1", "c/c.yaml:4 c:1"},
		"b prod b/../": {"a/a.yaml:4 a:1", "b/b.yaml:4 b:1", "c/c.yaml:4 c:1"},
	} {
		roots, err := load(t, dir, strings.Fields(paths)...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range roots {
			for _, f := range r.Files {
				if r.Covers(f.Path) {
					got = append(got, references(&lockroot.Root{Files: []manifest.File{f}})...)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", paths, diff)
		}
	}
	var invalid *lockroot.InvalidError
	if _, err := load(t, dir, "nowhere"); !errors.As(err, &invalid) || err.Error() != "nowhere: no such file or directory" {
		t.Errorf("a path that does not exist: %v", err)
	}
}

// Errors name files as the command that runs in Base shows them.
func TestErrorsNameFilesFromBase(t *testing.T) {
	dir := folder(t, map[string]string{
		"shop/plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n", "shop/plumb.lock": aLock + "more\n", "elsewhere/x": "",
	})
	roots, err := load(t, filepath.Join(dir, "elsewhere"), "../shop")
	if err != nil {
		t.Fatal(err)
	}
	var syntax *lockfile.SyntaxError
	if r := roots[0]; r.Lock != nil || !errors.As(r.LockErr, &syntax) || syntax.File != "plumb.lock" {
		t.Errorf("the lock is %v, its error %v", r.Lock, r.LockErr)
	}
	_, err = roots[0].ReadableLock()
	if err == nil || !strings.HasPrefix(err.Error(), "../shop/plumb.lock:7: ") || !strings.HasSuffix(err.Error(), " ../shop/plumb.lock") {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "shop/plumb.yaml"), []byte("kind: Confg\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var invalid *lockroot.InvalidError
	if _, err = load(t, filepath.Join(dir, "elsewhere"), "../shop"); !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), "../shop/plumb.yaml:1:") {
		t.Errorf("a plumb.yaml with errors: %v", err)
	}
}

func TestReadLock(t *testing.T) {
	dir := folder(t, map[string]string{"plumb.lock": aLock, "sub/plumb.lock": "version: 2\n"})
	if l, err := lockroot.ReadLock(dir, dir); err != nil || len(l.Entries) != 1 {
		t.Errorf("lock %v, %v", l, err)
	}
	var invalid *lockroot.InvalidError
	if _, err := lockroot.ReadLock(filepath.Join(dir, "sub"), dir); !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), "sub/plumb.lock:") {
		t.Errorf("a lock that cannot be read: %v", err)
	}
	if _, err := lockroot.ReadLock(filepath.Join(dir, "nowhere"), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no lock: %v", err)
	}
}

func TestPolicyFiles(t *testing.T) {
	const policy = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n"
	const config = "apiVersion: plumb.dev/v1\nkind: Config\npolicies: "
	files := map[string]string{
		"policies/b.yaml": policy, "policies/a/a.yml": policy, "policies/kyverno.yaml": "apiVersion: kyverno.io/v1\n",
		"policies/acme.tuf/1.root.json": policy, "rules/r.yaml": "kind: any\n",
	}
	for name, test := range map[string]struct {
		config string
		want   []string
		err    string
	}{
		"by default, what is sigstore's":   {"", []string{"policies/a/a.yml", "policies/b.yaml"}, ""},
		"named, whatever it is":            {config + "[rules/*.yaml]\n", []string{"rules/r.yaml"}, ""},
		"a name that nothing matches":      {config + "[rules/*.yaml, other/*.yaml]\n", nil, "plumb.yaml: policies: other/*.yaml matches no file"},
		"a folder that is not there":       {config + "[other/*.yaml]\n", nil, "plumb.yaml: policies: other/*.yaml matches no file"},
		"no copy of a TUF repository ever": {config + "['policies/acme.tuf/*.json']\n", nil, "plumb.yaml: policies: policies/acme.tuf/*.json matches no file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, files)
			if test.config != "" {
				if err := os.WriteFile(filepath.Join(dir, "plumb.yaml"), []byte(test.config), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			roots, err := load(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			found, err := roots[0].PolicyFiles(t.Context())
			var invalid *lockroot.InvalidError
			if test.err != "" && (!errors.As(err, &invalid) || err.Error() != test.err) || test.err == "" && err != nil {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.File)
				if !roots[0].IsPolicyFile(f.File) {
					t.Errorf("%s is read, and IsPolicyFile denies it", f.File)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Where policies are kept and there is none, nothing would be demanded.
func TestPolicyFilesThatHoldNone(t *testing.T) {
	const policy = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n"
	const kyverno = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n"
	const named = "apiVersion: plumb.dev/v1\nkind: Config\npolicies: "
	type files map[string]string
	for name, test := range map[string]struct {
		files files
		links files // name to target
		want  []string
		err   string
	}{
		"another extension":              {files{"policies/p.txt": policy}, nil, nil, "policies/p.txt: it looks like a policy"},
		"no extension":                   {files{"policies/p": "{\"apiVersion\": \"policy.sigstore.dev/v1beta1\"}", "policies/q.yaml": policy}, nil, nil, "policies/p: it looks like a policy"},
		"capitals":                       {files{"policies/p.YAML": policy, "policies/q.Json": policy}, nil, []string{"policies/p.YAML", "policies/q.Json"}, ""},
		"documentation":                  {files{"policies/README.md": policy, "policies/key.pub": "PEM"}, nil, nil, ""},
		"nothing but comments":           {files{"policies/p.yaml": "# " + policy[:10] + "\n---\n"}, nil, nil, "policies/p.yaml: it holds no policy"},
		"comments beside a policy":       {files{"policies/p.yaml": "# x\n", "policies/q.yaml": policy}, nil, []string{"policies/q.yaml"}, ""},
		"comments beside other policies": {files{"policies/p.yaml": "# x\n", "policies/q.yaml": kyverno}, nil, nil, ""},
		"other tools' policies":          {files{"policies/q.yaml": kyverno}, nil, nil, ""},
		"another encoding":               {files{"policies/p.yaml": "\xff\xfea\x00p\x00"}, nil, []string{"policies/p.yaml"}, ""},
		"named, and comments":            {files{"plumb.yaml": named + "[p/*.yaml]\n", "p/p.yaml": "# x\n", "p/q.yaml": policy}, nil, nil, "p/p.yaml: it holds no policy"},
		"a folder by name":               {files{"plumb.yaml": named + "[p]\n", "p/q.yaml": policy}, nil, nil, "plumb.yaml: policies: p matches no file"},

		"a symlink to a folder":          {files{"shared/p.yaml": policy, "shared/q.txt": "x"}, files{"policies": "shared"}, []string{"shared/p.yaml"}, ""},
		"a symlink in the folder":        {files{"shared/p.txt": policy, "policies/q.yaml": policy}, files{"policies/p.yaml": "../shared/p.txt"}, []string{"policies/q.yaml", "shared/p.txt"}, ""},
		"a symlink to a policy there":    {files{"policies/q.yaml": policy}, files{"policies/p.yaml": "q.yaml"}, []string{"policies/q.yaml"}, ""},
		"a named symlink to a folder":    {files{"plumb.yaml": named + "[p/*.yaml]\n", "shared/p.yaml": policy}, files{"p": "shared"}, []string{"shared/p.yaml"}, ""},
		"a symlink out of the tree":      {nil, files{"policies": "../outside"}, nil, "policies: a symlink to ../outside, which is not in the tree"},
		"an absolute symlink":            {nil, files{"policies": "/etc/policies"}, nil, "policies: a symlink to /etc/policies, which is not in the tree"},
		"a symlink to what is not there": {nil, files{"policies": "gone"}, nil, "policies: a symlink to gone, which is not in the tree"},
		"a policy's symlink to nothing":  {files{"policies/q.yaml": policy}, files{"policies/p.yaml": "gone.yaml"}, nil, "policies/p.yaml: a symlink to policies/gone.yaml, which is not in the tree"},
		"a symlinked folder of some":     {files{"policies/q.yaml": policy}, files{"policies/more": "/etc"}, nil, "policies/more: a symlink to /etc, which is not in the tree"},
		"symlinks of something else":     {files{"policies/q.yaml": policy}, files{"policies/LICENSE.md": "/etc/x", "bin/x.sh": "/etc/x", "docs": "/etc"}, []string{"policies/q.yaml"}, ""},
		"symlinks that no glob leads to": {files{"plumb.yaml": named + "['*.policy.yaml']\n", "a.policy.yaml": policy}, files{"docs": "/etc"}, []string{"a.policy.yaml"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.files)
			for name, target := range test.links {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			git(t, dir, "add", "-A")
			git(t, dir, "commit", "-q", "--allow-empty", "-m", "x")
			s, err := lockroot.OpenCommit(t.Context(), dir, "HEAD")
			if err != nil {
				t.Fatal(err)
			}
			for way, open := range map[string]lockroot.Opener{"work tree": lockroot.OpenWorkTree, "commit": s.Open} {
				l := lockroot.Loader{Open: open, Base: dir}
				r, err := l.LoadOne(t.Context(), lockroot.Request{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				found, err := r.PolicyFiles(t.Context())
				var invalid *lockroot.InvalidError
				if test.err != "" && (!errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), test.err)) || test.err == "" && err != nil {
					t.Errorf("%s: error %v, want %q", way, err, test.err)
				}
				var got []string
				for _, f := range found {
					got = append(got, f.File)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

func TestSnapshot(t *testing.T) {
	dir := folder(t, map[string]string{"plumb.lock": aLock, "a.yaml": pod("a:1")})
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "a")
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(pod("a:2")), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := lockroot.OpenCommit(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	requests, err := s.Find(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &lockroot.Loader{Open: s.Open, Base: dir}
	roots, err := l.Load(t.Context(), requests)
	if err != nil || len(roots) != 1 {
		t.Fatalf("lock roots %v, %v", roots, err)
	}
	if got := references(roots[0]); !slices.Equal(got, []string{"a.yaml:4 a:1"}) {
		t.Errorf("the commit refers to %v", got)
	}
	if lock, err := s.Lock(t.Context(), dir, dir); err != nil || len(lock.Entries) != 1 {
		t.Errorf("the commit's lock is %v, %v", lock, err)
	}
	var invalid *lockroot.InvalidError
	for name, err := range map[string]error{
		"no such commit": second(lockroot.OpenCommit(t.Context(), dir, "nowhere")),
		"no repository":  second(lockroot.OpenCommit(t.Context(), t.TempDir(), "HEAD")),
		"no such path":   second(s.Find(t.Context(), dir, []string{"b.yaml"})),
		"a path outside": second(s.Find(t.Context(), dir, []string{filepath.Dir(dir)})),
	} {
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// What stands against one file is told before any is changed.
func TestWriterWritesAllOrNothing(t *testing.T) {
	dir := folder(t, map[string]string{"a.yaml": pod("a:1"), "b.yaml": pod("b:1")})
	w := &lockroot.Writer{Wait: func(string) {}}
	defer w.Close()
	work, err := w.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := lockroot.Read(t.Context(), dir, work, dir)
	if err != nil {
		t.Fatal(err)
	}
	edit := lockroot.Edit{Root: r, Writes: writes(
		"a.yaml", pod("a:1"), pod("a:2"),
		"b.yaml", "something else", pod("b:2"),
	)}
	err = w.WriteAll(t.Context(), []lockroot.Edit{edit})
	if err == nil || !strings.Contains(err.Error(), "writing b.yaml: ") || !strings.Contains(err.Error(), "no file was changed") {
		t.Fatalf("error %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "a.yaml")); string(text) != pod("a:1") {
		t.Errorf("a.yaml was changed: %s", text)
	}
	edit.Writes = writes("a.yaml", pod("a:1"), pod("a:2"), "b.yaml", pod("b:1"), pod("b:2"))
	if err := w.WriteAll(t.Context(), []lockroot.Edit{edit}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "b.yaml")); string(text) != pod("b:2") {
		t.Errorf("b.yaml was not changed: %s", text)
	}
}

// writes are those of files, each with its old and its new text.
func writes(files ...string) []tree.Write {
	var out []tree.Write
	for f := range slices.Chunk(files, 3) {
		out = append(out, tree.Write{Path: f[0], Old: []byte(f[1]), New: []byte(f[2])})
	}
	return out
}
