package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// helmVersion is that of testdata/tools.
const helmVersion = "v4.2.4"

// TestHelm runs the scripts of testdata/helm, in which the real helm pulls what plumb wrote,
// from a server of files and from a real registry at $OCI. Without the programs it is
// skipped, but for CI, where it fails.
func TestHelm(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "plumb-test", "helm-"+helmVersion)
	registry, err := exec.LookPath("docker-registry")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "helm"))
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skipf("NOT TESTED WITH HELM: %v: make test builds helm, apt-get install docker-registry", err)
	}
	p := scriptParams()
	p.Dir = filepath.Join("..", "..", "testdata", "helm")
	p.Setup = func(env *testscript.Env) error {
		if err := setupScript(env); err != nil {
			return err
		}
		env.Setenv("PATH", env.Getenv("PATH")+string(filepath.ListSeparator)+dir)
		host, err := startDockerRegistry(env, registry)
		env.Setenv("OCI", host)
		return err
	}
	testscript.Run(t, p)
}

// startDockerRegistry starts a registry without passwords for a script, and returns its host.
func startDockerRegistry(env *testscript.Env, program string) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	host := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	config := filepath.Join(env.WorkDir, ".srv", "registry.yml")
	text := fmt.Sprintf("version: 0.1\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: %q}\n",
		filepath.Join(env.WorkDir, ".srv", "registry"), host)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return "", err
	}
	cmd := exec.Command(program, "serve", config)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	env.Defer(func() {
		_ = cmd.Process.Kill() // nothing of it is kept
		_ = cmd.Wait()         // it was killed
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get("http://" + host + "/v2/")
		if err == nil {
			return host, response.Body.Close()
		}
		if time.Now().After(end) {
			return "", err
		}
	}
}
