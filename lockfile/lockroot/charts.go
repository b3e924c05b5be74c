package lockroot

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// judgeValues scans the files again that hold Helm values for a chart of the tree, and judges
// them by what the chart's templates do with values. found are the results of the first
// scan, of files; more are files that only others tell of.
func (s *survey) judgeValues(
	ctx context.Context, files, more []manifest.File, found []*scanned,
) error {
	all := append(files[:len(files):len(files)], more...)
	charts := manifest.FindCharts(all)
	use := manifest.Charts{Read: map[string]*chartuse.Chart{}, Values: map[string]string{}}
	judged := map[string]uint64{} // by what, of each file with values
	changed := map[string]bool{}  // templates and charts
	for _, c := range charts {
		changed[c.File()] = true
		for _, name := range c.Templates {
			changed[name] = true
		}
	}
	for i := range files {
		if found[i].cached && changed[files[i].Path] {
			changed[files[i].Path] = false
		}
	}
	again := map[string]bool{}
	for _, c := range charts {
		differs := changed[c.File()]
		sum := fnv.New64a()
		for _, name := range c.Templates {
			_, _ = sum.Write([]byte(name + "\n"))
			differs = differs || changed[name]
		}
		for _, name := range c.Values {
			use.Values[name] = c.Dir
		}
		for _, name := range slices.Concat(c.Values, c.Others) {
			judged[name] ^= sum.Sum64() | 1
			again[name] = again[name] || differs
		}
	}
	at := map[string]*manifest.File{}
	for _, list := range [][]manifest.File{files, more} {
		for i := range list {
			f := &list[i]
			if f.Judged != 0 || len(judged) > 0 && judged[f.Path] != 0 {
				again[f.Path] = again[f.Path] || f.Judged != judged[f.Path]
				at[f.Path] = f
			}
		}
	}
	return s.rescan(ctx, charts, use, at, judged, again)
}

// rescan scans those files again that again has.
func (s *survey) rescan(ctx context.Context, charts []manifest.ChartFiles,
	use manifest.Charts, at map[string]*manifest.File, judged map[string]uint64,
	again map[string]bool,
) error {
	for _, c := range charts {
		wanted := false
		for _, name := range slices.Concat(c.Values, c.Others) {
			wanted = wanted || again[name]
		}
		if !wanted {
			continue
		}
		templates := make(map[string]string, len(c.Templates))
		for _, name := range c.Templates {
			src, err := s.readAgain(ctx, name)
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
		src, err := s.readAgain(ctx, name)
		if err != nil {
			return err
		}
		*f = scanner.Rescan(f, src)
		f.Judged = judged[name]
	}
	return nil
}
