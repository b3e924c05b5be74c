// Demo plays a session with plumb that a person can follow: it starts a
// registry, makes a small cluster repository in a temporary folder, and runs
// plumb on it. It fails if any command does not end as the session says. With
// KEEP=1 in the environment the folder stays.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv("KEEP") != "")
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
	fmt.Println("demo: ok")
}

// run plays the session.
func run(ctx context.Context, out io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "plumb-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if keep {
			fmt.Fprintf(out, "\nkept: the repository %s, and %s\n", filepath.Join(dir, "cluster"),
				filepath.Join(dir, "bin", "plumb"))
			return
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()

	bin := filepath.Join(dir, "bin")
	if err := build(ctx, bin); err != nil {
		return err
	}
	server, err := registrytest.Start(registrytest.Options{})
	if err != nil {
		return fmt.Errorf("starting a registry: %w", err)
	}
	defer server.Close()

	s := &session{dir: filepath.Join(dir, "cluster"), registry: server, out: out}
	defer s.end()
	pushAll(server)
	if s.env, err = environment(dir, bin, server.Host()); err != nil {
		return err
	}
	if err := makeRepository(ctx, s.dir, s.env); err != nil {
		return err
	}
	for _, step := range script(ctx) {
		if err := s.play(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// build builds plumb into the folder bin.
func build(ctx context.Context, bin string) error {
	name := "plumb"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-o", filepath.Join(bin, name), "github.com/plumb-dev/plumb/cmd/plumb")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building plumb: %w\n%s", err, out)
	}
	return nil
}

// environment returns one in which the session depends on nothing of the person
// who runs it: not on their git configuration, credentials or proxy. Plain HTTP
// to any host, such as registry.example, ends at the given proxy.
func environment(dir, bin, proxy string) ([]string, error) {
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	gitconfig := filepath.Join(home, "gitconfig")
	text := "[user]\n\tname = Ada\n\temail = ada@shop.example\n" +
		"[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n"
	if err := os.WriteFile(gitconfig, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return append(os.Environ(),
		"PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"HOME="+home,
		"XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"DOCKER_CONFIG="+filepath.Join(home, "docker"),
		"DOCKER_AUTH_CONFIG=",
		"REGISTRY_AUTH_FILE=",
		"XDG_RUNTIME_DIR="+home,
		"XDG_CONFIG_HOME="+home,
		"GIT_CONFIG_GLOBAL="+gitconfig,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_PAGER=cat",
		"HTTP_PROXY=http://"+proxy, "http_proxy=http://"+proxy,
		"HTTPS_PROXY=", "https_proxy=", "NO_PROXY=", "no_proxy=",
	), nil
}
