package main_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestPreCommitFramework commits where the pre-commit framework has plumb's hooks
// from a git remote, as people have them.
func TestPreCommitFramework(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pre-commit"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skipf("%v: on Debian, apt-get install pre-commit", err)
	}
	source := newCISource(t)
	remote := serveGit(t, source.repository)
	for _, id := range []string{"plumb-verify", "plumb-verify-system"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c := newCICheckout(t, true)
			c.env = append(c.env, "PRE_COMMIT_HOME="+t.TempDir(), "PRE_COMMIT_COLOR=never",
				"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@test.example",
				"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@test.example")
			if id == "plumb-verify-system" {
				path := []string{filepath.Dir(buildPlumb(t)), os.Getenv("PATH")}
				c.env = append(c.env, "PATH="+strings.Join(path, string(os.PathListSeparator)))
			}
			config := ciSource{remote, source.commit}.text(t, "pre-commit")
			config = strings.Replace(config, "id: plumb-verify\n", "id: "+id+"\n", 1)
			writeFile(t, filepath.Join(c.dir, ".pre-commit-config.yaml"), config)
			c.commits(t)
		})
	}
}

// commits installs the framework's hook and commits: what is good goes through,
// and nothing else does.
func (c ciCheckout) commits(t *testing.T) {
	t.Helper()
	c.does(t, 0, "pre-commit", "install")
	c.does(t, 0, "git", "add", ".pre-commit-config.yaml")
	c.does(t, 0, "git", "commit", "--message", "good")

	writeFile(t, filepath.Join(c.dir, "apps", "c.yaml"), pod("c", "nginx:1.28"))
	c.does(t, 0, "git", "add", ".")
	const finding = "apps/c.yaml:6:14: image \"nginx:1.28\" is not pinned [unpinned]\n" +
		"    to pin it: plumb lock apps/c.yaml\n"
	if out := c.does(t, 1, "git", "commit", "--message", "bad"); !strings.Contains(out, finding) {
		t.Errorf("the finding\n%sis not in\n%s", finding, out)
	}

	// Of the files that are staged, one alone is committed.
	writeFile(t, filepath.Join(c.dir, "apps", "d.yaml"), pod("d", "nginx:1.27@"+ciDigest))
	c.does(t, 0, "git", "add", ".")
	c.does(t, 0, "git", "commit", "--message", "the good part", "apps/d.yaml")
	out := c.does(t, 1, "git", "commit", "--message", "the bad part", "apps/c.yaml")
	if !strings.Contains(out, finding) {
		t.Errorf("the finding\n%sis not in\n%s", finding, out)
	}

	// What is on disk alone does not matter.
	c.does(t, 0, "git", "rm", "--quiet", "--cached", "apps/c.yaml")
	writeFile(t, filepath.Join(c.dir, "apps", "d.yaml"), pod("e", "nginx:1.27@"+ciDigest))
	c.does(t, 0, "git", "commit", "--message", "good", "apps/d.yaml")

	c.does(t, 0, "git", "rm", "--quiet", "plumb.lock")
	out = c.does(t, 1, "git", "commit", "--message", "without a lock")
	if !strings.Contains(out, "[unlocked]") {
		t.Errorf("no finding says that the lock is gone:\n%s", out)
	}
	log := c.does(t, 0, "git", "log", "--format=%s")
	if log != "good\nthe good part\ngood\ntwo\none\n" {
		t.Errorf("the commits are\n%s", log)
	}
}

// does runs a command, which must end with a status, and returns what it prints.
func (c ciCheckout) does(t *testing.T, status int, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("%s %s: exit status %d, want %d\n%s", name, strings.Join(args, " "), got, status, out)
	}
	return string(out)
}

// serveGit is the git:// address of a bare clone of repository, which git daemon
// serves as long as the test runs.
func serveGit(t *testing.T, repository string) string {
	t.Helper()
	base := t.TempDir()
	git(t, base, "clone", "--quiet", "--bare", repository, "plumb.git")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close() // it has nothing left to write
		served.Wait()
	})
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			served.Go(func() {
				defer func() { _ = conn.Close() }() // the client would say what it lacks
				daemon := exec.Command("git", "daemon", "--inetd", "--export-all", "--base-path="+base)
				daemon.Stdin, daemon.Stdout, daemon.Stderr = conn, conn, os.Stderr
				if err := daemon.Run(); err != nil {
					t.Errorf("git daemon: %v", err)
				}
			})
		}
	})
	return "git://" + listener.Addr().String() + "/plumb.git"
}
