package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/cmd/internal/scaffold"
)

// ciSource is a git repository with this checkout of plumb as its one commit.
type ciSource struct{ repository, commit string }

// text is the file of a CI system that builds plumb from s.
func (s ciSource) text(t *testing.T, system string) string {
	t.Helper()
	file, ok := scaffold.SystemNamed(system)
	if !ok {
		t.Fatalf("there is no CI system %s", system)
	}
	return file.Text(scaffold.Source{Repository: s.repository, Named: true, Commit: s.commit})
}

func newCISource(t *testing.T) ciSource {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	// The checkout's files, whether it is a git repository of its own or not.
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	git(t, top, "--git-dir", filepath.Join(dir, ".git"), "--work-tree", top, "add",
		"go.mod", "go.sum", "cmd", "lockfile", "resolver", "verify", ".pre-commit-hooks.yaml",
		"action.yml")
	git(t, dir, "commit", "--quiet", "--message", "plumb")
	git(t, dir, "reset", "--quiet", "--hard")
	return ciSource{dir, strings.TrimSpace(git(t, dir, "rev-parse", "HEAD"))}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@test.example",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@test.example")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// ciCheckout is a repository as a CI system has checked it out.
type ciCheckout struct {
	dir string
	env []string
}

const ciDigest = "sha256:6af79ae5de407283dcea8b00d5c37ace95441fd58a8b1d2aa1ed93f5511bb18c"

// newCICheckout is a repository in which a second commit has come in after what
// is pinned and locked: one that is good or one that is not.
func newCICheckout(t *testing.T, good bool) ciCheckout {
	t.Helper()
	// Jenkins calls workspaces after jobs, whose names people choose.
	c := ciCheckout{dir: filepath.Join(t.TempDir(), "a job")}
	temp := filepath.Join(t.TempDir(), "a job@tmp")
	if err := errors.Join(os.Mkdir(c.dir, 0o755), os.Mkdir(temp, 0o755)); err != nil {
		t.Fatal(err)
	}
	git(t, c.dir, "init", "--quiet")
	writeFile(t, filepath.Join(c.dir, "apps", "a.yaml"), pod("a", "nginx:1.27@"+ciDigest))
	writeFile(t, filepath.Join(c.dir, "plumb.lock"), "# plumb.lock: what this tree's external "+
		"inputs are, by content. Written by plumb; commit it.\n"+
		"version: 1\nentries:\n  - image: docker.io/library/nginx:1.27\n    digest: "+ciDigest+
		"\n    mediaType: application/vnd.oci.image.index.v1+json\n")
	git(t, c.dir, "add", ".")
	git(t, c.dir, "commit", "--quiet", "--message", "one")
	image := "nginx:1.27@" + ciDigest
	if !good {
		image = "nginx:1.28"
	}
	writeFile(t, filepath.Join(c.dir, "apps", "b.yaml"), pod("b", image))
	git(t, c.dir, "add", ".")
	git(t, c.dir, "commit", "--quiet", "--message", "two")

	c.env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"WORKSPACE_TMP="+temp, "TMPDIR="+temp, "CI_PROJECT_DIR="+c.dir)
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	folders := strings.Fields(string(out)) // those of another home would be empty
	c.env = append(c.env, "GOCACHE="+folders[0], "GOMODCACHE="+folders[1], "GOFLAGS=-mod=readonly")
	return c
}

// run runs a script, and returns its status and all that it prints.
func (c ciCheckout) run(t *testing.T, s ciScript) (int, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script")
	writeFile(t, file, s.text)
	cmd := exec.Command(s.shell[0], append(s.shell[1:], file)...)
	cmd.Dir, cmd.Env = c.dir, append(c.env, s.env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// ciSystem is a CI system whose scripts a test runs.
type ciSystem struct {
	name    string
	scripts func(*testing.T, ciSource) []ciScript
	report  string
	check   func(*testing.T, []byte) int // returns the number of findings
}

// The snippets build plumb from a clone of it that a git daemon serves, once.
func TestCISnippetsRun(t *testing.T) {
	t.Parallel()
	source := newCISource(t)
	source.repository = serveGit(t, source.repository)
	for _, system := range []ciSystem{
		{"gitlab", gitlabScripts, "gl-code-quality-report.json", codeQuality},
		{"jenkins", jenkinsScripts, "plumb-junit.xml", junit},
		{"teamcity", teamcityScripts, "plumb-junit.xml", junit},
	} {
		t.Run(system.name+"/good", func(t *testing.T) {
			t.Parallel()
			c := newCICheckout(t, true)
			system.run(t, c, source, 0)
			c.withoutGo(t)
			system.run(t, c, source, 0)
		})
		t.Run(system.name+"/bad", func(t *testing.T) {
			t.Parallel()
			system.run(t, newCICheckout(t, false), ciSource{source.repository, "main"}, 1)
		})
	}
}

// run runs a system's scripts, which must report want findings.
func (system ciSystem) run(t *testing.T, c ciCheckout, source ciSource, want int) {
	t.Helper()
	var log string
	status := 0
	scripts := system.scripts(t, source)
	for i, s := range scripts {
		text := ""
		status, text = c.run(t, s)
		log += text
		if last := i == len(scripts)-1; !last && system.name != "gitlab" && status != 0 {
			t.Fatalf("script %d: exit status %d\n%s", i+1, status, log)
		}
		if system.name == "gitlab" && status != want {
			t.Errorf("%s: exit status %d, want %d\n%s", s.shell[0], status, want, text)
		}
	}
	if status != want {
		t.Errorf("exit status %d, want %d\n%s", status, want, log)
	}
	if found := strings.Contains(log, "apps/b.yaml:6"); found != (want == 1) {
		t.Errorf("the log shows the finding: %v\n%s", found, log)
	}
	data, err := os.ReadFile(filepath.Join(c.dir, system.report))
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	if got := system.check(t, data); got != want {
		t.Errorf("the report has %d findings, want %d:\n%s", got, want, data)
	}
}

// withoutGo makes c's Go fail, so that only what is built already runs.
func (c *ciCheckout) withoutGo(t *testing.T) {
	t.Helper()
	bin := t.TempDir()
	file := filepath.Join(bin, "go")
	writeFile(t, file, "#!/bin/sh\necho go $* >&2\nexit 9\n")
	if err := os.Chmod(file, 0o755); err != nil {
		t.Fatal(err)
	}
	path := []string{bin, os.Getenv("PATH")}
	c.env = append(c.env, "PATH="+strings.Join(path, string(os.PathListSeparator)))
}

// The workflow's own steps fetch plumb to where it uses its action, and what the cache
// has is not built again.
func TestWorkflowRuns(t *testing.T) {
	t.Parallel()
	source := newCISource(t)
	source.repository = serveGit(t, source.repository)
	steps := readWorkflow(t, source, "github").Jobs["plumb"]
	c := newCICheckout(t, false)
	binary := filepath.Join(t.TempDir(), "plumb-built", "plumb")
	for range 2 {
		output := filepath.Join(t.TempDir(), "output")
		env := []string{"GITHUB_OUTPUT=" + output}
		for name, value := range steps.Env {
			env = append(env, name+"="+value)
		}
		shell := []string{"bash", "-e"} // as GitHub does where a step names none
		if status, log := c.run(t, ciScript{shell, steps.Steps[1].Run, env}); status != 0 {
			t.Fatalf("exit status %d\n%s", status, log)
		}
		if got := readFile(t, output); got != "commit="+source.commit+"\n" {
			t.Errorf("the output is %q, want commit %s", got, source.commit)
		}
		at := filepath.Join(c.dir, steps.Steps[4].Uses)
		github := map[string]string{"action_path": at, "action_ref": ""}
		a := parseAction(t, readFile(t, at, "action.yml"))
		ran := a.run(t, c, github, map[string]string{"binary": binary})
		if ran.status != 1 || !strings.Contains(ran.log, "::error file=apps/b.yaml,line=6,") {
			t.Errorf("exit status %d\n%s", ran.status, ran.log)
		}
		if ran.outputs["plumb"] != binary || !strings.HasPrefix(ran.log, "plumb ") {
			t.Errorf("plumb is %s, and the log is\n%s", ran.outputs["plumb"], ran.log)
		}
		c.withoutGo(t)
	}
}

func TestActionRuns(t *testing.T) {
	t.Parallel()
	a, source := readAction(t), newCISource(t)
	github := map[string]string{"action_path": source.repository, "action_ref": "v1.2.3"}
	for name, want := range map[string]int{"good": 0, "bad": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCICheckout(t, want == 0)
			sarif := filepath.Join(t.TempDir(), "reports", "plumb.sarif")
			ran := a.run(t, c, github, map[string]string{"sarif-file": sarif})
			if ran.status != want || ran.outputs["exit-status"] != string('0'+rune(want)) {
				t.Errorf("exit status %d, output %q, want %d\n%s",
					ran.status, ran.outputs["exit-status"], want, ran.log)
			}
			found := strings.Contains(ran.log, "::error file=apps/b.yaml,line=6,")
			if found != (want == 1) || !strings.Contains(ran.log, "plumb v1.2.3 ") {
				t.Errorf("the log is\n%s", ran.log)
			}
			if ran.summary == "" || want == 1 && !strings.Contains(ran.summary, "apps/b.yaml") {
				t.Errorf("the summary is\n%s", ran.summary)
			}
			if got := sarifResults(t, sarif); got != want {
				t.Errorf("the SARIF file has %d results, want %d", got, want)
			}
		})
	}
	t.Run("a part of the tree, without a summary", func(t *testing.T) {
		t.Parallel()
		c := newCICheckout(t, false)
		inputs := map[string]string{
			"arguments": "apps/a.yaml\n", "summary": "false", "format": "text",
			"source": source.repository, "working-directory": ".",
		}
		ran := a.run(t, c, map[string]string{"action_path": "/nowhere", "action_ref": ""}, inputs)
		if ran.status != 0 || ran.summary != "" || strings.Contains(ran.log, "::error") {
			t.Errorf("exit status %d, summary %q\n%s", ran.status, ran.summary, ran.log)
		}
	})
	t.Run("arguments that are wrong", func(t *testing.T) {
		t.Parallel()
		c := newCICheckout(t, true)
		sarif := filepath.Join(t.TempDir(), "plumb.sarif")
		ran := a.run(t, c, github, map[string]string{"arguments": "no such file", "sarif-file": sarif})
		if ran.status != 2 || !strings.Contains(ran.log, "no such file: no such file or directory") {
			t.Errorf("exit status %d\n%s", ran.status, ran.log)
		}
		if _, err := os.Stat(sarif); err == nil {
			t.Error("there is a SARIF file, although nothing was verified")
		}
	})
	t.Run("no Go", func(t *testing.T) {
		t.Parallel()
		c := newCICheckout(t, true)
		c.env = append(c.env, "PATH="+t.TempDir())
		bash, err := exec.LookPath("bash")
		if err != nil {
			t.Fatal(err)
		}
		status, log := c.run(t, ciScript{[]string{bash, "-eo", "pipefail"}, a.Runs.Steps[0].Run, nil})
		if status != 2 || !strings.Contains(log, "::error title=plumb::Go is not installed") {
			t.Errorf("exit status %d\n%s", status, log)
		}
	})
}
