//go:build unix

package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeKubectl is a kubectl that knows one object in the context east.
const fakeKubectl = `#!/bin/sh
case "$*" in
"--context east get --ignore-not-found -o json Pod.v1./web")
	echo '{"kind":"List","items":[{"kind":"Pod"}]}' ;;
*" Pod.v1./other") ;;
*) echo "no such kind" >&2; exit 7 ;;
esac
`

func TestKubectlGet(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	k := Kubectl{Context: "east"}
	if _, err := k.Get(t.Context(), "Pod.v1./web"); !errors.Is(err, ErrNoKubectl) {
		t.Errorf("without kubectl: %v", err)
	}
	script := []byte(fakeKubectl)
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), script, 0o755); err != nil {
		t.Fatal(err)
	}
	objects, err := k.Get(t.Context(), "Pod.v1./web")
	if err != nil || len(objects) != 1 || objects[0]["kind"] != "Pod" {
		t.Errorf("an object: %v, %v", objects, err)
	}
	if objects, err := k.Get(t.Context(), "Pod.v1./other"); err != nil || len(objects) != 0 {
		t.Errorf("an object that does not exist: %v, %v", objects, err)
	}
	_, err = k.Get(t.Context(), "Other.v1./web")
	if err == nil || !strings.Contains(err.Error(), "exit status 7\nno such kind") {
		t.Errorf("a kind that does not exist: %v", err)
	}
}
