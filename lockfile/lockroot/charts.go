package lockroot

import (
	"context"
	"hash/fnv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// judgeValues scans the files again that hold Helm values for a chart of the tree, and judges
// them by what the chart's templates do with values. found are the results of the first
// scan, of files; more are files that only others tell of.
func (s *survey) judgeValues(
	ctx context.Context, t tree.Tree, files, more []manifest.File, found []*scanned,
) error {
	at := make(map[string]*manifest.File, len(files)+len(more))
	cached := map[string]bool{}
	for i := range files {
		at[files[i].Path] = &files[i]
		cached[files[i].Path] = found[i].cached
	}
	all := files[:len(files):len(files)]
	for i := range more {
		at[more[i].Path] = &more[i]
		all = append(all, more[i])
	}
	use := manifest.Charts{Read: map[string]*chartuse.Chart{}, Values: map[string]string{}}
	judged := map[string]uint64{} // by what, of each file with values
	again := map[string]bool{}
	charts := manifest.FindCharts(all)
	for _, c := range charts {
		changed := !cached[c.File()]
		sum := fnv.New64a()
		for _, name := range c.Templates {
			_, _ = sum.Write([]byte(name + "\n"))
			changed = changed || !cached[name]
		}
		for _, name := range c.Values {
			use.Values[name] = c.Dir
		}
		for _, names := range [][]string{c.Values, c.Others} {
			for _, name := range names {
				judged[name] ^= sum.Sum64() | 1
				again[name] = again[name] || changed
			}
		}
	}
	for _, f := range at {
		again[f.Path] = again[f.Path] || f.Judged != judged[f.Path]
	}
	return s.rescan(ctx, t, charts, use, at, judged, again)
}

// rescan scans those files again that again has.
func (s *survey) rescan(ctx context.Context, t tree.Tree, charts []manifest.ChartFiles,
	use manifest.Charts, at map[string]*manifest.File, judged map[string]uint64,
	again map[string]bool,
) error {
	for _, c := range charts {
		wanted := false
		for _, names := range [][]string{c.Values, c.Others} {
			for _, name := range names {
				wanted = wanted || again[name]
			}
		}
		if !wanted {
			continue
		}
		templates := make(map[string]string, len(c.Templates))
		for _, name := range c.Templates {
			src, err := t.Read(ctx, name)
			if err != nil {
				return err
			}
			templates[strings.TrimPrefix(name, c.Dir+"/")] = string(src)
		}
		use.Read[c.Dir] = chartuse.Read(templates)
	}
	scanner := s.workers[0].scanner
	scanner.UseCharts(use)
	defer scanner.UseCharts(manifest.Charts{})
	for name, f := range at {
		if !again[name] {
			continue
		}
		src, err := t.Read(ctx, name)
		if err != nil {
			return err
		}
		*f = scanner.Rescan(f, src)
		f.Judged = judged[name]
	}
	return nil
}
