package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestScanKeepsNothing checks that a scan's result does not change when the
// bytes that it was made from are used for something else.
func TestScanKeepsNothing(t *testing.T) {
	opts := cmp.Options{cmp.AllowUnexported(use{}, offer{}, Remark{}, ask{}, links{}, File{}, Reference{}, site{}, slot{}, tagSite{}), cmpopts.EquateEmpty()}
	for _, c := range rewriteCases {
		file := c.file
		if file == "" {
			file = "manifest.yaml"
		}
		want := NewScanner(Options{}).Scan(file, []byte(c.in))
		src := []byte(c.in)
		got := NewScanner(Options{}).Scan(file, src)
		for i := range src {
			src[i] = '#'
		}
		if diff := cmp.Diff(want, got, opts); diff != "" {
			t.Errorf("%s: (-before +after):\n%s", c.name, diff)
		}
	}
}
