package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// offlineEnv makes plumb, in a script, die of any attempt to reach a network.
const offlineEnv = "PLUMB_TEST_OFFLINE"

var updateScripts = flag.Bool("update-scripts", false, "write what cmp finds into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"plumb": scriptedPlumb, "kubectl-plumb": scriptedPlumb, "kustomize": scriptedKustomize,
	})
}

// scriptedPlumb is what main is, for scripts.
func scriptedPlumb() {
	if os.Getenv(offlineEnv) != "" {
		if err := forbidNetwork(); err != nil {
			fmt.Fprintln(os.Stderr, "forbidding the network:", err)
			os.Exit(99)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// TestScripts runs every testdata/script/<command>_<case>.txtar. A script's
// folder repo is a git repository, and the script begins in it.
func TestScripts(t *testing.T) {
	p := scriptParams()
	p.Dir = filepath.Join("..", "..", "testdata", "script")
	testscript.Run(t, p)
}

// scriptParams are what all scripts run with.
func scriptParams() testscript.Params {
	return testscript.Params{
		Setup:               setupScript,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *updateScripts,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    cmdExits,
			"same":     cmdSame,
			"snapshot": cmdSnapshot,
			"registry": cmdRegistry,
			"sources":  cmdSources,
			"sign":     cmdSign,
			"tuf":      cmdTUF,
		},
	}
}

// setupScript cuts a script off from the configuration of who runs it.
func setupScript(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, ".home")
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	gitconfig := filepath.Join(home, "gitconfig")
	text := "[user]\n\tname = Plumb\n\temail = plumb@test.example\n[init]\n\tdefaultBranch = main\n[commit]\n\tgpgSign = false\n"
	if err := os.WriteFile(gitconfig, []byte(text), 0o644); err != nil {
		return err
	}
	for key, value := range map[string]string{
		"HOME":                home,
		"XDG_CACHE_HOME":      filepath.Join(home, "cache"),
		"XDG_CONFIG_HOME":     filepath.Join(home, "config"),
		"DOCKER_CONFIG":       filepath.Join(home, "docker"),
		"DOCKER_AUTH_CONFIG":  "",
		"REGISTRY_AUTH_FILE":  "",
		"XDG_RUNTIME_DIR":     filepath.Join(home, "run"),
		"GIT_CONFIG_GLOBAL":   gitconfig,
		"GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_DATE":     "2026-01-02T03:04:05Z",
		"GIT_COMMITTER_DATE":  "2026-01-02T03:04:05Z",
		"NO_PROXY":            "",
		"HTTPS_PROXY":         "",
	} {
		env.Setenv(key, value)
	}
	if err := startSources(env, gitconfig); err != nil {
		return err
	}
	repo := filepath.Join(env.WorkDir, "repo")
	if _, err := os.Stat(repo); err == nil {
		init := exec.Command("git", "init", "-q")
		init.Dir, init.Env = repo, env.Vars
		if out, err := init.CombinedOutput(); err != nil {
			return fmt.Errorf("git init: %w\n%s", err, out)
		}
		env.Cd = repo
	}
	return startRegistry(env)
}

// worksOffline reports whether a command line must get by without a network.
func worksOffline(command []string) bool {
	return slices.Contains(command, "list") || slices.Contains(command, "verify") && !slices.Contains(command, "--online")
}

// cmdExits is "exits STATUS plumb ARGS…": plumb ends with just this status.
// What must work offline is run where a socket kills it.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	command := args[1:]
	if command[0] == "plumb" && worksOffline(command) {
		ts.Setenv(offlineEnv, "1")
		defer ts.Setenv(offlineEnv, "")
	}
	got := 0
	if err := ts.Exec(command[0], command[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		if got = exit.ExitCode(); got < 0 {
			ts.Fatalf("%s", exit.ProcessState)
		}
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
