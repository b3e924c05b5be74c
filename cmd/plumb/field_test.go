package main_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The field cases are inputs for which plumb was wrong, each with a check of its answer.
// They stand beside the checkout and are no part of it.
const fieldDir = "../../../shared/field"

// fieldRegistry is where the cases want a registry that has every name.
const fieldRegistry = "127.0.0.1:5055"

// fieldLimit is how long a check may take on a busy machine.
const fieldLimit = 150 * time.Second

// fieldSlow are the cases that take longest, and are started first.
var fieldSlow = regexp.MustCompile(`^(A02|A12|ADV-31|ADV-35)`)

// TestField runs the check of each field case against plumb, two at a time.
func TestField(t *testing.T) {
	if _, err := os.Stat(fieldDir); err != nil {
		t.Skipf("NOT CHECKED: the field cases are absent (%v)", err)
	}
	for _, tool := range []string{"python3", "curl", "git", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT CHECKED: the field cases want %s, which is not installed", tool)
		}
	}
	plumb, err := exec.LookPath("plumb") // this test binary, as scripts run it
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := copyField(filepath.Join(dir, "field")); err != nil {
		t.Fatal(err)
	}
	// Files and folders of some cases may not be writable, and would stay.
	t.Cleanup(func() { _ = exec.Command("chmod", "-R", "u+rwX", dir).Run() })
	cases := filepath.Join(dir, "field")
	startFieldRegistry(t, filepath.Join(cases, "_registry"))
	env := append(os.Environ(), "PLUMB="+plumb, "TMPDIR="+dir)
	celtest := filepath.Join(dir, "celtest")
	build := exec.Command("go", "build", "-o", celtest, ".")
	build.Dir, build.Env = filepath.Join(cases, "_check", "cel"), append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if build.Run() == nil {
		env = append(env, "CELTEST="+celtest)
	}
	checks, err := filepath.Glob(filepath.Join(cases, "*", "check.sh"))
	if err != nil || len(checks) == 0 {
		t.Fatalf("%s holds no case (%v)", fieldDir, err)
	}
	slices.SortStableFunc(checks, func(a, b string) int { return slowFirst(b) - slowFirst(a) })
	two := make(chan struct{}, 2)
	for _, check := range checks {
		id := filepath.Base(filepath.Dir(check))
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			if says, right := runCheck(t.Context(), filepath.Dir(check), env); !right {
				t.Error(says)
			}
		})
	}
}

func slowFirst(check string) int {
	if fieldSlow.MatchString(filepath.Base(filepath.Dir(check))) {
		return 1
	}
	return 0
}

// runCheck runs the check of the case in dir, and returns the last line that it printed.
func runCheck(ctx context.Context, dir string, env []string) (says string, right bool) {
	ctx, cancel := context.WithTimeout(ctx, fieldLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "./check.sh")
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, 5*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if says = lines[len(lines)-1]; ctx.Err() != nil {
		says = "did not end within " + fieldLimit.String()
	}
	return says, err == nil
}

// copyField makes a copy of the cases that can be written to.
func copyField(to string) error {
	if err := exec.Command("cp", "-R", fieldDir, to).Run(); err != nil {
		return err
	}
	return exec.Command("chmod", "-R", "u+rwX", to).Run()
}

// startFieldRegistry starts the cases' registry, unless it runs already.
func startFieldRegistry(t *testing.T, dir string) {
	t.Helper()
	if fieldRegistryAnswers() {
		return
	}
	taken, err := net.Listen("tcp", fieldRegistry)
	if err != nil {
		t.Skipf("NOT CHECKED: something else listens where the field cases' registry does (%v)", err)
	}
	taken.Close()
	path := filepath.Join(t.TempDir(), "registry")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("NOT CHECKED: the field cases' registry cannot be built: %v\n%s", err, out)
	}
	_, port, err := net.SplitHostPort(fieldRegistry)
	if err != nil {
		t.Fatal(err)
	}
	registry := exec.Command(path, port)
	if err := registry.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = registry.Process.Kill()
		_ = registry.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); !fieldRegistryAnswers(); {
		if time.Now().After(deadline) {
			t.Fatal("the field cases' registry does not answer")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// fieldRegistryAnswers reports whether a registry like the cases' own runs at its place: one
// that has a name that was never pushed.
func fieldRegistryAnswers() bool {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
	for _, path := range []string{"/v2/", "/v2/field/never-pushed/manifests/1"} {
		answer, err := client.Get("http://" + fieldRegistry + path)
		if err != nil {
			return false
		}
		body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || len(body) == 0 {
			return false
		}
	}
	return true
}
