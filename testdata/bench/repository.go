package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile"
)

// mix is what the repository of 10,000 files is made of: the kinds of files
// that large cluster repositories hold, in about their shares.
var mix = []struct {
	count int
	path  string // with %d for the number of the application
	text  func(g *generator, name string) string
}{
	{2300, "apps/app-%d/deployment.yaml", (*generator).deployment},
	{1800, "apps/app-%d/service.yaml", (*generator).service},
	{1700, "apps/app-%d/kustomization.yaml", (*generator).kustomization},
	{900, "releases/app-%d/helmrelease.yaml", (*generator).helmRelease},
	{700, "apps/app-%d/config.yaml", (*generator).configMap},
	{600, "apps/app-%d/rbac.yaml", (*generator).rbac},
	{500, "apps/app-%d/ingress.yaml", (*generator).ingress},
	{400, "crds/crd-%d.yaml", (*generator).crd},
	{350, "jobs/job-%d.yaml", (*generator).cronJob},
	{250, "monitoring/dashboard-%d.yaml", (*generator).dashboard},
	{200, "rendered/object-%d.json", (*generator).list},
	{100, "charts/chart-%d/templates/deployment.yaml", (*generator).chartTemplate},
	{60, "charts/chart-%d/Chart.yaml", (*generator).chart},
	{60, "charts/chart-%d/values.yaml", (*generator).values},
	{60, "unusual/file-%d.yaml", (*generator).unusual},
	{18, "tools/compose-%d.yml", (*generator).compose},
}

// files is how many there are, with plumb.yaml and plumb.lock.
const files = 10_000

// writeRepository writes the repository, pinned and locked, and returns the
// number and size of its files.
func writeRepository(dir string) (count int, size int64, err error) {
	g := newGenerator()
	write := func(path, text string) error {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		count++
		size += int64(len(text))
		return os.WriteFile(path, []byte(text), 0o644)
	}
	for _, m := range mix {
		for i := range m.count {
			name := fmt.Sprintf("%s-%d", g.word(), i)
			if err := write(fmt.Sprintf(m.path, i), m.text(g, name)); err != nil {
				return 0, 0, err
			}
		}
	}
	l := &lockfile.Lock{Entries: g.entries}
	l.Sort()
	if err := write("plumb.lock", string(l.Format())); err != nil {
		return 0, 0, err
	}
	if err := write("plumb.yaml", benchConfig); err != nil {
		return 0, 0, err
	}
	if count != files {
		return 0, 0, fmt.Errorf("the repository has %d files, not %d", count, files)
	}
	return count, size, nil
}

// benchConfig excuses what cannot be pinned, so that verify finds the tree good.
const benchConfig = `apiVersion: plumb.dev/v1
kind: Config
platforms: [linux/amd64, linux/arm64]
exceptions:
  - path: charts
    reason: the images of charts are pinned where they are released
    owner: platform
    expires: 2099-12-31
`
