package chartuse_test

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
)

// charts holds other people's charts with what their values pin, tried by rendering. It
// stands beside the checkout and is no part of it.
const charts = "../../../shared/charts"

// minShare is the share of the values which pin images that are seen to do so. Of the
// rest, most are whole containers, which the templates print as they are.
const minShare = 0.8

func TestCharts(t *testing.T) {
	read := map[string]*chartuse.Chart{}
	seen := map[truth]bool{}
	right := 0
	for _, row := range readTruth(t) {
		if seen[row] {
			continue
		}
		seen[row] = true
		c := read[row.chart]
		if c == nil {
			c = chartuse.Read(templates(t, filepath.Join(charts, row.chart+".tgz")))
			read[row.chart] = c
			if c.Incomplete != "" {
				t.Logf("%s: %s", row.chart, c.Incomplete)
			}
		}
		uses := c.Of(row.path)
		if len(uses) > 0 && !slices.ContainsFunc(uses, func(u chartuse.Use) bool {
			return u.How > chartuse.Tail
		}) {
			right++
			continue
		}
		t.Logf("%s %s: %v", row.chart, row.path, uses)
	}
	t.Logf("%d of %d values are seen to be the end of an image", right, len(seen))
	if float64(right) < minShare*float64(len(seen)) {
		t.Errorf("want at least %v of them", minShare)
	}
}

type truth struct{ chart, path string }

func readTruth(t *testing.T) []truth {
	t.Helper()
	f, err := os.Open(filepath.Join(charts, "truth.tsv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the charts are absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []truth
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		p, _, ok := strings.Cut(cells[10], "=")
		if !ok || strings.Contains(p, " ") {
			continue
		}
		out = append(out, truth{cells[0] + "-" + cells[1], p})
	}
	return out
}

// templates returns the templates of a chart in an archive, and its dependencies'.
func templates(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		_, file, _ := strings.Cut(h.Name, "/")
		if h.Typeflag == tar.TypeReg && strings.Contains("/"+file, "/templates/") {
			src, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			out[file] = string(src)
		}
	}
}
