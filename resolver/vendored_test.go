package resolver_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver"
)

// A chart that lies in the tree is not resolved, and its entry stays to compare it with.
func TestMakeKeepsEntriesOfVendoredCharts(t *testing.T) {
	entry := lockfile.Entry{Kind: lockfile.Chart, Name: "https://charts.example.org#db", Range: "^1",
		Version: "1.2.3", Digest: "sha256:" + strings.Repeat("a", 64),
		Content: "h1:" + strings.Repeat("A", 43) + "="}
	chart := []byte("dependencies:\n- name: db\n  version: ^1\n" +
		"  repository: https://charts.example.org\n")
	for name, old := range map[string]*lockfile.Lock{
		"locked": {Entries: []lockfile.Entry{entry}}, "not locked": {},
	} {
		f := manifest.NewScanner(manifest.Options{}).Scan("Chart.yaml", chart)
		f.References[0].Vendor("charts/db", "1.2.4", entry.Content, nil)
		p, err := resolver.Make(t.Context(), []manifest.File{f}, old, newWorld(t).client,
			resolver.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Empty(old.Format()) || len(p.Failures)+len(p.Problems) > 0 || p.Queried != 0 {
			t.Errorf("%s: edits %v, changes %v, failures %v", name, p.Edits, p.Changes, p.Failures)
		}
	}
	none := manifest.NewScanner(manifest.Options{}).Scan("Chart.yaml", []byte("name: web\n"))
	p, err := resolver.Make(t.Context(), []manifest.File{none},
		&lockfile.Lock{Entries: []lockfile.Entry{entry}}, newWorld(t).client, resolver.Options{})
	if err != nil || len(p.Lock.Entries) != 0 {
		t.Errorf("without a place that follows it, the lock has %v (%v)", p.Lock.Entries, err)
	}
}
