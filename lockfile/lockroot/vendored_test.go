package lockroot_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// dbChart are the files of a chart, by their names in it.
func dbChart(version string) map[string]string {
	return map[string]string{"Chart.yaml": "apiVersion: v2\nname: db\nversion: " + version + "\n",
		"templates/db.yaml": "kind: X\n", ".helmignore": "*.bak\n"}
}

// packed is an archive of a chart as helm packs it.
func packed(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: "db/" + name, Mode: 0o644, Size: int64(len(text))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// hashed is the content hash of a chart.
func hashed(t *testing.T, files map[string]string) string {
	t.Helper()
	data := map[string][]byte{}
	for name, text := range files {
		data[name] = []byte(text)
	}
	sum, err := content.HashFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

const (
	webChart = "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- name: db\n" +
		"  version: ^1\n  repository: https://charts.example.org\n"
	inflated = "helmCharts:\n- name: db\n  version: 1.2.3\n  repo: https://charts.example.org\n"
)

func TestVendoredChart(t *testing.T) {
	one, two := dbChart("1.2.3"), dbChart("2.0.0")
	changed := dbChart("1.2.3")
	changed["templates/db.yaml"] = "kind: Y\n"
	below := func(dir string, files map[string]string) map[string]string {
		out := map[string]string{}
		for name, text := range files {
			out[dir+"/"+name] = text
		}
		return out
	}
	tests := map[string]struct {
		file, text   string
		files        map[string]string
		pin, content string
		fault        string
	}{
		"none":               {file: "web/Chart.yaml", text: webChart},
		"another chart's":    {file: "web/Chart.yaml", text: webChart, files: below("web/charts/d", one)},
		"a chart elsewhere":  {file: "web/Chart.yaml", text: webChart, files: below("charts/db", one)},
		"another archive":    {file: "web/Chart.yaml", text: webChart, files: map[string]string{"web/charts/db-x-1.2.3.tgz": packed(t, one)}},
		"a folder":           {file: "web/Chart.yaml", text: webChart, files: below("web/charts/db", one), pin: "1.2.3", content: hashed(t, one)},
		"a changed folder":   {file: "web/Chart.yaml", text: webChart, files: below("web/charts/db", changed), pin: "1.2.3", content: hashed(t, changed)},
		"a chart at the top": {file: "Chart.yaml", text: webChart, files: below("charts/db", two), pin: "2.0.0", content: hashed(t, two)},
		"an archive":         {file: "web/Chart.yaml", text: webChart, files: map[string]string{"web/charts/db-1.2.3.tgz": packed(t, one)}, pin: "1.2.3", content: hashed(t, one)},
		"the archive of two that fits": {file: "web/Chart.yaml", text: webChart, files: map[string]string{
			"web/charts/db-2.0.0.tgz": packed(t, two), "web/charts/db-1.2.3.tgz": packed(t, one)},
			pin: "1.2.3", content: hashed(t, one)},
		"two archives that fit": {file: "web/Chart.yaml", text: webChart, files: map[string]string{
			"web/charts/db-1.2.4.tgz": packed(t, one), "web/charts/db-1.2.3.tgz": packed(t, one)},
			fault: "more than one archive"},
		"no archive": {file: "web/Chart.yaml", text: webChart, files: map[string]string{
			"web/charts/db-1.2.3.tgz": "<html>"}, fault: "web/charts/db-1.2.3.tgz: not a gzipped archive"},
		"no name in it": {file: "web/Chart.yaml", text: webChart, files: map[string]string{
			"web/charts/db/Chart.yaml": "version: 1.2.3\n"}, fault: "web/charts/db: "},
		"kustomize": {file: "k/kustomization.yaml", text: inflated,
			files: below("k/charts/db-1.2.3/db", two), pin: "2.0.0", content: hashed(t, two)},
		"of another version to kustomize": {file: "k/kustomization.yaml", text: inflated,
			files: below("k/charts/db-1.2.4/db", one), pin: "1.2.3"},
		"an archive, which kustomize does not take": {file: "k/kustomization.yaml", text: inflated,
			files: map[string]string{"k/charts/db-1.2.3/db-1.2.3.tgz": packed(t, one)}, pin: "1.2.3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n", tt.file: tt.text}
			for name, text := range tt.files {
				files[name] = text
			}
			dir := folder(t, files)
			git(t, dir, "add", "-A")
			git(t, dir, "commit", "-qm", "a")
			for _, open := range ways {
				r := chartIn(t, dir, open, tt.file)
				byTree := r.Source.Holder == manifest.ByTree
				if r.Source.Pin != tt.pin || r.Source.Vendored != tt.content ||
					byTree != (tt.content != "") {
					t.Errorf("%s held by %s, content %q, fault %q", r.Source.Pin, r.Source.Holder,
						r.Source.Vendored, r.Source.Fault)
				}
				if !strings.Contains(r.Source.Fault, tt.fault) || (r.Source.Fault == "") != (tt.fault == "") {
					t.Errorf("fault %q", r.Source.Fault)
				}
				if edits := r.PinSource(manifest.SourcePin{Version: "1.9.9"}); (len(edits) > 0) == (byTree || tt.fault != "") {
					t.Errorf("edits of a chart held by %s: %v", r.Source.Holder, edits)
				}
			}
		})
	}
}

// chartIn is the one chart that a file of the tree in dir refers to.
func chartIn(t *testing.T, dir string, open lockroot.Opener, file string) *manifest.Reference {
	t.Helper()
	requests, err := lockroot.Find(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := (&lockroot.Loader{Open: open, Base: dir}).Load(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for i := range roots[0].Files {
		if f := &roots[0].Files[i]; f.Path == file && len(f.References) == 1 {
			return &f.References[0]
		}
	}
	t.Fatalf("no chart in %s", file)
	return nil
}

// What a symlink leads to is not among the files that are hashed.
func TestVendoredChartWithSymlink(t *testing.T) {
	files := map[string]string{"Chart.yaml": webChart, "x.yaml": "kind: X\n"}
	for name, text := range dbChart("1.2.3") {
		files["charts/db/"+name] = text
	}
	dir := folder(t, files)
	if r := chartIn(t, dir, lockroot.OpenWorkTree, "Chart.yaml"); r.Source.Fault != "" {
		t.Fatalf("without a link: %s", r.Source.Fault)
	}
	if err := os.Symlink("../../../x.yaml", filepath.Join(dir, "charts/db/templates/x.yaml")); err != nil {
		t.Fatal(err)
	}
	r := chartIn(t, dir, lockroot.OpenWorkTree, "Chart.yaml")
	if r.Source.Vendored != "" || !strings.Contains(r.Source.Fault, "symlink") {
		t.Errorf("content %q, fault %q", r.Source.Vendored, r.Source.Fault)
	}
}

// What other files say of a chart is not in the cache: a change of these shows although the
// file that names the chart has not changed.
func TestVendoredChartAndCache(t *testing.T) {
	t.Parallel()
	dir, cacheDir, cfg := t.TempDir(), t.TempDir(), config.Default("x")
	files := map[string]string{"Chart.yaml": webChart}
	for name, text := range dbChart("1.2.3") {
		files["charts/db/"+name] = text
	}
	write(t, dir, files)
	scanned := func() manifest.Source {
		remember(t, cacheDir, dir, cfg)
		same(t, cacheDir, dir, cfg)
		r := take(t, dir, cfg, lockroot.OpenCache(cacheDir, keyIn(cacheDir), dir, cfg))
		return *r.Files[0].References[0].Source
	}
	first := scanned()
	write(t, dir, map[string]string{"charts/db/templates/db.yaml": "kind: Y\n"})
	if next := scanned(); first.Vendored == "" || next.Vendored == first.Vendored {
		t.Errorf("content %q, once it is changed %q", first.Vendored, next.Vendored)
	}
	if err := os.RemoveAll(filepath.Join(dir, "charts")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"Chart.lock": "dependencies:\n- {name: db, version: 1.2.4, " +
		"repository: 'https://charts.example.org'}\n"})
	if last := scanned(); last.Vendored != "" || last.Pin != "1.2.4" {
		t.Errorf("without the folder: %q, pin %q", last.Vendored, last.Pin)
	}
}
