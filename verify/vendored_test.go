package verify_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify"
)

// A chart that its consumer takes from the tree is compared with the lock's entry for it.
func TestCheckVendoredChart(t *testing.T) {
	const charts = "https://charts.example.org"
	one, two := "h1:"+strings.Repeat("A", 43)+"=", "h1:"+strings.Repeat("B", 43)+"="
	app := func(version string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: db}\nspec:\n" +
			"  source: {repoURL: '" + charts + "', chart: db, targetRevision: '" + version + "'}\n"
	}
	entry := lockfile.Entry{Kind: lockfile.Chart, Name: charts + "#db", Range: "^1", Version: "1.2.3",
		Digest: digest("a"), Content: one}
	tests := []struct {
		name, follows, version, content string
		fault                           error
		entries                         []lockfile.Entry
		want                            []string
		says                            string
	}{
		{name: "as locked", follows: "^1", version: "1.2.3", content: one,
			entries: []lockfile.Entry{entry}},
		{name: "other content", follows: "^1", version: "1.2.3", content: two,
			entries: []lockfile.Entry{entry}, want: []string{"error content"}, says: two},
		{name: "not locked", follows: "^1", version: "1.2.3", content: two},
		{name: "an exact version, by its range", follows: "1.2.3", version: "1.2.3", content: two,
			entries: []lockfile.Entry{entry}, want: []string{"error content"}, says: one},
		{name: "what cannot be read", follows: "^1", fault: errors.New("damaged"),
			want: []string{"error content"}, says: "charts/db: damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := locked(app(tt.follows), tt.entries...)
			in.Files[0].References[0].Vendor("charts/db", tt.version, tt.content, tt.fault)
			var got []string
			for _, f := range verify.Check(in) {
				got = append(got, string(f.Severity)+" "+f.Rule)
				if f.Fix == "" || f.Line == 0 || !strings.Contains(f.Message, tt.says) {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
