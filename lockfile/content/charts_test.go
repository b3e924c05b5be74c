package content_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/content"
)

// charts has real charts, which lie beside the checkout.
const charts = "../../../shared/charts"

// TestRealCharts hashes charts that people use.
func TestRealCharts(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(charts, "*.tgz"))
	if err != nil || len(archives) == 0 {
		t.Skip("NOT CHECKED: no charts in " + charts)
	}
	for _, path := range archives {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files, err := content.Files(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		c, err := content.Describe(files)
		if want := c.Name + "-" + c.Version + ".tgz"; err != nil || filepath.Base(path) != want {
			t.Errorf("%s: its chart is of %s, %v", path, want, err)
		}
		hash, err := content.Hash(files)
		if err != nil || !strings.HasPrefix(hash, "h1:") {
			t.Errorf("%s: %s, %v", path, hash, err)
		}
	}
}
