package manifest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkTrigger fails if a search that skips what is not worth it finds less
// than one that does not.
func checkTrigger(t *testing.T, name string, src []byte) (skipped bool) {
	t.Helper()
	all := NewScanner(Options{})
	all.searchAll = true
	opts := cmp.Options{cmp.AllowUnexported(File{}, Reference{}, site{}, slot{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(all.Scan(name, src), NewScanner(Options{}).Scan(name, src), opts); diff != "" {
		t.Errorf("%s: (-all +trigger):\n%s", name, diff)
	}
	return !worthSearching(string(src))
}

func TestTrigger(t *testing.T) {
	for _, c := range rewriteCases {
		checkTrigger(t, "manifest.yaml", []byte(c.in))
	}
	for _, c := range []struct {
		src  string
		want bool
	}{
		{"metadata:\n  labels:\n    app.kubernetes.io/name: web\n  url: https://example.com/a/b#c\n", false},
		{"cron: 0 0/5 * * *\n", false},
		{"x: quay.io/a/b:1\n", true},
		{"x: quay.io/a/b@sha256:0\n", true},
		{"x: [\"localhost:5000/a:1\"]\n", true},
		{"x: [::1]/a:1\n", true},
		{"image: nginx\n", true},
		{`"im\x61ge": nginx`, true},
		{`"im\u0061ge": nginx`, true},
		{"\"im\\\n  age\": nginx", true},
		{"!!binary aW1hZ2U=: nginx", true},
	} {
		if got := worthSearching(c.src); got != c.want {
			t.Errorf("%q: %v", c.src, got)
		}
	}
}

func TestTriggerOnCorpus(t *testing.T) {
	root := filepath.Join(corpus, "repos")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the corpus of real repositories is absent")
	}
	files, skipped := 0, 0
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !Candidate(d.Name()) {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		files++
		if checkTrigger(t, p, src) {
			skipped++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d files need no search", skipped, files)
	if skipped == 0 {
		t.Error("no file is skipped, so nothing was compared")
	}
}
