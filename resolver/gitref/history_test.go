package gitref_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/resolver/gitref"
)

// contains is Containing's ref, by a new client that keeps what it fetches in dir.
func contains(t *testing.T, dir, url, commit string) string {
	t.Helper()
	ref, ok, err := newClient(t, gitref.Options{Dir: dir}).Containing(t.Context(), url, commit)
	if err != nil || ok != (ref.Name != "") {
		t.Errorf("%s: %v, %v, %v", commit, ref, ok, err)
	}
	return ref.Name
}

// TestMoved has a branch that is force-pushed and a tag that is deleted, between clients that
// share a folder. What only an old ref had is no longer reachable.
func TestMoved(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	base := r.Commit("base")
	old := r.Commit("old")
	r.Commit("old tip")
	r.Git("checkout", "-q", "--detach", base)
	tagged := r.Commit("tagged")
	r.Commit("tag tip")
	r.Git("tag", "v1")
	r.Git("checkout", "-q", "main")
	url, dir := r.ServeDaemon(), t.TempDir()
	for commit, want := range map[string]string{base: "refs/heads/main", old: "refs/heads/main",
		tagged: "refs/tags/v1"} {
		if got := contains(t, dir, url, commit); got != want {
			t.Errorf("%s is on %q, want %q", commit, got, want)
		}
	}
	r.Git("reset", "-q", "--hard", base)
	r.Commit("new")
	r.Commit("new tip")
	r.Git("tag", "-d", "v1")
	for commit, want := range map[string]string{base: "refs/heads/main", old: "", tagged: ""} {
		if got := contains(t, dir, url, commit); got != want {
			t.Errorf("%s is on %q, want %q", commit, got, want)
		}
	}
}

// TestSharedFolder has clients that fetch into one folder at once.
func TestSharedFolder(t *testing.T) {
	t.Parallel()
	r, first, _ := history(t)
	url, dir := r.ServeDaemon(), t.TempDir()
	var wg sync.WaitGroup
	for i := range 4 {
		c := newClient(t, gitref.Options{Dir: dir})
		wg.Go(func() {
			if ref, ok, err := c.Containing(t.Context(), url, first); err != nil || !ok {
				t.Errorf("%v, %v, %v", ref, ok, err)
			}
			if ref, ok, err := c.Containing(t.Context(), url, a40); err != nil || ok {
				t.Errorf("%v, %v, %v", ref, ok, err)
			}
			if i%2 == 0 {
				if data, err := c.Object(t.Context(), url, first); err != nil || len(data) == 0 {
					t.Errorf("%q, %v", data, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestRedact has URLs, and how errors name them.
func TestRedact(t *testing.T) {
	t.Parallel()
	c := newClient(t, gitref.Options{})
	c.WithoutGit()
	for url, want := range map[string]string{
		"ssh://git@host/a":       " ssh://git@host/a:",
		"ssh://git:hush@host/a":  " ssh://host/a:",
		"git@host:a":             " git@host:a:",
		"ftp://hush@host/a":      " ftp://host/a:",
		"ftp://a:hush@host/a?b#": " ftp://host/a:",
	} {
		if _, err := c.Refs(t.Context(), url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestTipNeedsNoFetch looks at the folder of a client.
func TestTipNeedsNoFetch(t *testing.T) {
	t.Parallel()
	r, first, tip := history(t)
	r.Git("tag", "-a", "-m", "one", "v1", first)
	url, dir := r.ServeDaemon(), t.TempDir()
	c := newClient(t, gitref.Options{Dir: dir})
	for commit, want := range map[string]string{tip: "refs/heads/main", first: "refs/tags/v1"} {
		ref, ok, err := c.Containing(t.Context(), url, commit)
		if err != nil || !ok || ref.Name != want {
			t.Errorf("%v, %v, %v, want %s", ref, ok, err, want)
		}
	}
	if n, ok, err := c.Count(t.Context(), url, first, tip); n != 0 || ok || err != nil {
		t.Errorf("%d, %v, %v: nothing was fetched", n, ok, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("fetched %v, %v", files, err)
	}
	if on, err := c.OnBranch(t.Context(), url, first); err != nil || !on {
		t.Errorf("on a branch: %v, %v", on, err)
	}
	if n, ok, err := c.Count(t.Context(), url, first, tip); n != 2 || !ok || err != nil {
		t.Errorf("%d, %v, %v, want 2", n, ok, err)
	}
	if n, ok, err := c.Count(t.Context(), url, a40, tip); ok || err != nil {
		t.Errorf("%d, %v, %v: there is no such commit", n, ok, err)
	}
}

// TestTreeless looks for a file's content in what is fetched, and for the URL's secret.
func TestTreeless(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{"true", "false"} {
		r := gittest.New(t)
		r.Git("config", "uploadpack.allowFilter", filter)
		r.Write("big", strings.Repeat("0123456789abcdef", 10))
		first := r.Commit("first")
		blob := r.Git("rev-parse", "HEAD:big")
		r.Write("odd", "odd")
		r.Commit("second")
		r.Git("tag", "file", "HEAD:odd") // which names a file, no commit
		s := r.ServeHTTPS()
		url := strings.Replace(s.URL, "://", "://"+gittest.User+":correct%20horse@", 1)
		dir := t.TempDir()
		c := newClient(t, gitref.Options{Dir: dir, Env: trusting(t, s, "")})
		if ref, ok, err := c.Containing(t.Context(), url, first); err != nil || !ok {
			t.Errorf("%v, %v, %v", ref, ok, err)
		}
		stores, err := filepath.Glob(filepath.Join(dir, "*.history"))
		if err != nil || len(stores) != 1 {
			t.Fatalf("%v, %v", stores, err)
		}
		have := r.Run("git", "--git-dir="+stores[0], "cat-file", "--batch-check", "--batch-all-objects")
		if strings.Contains(have, blob) == (filter == "true") || !strings.Contains(have, first) {
			t.Errorf("filter %s: fetched %s", filter, have)
		}
		err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte("horse")) || bytes.Contains(data, []byte("promisor = true")) {
				t.Errorf("%s: %s", path, data)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestTagOfTag has a commit that only a tag of a tag has.
func TestTagOfTag(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Commit("first")
	r.Git("checkout", "-q", "--detach")
	inside := r.Commit("inside")
	tip := r.Commit("tip")
	r.Git("tag", "-a", "-m", "inner", "inner")
	r.Git("tag", "-a", "-m", "outer", "outer", "inner")
	r.Git("tag", "-d", "inner")
	r.Git("checkout", "-q", "main")
	c := newClient(t, gitref.Options{})
	want := gitref.Ref{Name: "refs/tags/outer", Commit: tip, Tag: r.Git("rev-parse", "outer")}
	ref, ok, err := c.Containing(t.Context(), r.ServeDaemon(), inside)
	if err != nil || !ok || ref != want {
		t.Errorf("%v, %v, %v, want %v", ref, ok, err, want)
	}
}

// TestTooLarge has more history than is fetched, and then enough room.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	noise := make([]byte, 300<<10)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	r.Write("noise", string(noise))
	first := r.Commit("first")
	r.Commit("second")
	url, dir := r.ServeDaemon(), t.TempDir()
	c := newClient(t, gitref.Options{Dir: dir, MaxFetch: 100 << 10})
	if _, ok, err := c.Containing(t.Context(), url, first); ok || kindOf(t, err) != gitref.TooLarge {
		t.Errorf("%v, %v", ok, err)
	}
	if got := contains(t, dir, url, first); got != "refs/heads/main" {
		t.Errorf("on %q", got)
	}
}

// TestShallowServer has a server whose history is cut off: what is not there may be reachable.
func TestShallowServer(t *testing.T) {
	t.Parallel()
	r, first, _ := history(t)
	clone := gittest.New(t)
	clone.Git("fetch", "-q", "--depth=2", "file://"+r.Dir, "main")
	clone.Git("reset", "-q", "--hard", "FETCH_HEAD")
	c := newClient(t, gitref.Options{})
	_, ok, err := c.Containing(t.Context(), clone.ServeDaemon(), first)
	if ok || kindOf(t, err) != gitref.Unsupported {
		t.Errorf("%v, %v", ok, err)
	}
}

// TestBrokenStore has folders that an earlier process left in disorder.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"packed-refs.lock", "shallow.lock", "refs/heads/main.lock", "refs/heads/main",
		"HEAD", "config", "plumb.complete"} {
		r, first, _ := history(t)
		url, dir := r.ServeDaemon(), t.TempDir()
		contains(t, dir, url, first)
		r.Git("branch", "more")
		r.Commit("next")
		stores, err := filepath.Glob(filepath.Join(dir, "*.history"))
		if err != nil || len(stores) != 1 {
			t.Fatalf("%v, %v", stores, err)
		}
		if err := os.WriteFile(filepath.Join(stores[0], file), []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := contains(t, dir, url, first); got != "refs/heads/main" {
			t.Errorf("%s: on %q", file, got)
		}
	}
}

// TestSHA256 has a repository with ids of 64 digits.
func TestSHA256(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	if err := os.RemoveAll(filepath.Join(r.Dir, ".git")); err != nil {
		t.Fatal(err)
	}
	r.Git("init", "-q", "-b", "main", "--object-format=sha256")
	first := r.Commit("first")
	tip := r.Commit("second")
	r.Git("tag", "-a", "-m", "one", "v1")
	c := newClient(t, gitref.Options{})
	url := r.ServeDaemon()
	refs, err := c.Refs(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if head, ok := refs.Head(); !ok || head.Commit != tip || len(tip) != 64 {
		t.Errorf("HEAD is %v", head)
	}
	if ref, ok, err := c.Containing(t.Context(), url, first); err != nil || !ok || ref.Name != "refs/heads/main" {
		t.Errorf("%v, %v, %v", ref, ok, err)
	}
	if _, ok, err := c.Containing(t.Context(), url, a40); err != nil || ok {
		t.Errorf("%v, %v", ok, err)
	}
	for _, id := range []string{tip, r.Git("rev-parse", "v1")} {
		if data, err := c.Object(t.Context(), url, id); err != nil || string(data) != r.Git("cat-file", "-p", id)+"\n" {
			t.Errorf("%q, %v", data, err)
		}
	}
}

// TestHead has a detached HEAD, one of a branch without commits, and an empty repository.
func TestHead(t *testing.T) {
	t.Parallel()
	r, first, _ := history(t)
	r.Git("checkout", "-q", "--detach", first)
	refs, err := newClient(t, gitref.Options{}).Refs(t.Context(), r.ServeDaemon())
	if err != nil {
		t.Fatal(err)
	}
	if ref, ok := refs.Head(); ok {
		t.Errorf("HEAD names %v", ref)
	}
	if ref, ok := refs.Find("HEAD"); !ok || ref.Commit != first {
		t.Errorf("HEAD is %v, %v", ref, ok)
	}
	r.Git("symbolic-ref", "HEAD", "refs/heads/none")
	if refs, err = newClient(t, gitref.Options{}).Refs(t.Context(), r.ServeDaemon()); err != nil {
		t.Fatal(err)
	}
	if ref, ok := refs.Head(); ok {
		t.Errorf("HEAD names %v", ref)
	}
	_, err = newClient(t, gitref.Options{}).Refs(t.Context(), gittest.New(t).ServeDaemon())
	if kindOf(t, err) != gitref.NotFound {
		t.Errorf("an empty repository: %v", err)
	}
}

// TestObject has ids that are not those of a commit or a tag.
func TestObject(t *testing.T) {
	t.Parallel()
	r, first, tip := history(t)
	r.Write("x", "y")
	r.Commit("fourth")
	r.Git("config", "uploadpack.allowAnySHA1InWant", "true")
	url := r.ServeDaemon()
	c := newClient(t, gitref.Options{})
	for id, want := range map[string]gitref.Kind{
		a40:                          gitref.NotFound,
		r.Git("rev-parse", "HEAD:x"): gitref.Refused,
		"main":                       gitref.Refused,
		tip[:12]:                     gitref.Refused,
	} {
		if data, err := c.Object(t.Context(), url, id); kindOf(t, err) != want {
			t.Errorf("%s: %q, %v", id, data, err)
		}
	}
	if _, err := c.Object(t.Context(), url, first); err != nil {
		t.Error(err)
	}
	// What was fetched alone does not cut the history off.
	if _, ok, err := c.Containing(t.Context(), url, first); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
}

// TestRefused has URLs that are not handed to git.
func TestRefused(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "mark")
	c := newClient(t, gitref.Options{})
	for _, url := range []string{"", "--upload-pack=touch " + mark, "-x", "ext::touch " + mark, "fd::17",
		"ext::sh -c touch% " + mark, "ftp://example.com/x", "https://", "https:///x", "https://-x/y",
		"ssh://-oProxyCommand=touch/x", "-oProxyCommand=x:y", "git@-oProxyCommand=x:y", "/srv/x", "x",
		"https://example.com/a b", "https://example.com/a\nb", "https://joe:hush@%zz/x",
		"persistent-https://x/y"} {
		_, err := c.Refs(t.Context(), url)
		if kindOf(t, err) != gitref.Refused || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", url, err)
		}
		if _, err := c.Object(t.Context(), url, a40); kindOf(t, err) != gitref.Refused {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program was run: %v", err)
	}
	r, _, _ := history(t)
	url := "file://" + r.Dir
	if _, err := c.Refs(t.Context(), url); err != nil {
		t.Error(err)
	}
	narrow := newClient(t, gitref.Options{Env: []string{"GIT_ALLOW_PROTOCOL=https:ext"}})
	if _, err := narrow.Refs(t.Context(), url); kindOf(t, err) != gitref.Refused {
		t.Errorf("%v", err)
	}
	rewritten := newClient(t, gitref.Options{Env: userConfig(t,
		"[url \"ext::touch "+mark+" \"]\n\tinsteadOf = https://git.example/\n")})
	if _, err := rewritten.Refs(t.Context(), "https://git.example/a"); kindOf(t, err) != gitref.Refused {
		t.Errorf("%v", err)
	}
}

// TestWithoutGit lists refs where there is no git program, as git lists them.
func TestWithoutGit(t *testing.T) {
	t.Parallel()
	r, first, _ := history(t)
	r.Git("tag", "-a", "-m", "one", "v1", first)
	url := r.ServeDaemon()
	want, err := newClient(t, gitref.Options{}).Refs(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, gitref.Options{})
	c.WithoutGit()
	got, err := c.Refs(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	a, b := got.All(), want.All()
	head, _ := got.Head()
	if len(a) != len(b) || head.Name != "refs/heads/main" {
		t.Fatalf("%v, want %v", a, b)
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("%v, want %v", a[i], b[i])
		}
	}
	if _, ok, err := c.Containing(t.Context(), url, first); err != nil || !ok {
		t.Errorf("the tip of a tag: %v, %v", ok, err)
	}
	if on, err := c.OnBranch(t.Context(), url, first); on || kindOf(t, err) != gitref.Unsupported {
		t.Errorf("%v, %v", on, err)
	}
	if _, err := c.Object(t.Context(), url, first); kindOf(t, err) != gitref.Unsupported {
		t.Errorf("%v", err)
	}
	for url, want := range map[string]gitref.Kind{
		"ssh://git@127.0.0.1/x": gitref.Unsupported, "git://127.0.0.1:1/x": gitref.Unreachable,
	} {
		if _, err := c.Refs(t.Context(), url); kindOf(t, err) != want {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := r.ServeHTTPS()
	if _, err := c.Refs(t.Context(), s.URL); err == nil {
		t.Error("a certificate is accepted that is not trusted")
	}
}
