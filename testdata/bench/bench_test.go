package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

func TestBudget(t *testing.T) {
	var out strings.Builder
	b := &bench{out: &out}
	b.budget("a-ratio", 1.5, 1.5, ratio)
	b.budget("a-time", 25.1, 25, milliseconds)
	b.budget("a-count", 0, 0, plain)
	const want = "budget a-ratio 1.50x 1.50x ok\nbudget a-time 25.1ms 25.0ms over\nbudget a-count 0 0 ok\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRatioIsOfMedians(t *testing.T) {
	times := func(all ...time.Duration) (s samples) {
		for _, wall := range all {
			s = append(s, usage{Wall: wall})
		}
		return s
	}
	if got := times(9, 1000, 1).to(times(3, 2, 500)); got != 3 {
		t.Errorf("the ratio is %v, want 3", got)
	}
}

// Two runs must measure the same files.
func TestRepositoryIsTheSameEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 20,000 files")
	}
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	for _, dir := range []string{a, b} {
		if _, _, err := writeRepository(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"plumb.lock", "unusual/file-59.yaml", "tools/compose-17.yml"} {
		one, err := os.ReadFile(filepath.Join(a, name))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(b, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(one) != string(other) {
			t.Errorf("%s is not the same in two repositories", name)
		}
	}
	lock, err := os.ReadFile(filepath.Join(a, "plumb.lock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockfile.Parse("plumb.lock", lock); err != nil {
		t.Error(err)
	}
}
