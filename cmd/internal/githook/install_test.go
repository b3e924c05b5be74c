package githook

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// newFolder is the hooks of an empty repository.
func newFolder(t *testing.T) *Folder {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	f, err := Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// writeHook writes the hook that git runs.
func writeHook(t *testing.T, f *Folder, text string) {
	t.Helper()
	path := filepath.Join(f.Dir, hookName)
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.read(); err != nil {
		t.Fatal(err)
	}
}

// Uninstall undoes Install, and both change nothing the second time.
func TestInstallAndUninstall(t *testing.T) {
	const previous = "#!/bin/sh\nexit 0\n"
	f := newFolder(t)
	writeHook(t, f, previous)
	for _, want := range []bool{true, false} {
		changed, err := f.Install(f.DefaultProgram(), false)
		if err != nil || changed != want {
			t.Fatalf("Install = %v, %v; want %v", changed, err, want)
		}
		if f.State() != Installed || f.Kept() == "" || !f.KeptRuns() {
			t.Fatalf("the hook is %s, and keeps %q", f.State(), f.Kept())
		}
	}
	for _, want := range []bool{true, false} {
		changed, err := f.Uninstall()
		if err != nil || changed != want {
			t.Fatalf("Uninstall = %v, %v; want %v", changed, err, want)
		}
		if f.State() != None || f.Kept() != "" || f.hook.text != previous {
			t.Fatalf("the hook is %s, keeps %q, and reads %q", f.State(), f.Kept(), f.hook.text)
		}
	}
}

// A hook that cannot be wrapped, or is not plumb's any more, is refused and stays.
func TestRefused(t *testing.T) {
	f := newFolder(t)
	for _, text := range []string{
		"#!/bin/sh\nexec run \"${0##*/}\"\n",
		script(Program{Name: "plumb"}) + "echo more\n",
	} {
		writeHook(t, f, text)
		var refused *RefusedError
		if _, err := f.Install(f.DefaultProgram(), true); !errors.As(err, &refused) {
			t.Errorf("Install gives %v for\n%s", err, text)
		}
		if err := f.read(); err != nil || f.hook.text != text {
			t.Errorf("the hook has become\n%s", f.hook.text)
		}
	}
	var refused *RefusedError
	if _, err := f.Uninstall(); !errors.As(err, &refused) {
		t.Errorf("Uninstall of a modified hook gives %v", err)
	}
}
