package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

// TestEndToEnd runs the built command against real registries as people run it.
func TestEndToEnd(t *testing.T) {
	plumb := buildPlumb(t)
	for _, kind := range registryKinds {
		t.Run(kind.name, func(t *testing.T) { endToEnd(t, plumb, startRealRegistry(t, kind)) })
	}
}

// endToEnd runs plumb against one registry, which the last part ends.
func endToEnd(t *testing.T, plumb string, r *realRegistry) {
	web, agent := pushIndex(t, r, "team/web", "1.4"), pushImage(t, r, "agent", "2")
	right, wrong := login(t, r.host, registryPassword), login(t, r.host, "wrong")

	t.Run("the system's authorities", func(t *testing.T) {
		c := newCluster(t, plumb, r.host)
		c.env = append(c.env, "DOCKER_CONFIG="+right, "SSL_CERT_FILE="+r.caFile)
		c.locksTo(t, web, agent)
	})
	t.Run("an authority in plumb.yaml", func(t *testing.T) {
		c := newCluster(t, plumb, r.host)
		c.env = append(c.env, "DOCKER_CONFIG="+right)
		c.trust(t, r.caFile)
		c.locksTo(t, web, agent)
	})
	t.Run("an authority that nobody knows", func(t *testing.T) {
		c := newCluster(t, plumb, r.host)
		c.env = append(c.env, "DOCKER_CONFIG="+right)
		c.refuses(t, r.host+"/team/web:1.4", "apps/web.yaml:6", "certificate")
	})
	t.Run("a wrong password", func(t *testing.T) {
		c := newCluster(t, plumb, r.host)
		c.env = append(c.env, "DOCKER_CONFIG="+wrong)
		c.trust(t, r.caFile)
		c.refuses(t, r.host+"/team/web:1.4", "apps/web.yaml:6", "401", "docker login "+r.host)
	})
	t.Run("a registry that is gone", func(t *testing.T) {
		c := newCluster(t, plumb, r.host)
		c.env = append(c.env, "DOCKER_CONFIG="+right)
		c.trust(t, r.caFile)
		c.locksTo(t, web, agent)
		r.stop(t)

		before := c.files(t)
		c.exits(t, 0, "lock")
		c.exits(t, 0, "verify")
		if diff := cmp.Diff(before, c.files(t)); diff != "" {
			t.Errorf("lock with nothing to do has changed files (-before +after):\n%s", diff)
		}
		writeFile(t, filepath.Join(c.dir, "apps", "new.yaml"), pod("new", r.host+"/team/web:1.5"))
		c.refuses(t, r.host+"/team/web:1.5", "apps/new.yaml:6")
	})
}

// buildPlumb builds the command and returns its path.
func buildPlumb(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plumb")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("building plumb: %v\n%s", err, out)
	}
	return path
}

// cluster is a repository that refers to an index twice and to an image once.
type cluster struct {
	plumb, dir, host string
	env              []string
}

func newCluster(t *testing.T, plumb, host string) *cluster {
	t.Helper()
	home := t.TempDir()
	c := &cluster{plumb: plumb, dir: t.TempDir(), host: host}
	c.env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home,
		"XDG_RUNTIME_DIR="+home, "DOCKER_AUTH_CONFIG=", "REGISTRY_AUTH_FILE=",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	writeFile(t, filepath.Join(c.dir, "apps", "web.yaml"), pod("web", host+"/team/web:1.4"))
	writeFile(t, filepath.Join(c.dir, "apps", "again.yaml"), pod("again", host+"/team/web:1.4"))
	writeFile(t, filepath.Join(c.dir, "agent.yaml"), pod("agent", host+"/agent:2"))
	git := exec.Command("git", "init", "-q")
	git.Dir, git.Env = c.dir, c.env
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	return c
}

func pod(name, image string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n  containers:\n    - image: " + image + "\n      name: main\n"
}

// trust makes plumb.yaml name the file of an authority.
func (c *cluster) trust(t *testing.T, caFile string) {
	t.Helper()
	writeFile(t, filepath.Join(c.dir, "plumb.yaml"),
		fmt.Sprintf("apiVersion: plumb.dev/v1\nkind: Config\nregistries:\n  %q:\n    caFile: %q\n", c.host, caFile))
}

// exits runs plumb, which must end with a status, and returns what it printed.
func (c *cluster) exits(t *testing.T, want int, args ...string) string {
	t.Helper()
	cmd := exec.Command(c.plumb, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := cmd.CombinedOutput()
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if status != want {
		t.Fatalf("plumb %s: exit status %d, want %d\n%s", strings.Join(args, " "), status, want, out)
	}
	return string(out)
}

// locksTo locks the repository, and checks that manifests and lock hold what
// was pushed and nothing else has changed.
func (c *cluster) locksTo(t *testing.T, web, agent lockfile.Entry) {
	t.Helper()
	want := c.files(t)
	for _, e := range []lockfile.Entry{web, agent} {
		for file, text := range want {
			want[file] = strings.ReplaceAll(text, e.Name, e.Name+"@"+e.Digest)
		}
	}
	c.exits(t, 1, "verify")
	c.exits(t, 0, "lock")
	c.exits(t, 0, "verify")

	got := c.files(t)
	lock, err := lockfile.Parse("plumb.lock", []byte(got["plumb.lock"]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]lockfile.Entry{agent, web}, lock.Entries); diff != "" {
		t.Errorf("plumb.lock differs from what was pushed (-pushed +locked):\n%s", diff)
	}
	delete(got, "plumb.lock")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the files differ from what was wanted (-want +got):\n%s", diff)
	}
}

// refuses locks the repository, which must fail with each of words and change
// nothing.
func (c *cluster) refuses(t *testing.T, words ...string) {
	t.Helper()
	before := c.files(t)
	out := c.exits(t, 3, "lock")
	for _, word := range words {
		if !strings.Contains(out, word) {
			t.Errorf("plumb lock does not say %q, but\n%s", word, out)
		}
	}
	if diff := cmp.Diff(before, c.files(t)); diff != "" {
		t.Errorf("plumb lock has failed, but changed files (-before +after):\n%s", diff)
	}
}

// files returns the repository's files by path, without those of git.
func (c *cluster) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := os.DirFS(c.dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		data, err := fs.ReadFile(root, path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
