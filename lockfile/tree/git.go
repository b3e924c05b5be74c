package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// GitError is a git command that ended in error.
type GitError struct {
	Args []string // without the word git
	Dir  string   // where it ran
	Said string   // what git wrote to standard error, trimmed
	Err  error
}

// Error quotes git's message, which names the command that fixes it where git knows one.
func (e *GitError) Error() string {
	said := e.Said
	if said == "" {
		said = e.Err.Error()
	}
	return fmt.Sprintf("git %s in %s: %s", e.Args[0], e.Dir, said)
}

// Unwrap returns the error of running the command.
func (e *GitError) Unwrap() error { return e.Err }

// NoRepository reports whether the command failed because no git repository
// holds the directory.
func (e *GitError) NoRepository() bool {
	return strings.Contains(e.Said, "not a git repository (or any")
}

// noGit reports whether err says that there is no git repository, or no git program.
func noGit(err error) bool {
	var failed *GitError
	if errors.As(err, &failed) && failed.NoRepository() {
		return true
	}
	return errors.Is(err, exec.ErrNotFound)
}

// git is how git is run in one directory.
type git struct {
	dir string
	env []string
}

// localVariables are the environment variables by which git hands a repository
// to its hooks. They mislead where the directory in question is in another one.
var localVariables = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE",
	"GIT_INTERNAL_SUPER_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_NAMESPACE",
}

// openGit returns git for dir. A GIT_DIR in the environment, as hooks find it,
// is meant relative to the working directory of this process and for the work
// tree around that; it holds for dir if dir lies in that work tree, and is
// dropped otherwise.
func openGit(ctx context.Context, dir string) (git, error) {
	env := append(os.Environ(),
		"LC_ALL=C",
		"GIT_OPTIONAL_LOCKS=0",    // reading must not rewrite the index
		"GIT_NO_LAZY_FETCH=1",     // nor open a connection for objects that a partial clone lacks
		"GIT_LITERAL_PATHSPECS=1", // a path is a path, whatever characters it holds
		"GIT_TERMINAL_PROMPT=0",
	)
	if os.Getenv("GIT_DIR") == "" {
		return git{dir: dir, env: env}, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return git{}, err
	}
	outer := git{dir: here, env: env}
	gitDir, err := outer.line(ctx, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return git{}, err
	}
	top, err := outer.line(ctx, "rev-parse", "--show-toplevel")
	switch {
	case err != nil: // a bare repository
		return git{dir: dir, env: append(env, "GIT_DIR="+gitDir)}, nil
	case within(top, dir):
		return git{dir: dir, env: append(env, "GIT_DIR="+gitDir, "GIT_WORK_TREE="+top)}, nil
	default:
		return git{dir: dir, env: without(env, localVariables)}, nil
	}
}

// within reports whether dir is top or lies below it, symlinks resolved.
func within(top, dir string) bool {
	rel, err := filepath.Rel(resolved(top), resolved(dir))
	return err == nil && filepath.IsLocal(rel)
}

// resolved returns path without symlinks, or path where that cannot be told.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// without returns env less the variables of the given names.
func without(env, names []string) []string {
	var kept []string
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		if !slices.Contains(names, name) {
			kept = append(kept, variable)
		}
	}
	return kept
}

// command returns the git command, not yet started, which ctx's end kills, and
// the buffer that takes its standard error.
func (g git) command(ctx context.Context, args ...string) (*exec.Cmd, *bytes.Buffer) {
	// A file system monitor is a program that the repository's own configuration
	// names; reading a tree runs no such thing.
	args = append([]string{"-c", "core.fsmonitor=false"}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.dir
	cmd.Env = g.env
	cmd.WaitDelay = time.Second
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	return cmd, stderr
}

// failed returns err, of the git command of the given arguments, as a *GitError.
func (g git) failed(ctx context.Context, err error, said string, args []string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &GitError{Args: args, Dir: g.dir, Said: strings.TrimSpace(said), Err: err}
}

// output runs git and returns what it prints.
func (g git) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd, stderr := g.command(ctx, args...)
	ended := trace.Command(ctx, "git", args...)
	out, err := cmd.Output()
	ended(err)
	if err != nil {
		return nil, g.failed(ctx, err, stderr.String(), args)
	}
	return out, nil
}

// line runs git and returns the one line that it prints.
func (g git) line(ctx context.Context, args ...string) (string, error) {
	out, err := g.output(ctx, args...)
	return strings.TrimSuffix(strings.TrimSuffix(string(out), "\n"), "\r"), err
}

// running is a git command that has been started.
type running struct {
	git    git
	args   []string
	cancel context.CancelFunc
	ended  func(error)
	cmd    *exec.Cmd
	stdout io.Reader
	stderr *bytes.Buffer
}

// start starts a git command. It must be ended by finish or stop.
func (g git) start(ctx context.Context, args ...string) (*running, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd, stderr := g.command(ctx, args...)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		err = g.failed(ctx, err, "", args)
		cancel()
		return nil, err
	}
	return &running{
		git:    g,
		args:   args,
		cancel: cancel,
		ended:  trace.Command(ctx, "git", args...),
		cmd:    cmd,
		stdout: stdout,
		stderr: stderr,
	}, nil
}

// finish has read take what the command prints, while it prints it, and waits
// for its end. It returns what git wrote to standard error.
func (r *running) finish(ctx context.Context, read func(io.Reader) error) (said string, err error) {
	if err := read(r.stdout); err != nil {
		r.stop()
		return "", err
	}
	defer r.cancel()
	err = r.cmd.Wait()
	r.ended(err)
	if err != nil {
		return "", r.git.failed(ctx, err, r.stderr.String(), r.args)
	}
	return r.stderr.String(), nil
}

// stop ends the command, whatever it is doing.
func (r *running) stop() {
	r.cancel()
	r.ended(r.cmd.Wait()) // it was killed
}
