package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// charts has real charts, which lie beside the checkout.
const charts = "../../../shared/charts"

// TestRealIndex has helm list real charts: the index is of the form that is read without a
// parser, and a parser finds the same in it.
func TestRealIndex(t *testing.T) {
	archives, _ := filepath.Glob(filepath.Join(charts, "*.tgz"))
	cache, _ := os.UserCacheDir()
	helm := filepath.Join(cache, "plumb-test", "helm-v4.2.4", "helm")
	if _, err := os.Stat(helm); err != nil || len(archives) == 0 {
		t.Skipf("NOT CHECKED: %d charts in %s, helm: %v", len(archives), charts, err)
	}
	dir := t.TempDir()
	for _, path := range archives {
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(path)), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(helm, "repo", "index", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "index.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := parseIndex(text)
	if err != nil {
		t.Fatal(err)
	}
	x, err := readIndex(t, string(text))
	if err != nil || len(x.charts) != len(want) || len(want) < len(archives)/2 {
		t.Fatalf("%v; %d charts, want %d", err, len(x.charts), len(want))
	}
	for name, list := range want {
		part, err := x.text.part(x.charts[name])
		if err != nil {
			t.Fatal(err)
		}
		left, ok := reduce(part)
		if got, err := left.entries(name); !ok || !left.easy || err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%s: known %v, easy %v: %v, %v, want %v", name, ok, left.easy, got, err, list)
		}
	}
}
