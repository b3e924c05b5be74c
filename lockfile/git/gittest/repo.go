// Package gittest makes git repositories with the real git, and serves them over
// HTTPS, SSH and git's own protocol. It is for tests.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Repo is a repository with a work tree, made for a test.
type Repo struct {
	// Dir is the work tree.
	Dir string

	t   testing.TB
	env []string
	now int64 // of the next commit
}

// New creates an empty repository whose branch is main. It skips the test where there is no
// git.
func New(t testing.TB) *Repo {
	t.Helper()
	Need(t, "git")
	home := t.TempDir()
	r := &Repo{Dir: filepath.Join(t.TempDir(), "cluster.git"), t: t, now: 1_790_000_000}
	r.env = append(os.Environ(), "HOME="+home, "GNUPGHOME="+home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada",
		"GIT_COMMITTER_EMAIL=ada@example.org")
	if err := os.Mkdir(r.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.Git("init", "-q", "-b", "main")
	r.Git("config", "gc.auto", "0")
	return r
}

// Need skips a test where a program is missing.
func Need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	return path
}

// Git runs git in the repository and returns what it prints.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return r.Run("git", args...)
}

// Run runs a program in the repository, with git's environment.
func (r *Repo) Run(program string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = r.Dir
	date := fmt.Sprintf("%d +0000", r.now)
	cmd.Env = append(r.env, "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// Write writes a file of the work tree.
func (r *Repo) Write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// Commit commits all of the work tree, a minute after the commit before, and returns
// the commit's id. options are git commit's.
func (r *Repo) Commit(message string, options ...string) string {
	r.t.Helper()
	r.now += 60
	r.Git("add", "-A")
	r.Git(append([]string{"commit", "-q", "--allow-empty", "-m", message}, options...)...)
	return r.Git("rev-parse", "HEAD")
}
