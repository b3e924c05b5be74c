package cachekey_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/cachekey"
)

// TestKey makes a secret once, and takes none that others could have made.
func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plumb", "x.key")
	k := cachekey.New(file)
	secret := k.Secret()
	if len(secret) != cachekey.Size || k.Stored() {
		t.Fatalf("a new secret: %d bytes, stored %t", len(secret), k.Stored())
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it is written before it is needed")
	}
	if err := k.Save(); err != nil || !k.Stored() {
		t.Fatal(err, k.Stored())
	}
	if again := cachekey.New(file); !bytes.Equal(again.Secret(), secret) || !again.Stored() {
		t.Error("it is another one the next time")
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for name, spoil := range map[string]func() error{
		"short": func() error { return os.WriteFile(file, secret[:31], 0o600) },
		"long":  func() error { return os.WriteFile(file, append(bytes.Clone(secret), 0), 0o600) },
		"a link": func() error {
			return os.Symlink(file+".other", file)
		},
		"others can read it": func() error {
			if runtime.GOOS == "windows" {
				return os.WriteFile(file, nil, 0o600)
			}
			if err := os.WriteFile(file, secret, 0o644); err != nil {
				return err
			}
			return os.Chmod(file, 0o644)
		},
	} {
		if err := os.WriteFile(file+".other", secret, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(file)
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if k := cachekey.New(file); bytes.Equal(k.Secret(), secret) || k.Stored() {
			t.Errorf("%s: it is taken", name)
		}
	}
}

func TestMayHold(t *testing.T) {
	dir := t.TempDir()
	inside, outside := filepath.Join(dir, "repo", "home", "x.key"), filepath.Join(dir, "home", "x.key")
	if err := os.MkdirAll(filepath.Join(dir, "repo", "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "repo", "home"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "repo")
	for path, want := range map[string]bool{inside: true, outside: false, filepath.Join(dir, "link", "x.key"): true,
		filepath.Join(dir, "repo2", "x.key"): false, filepath.Join(root, "new", "x.key"): true} {
		if got := cachekey.MayHold(root, path); got != want {
			t.Errorf("%s: %t, want %t", path, got, want)
		}
	}
}
