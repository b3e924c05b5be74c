package lockroot

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// templatesDir is the folder of a chart whose files Helm renders, whatever they are called:
// all of them make manifests but NOTES.txt, and those whose names begin with "_" are there
// for the others to include.
const templatesDir = "templates/"

// template reports whether a file that the patterns do not name is a template, if what it
// lies in is a chart.
func (s *survey) template(name string) bool {
	return s.cfg.Include == nil && strings.Contains("/"+name, "/"+templatesDir) &&
		!strings.HasSuffix(name, "NOTES.txt") && !s.cfg.Excluded(name)
}

// chartOf returns the folder of the chart that a file is a template of.
func (s *survey) chartOf(name string) (chart string, ok bool) {
	for from := 0; ; {
		i := strings.Index(name[from:], templatesDir)
		if i < 0 {
			return "", false
		}
		from += i
		if from == 0 || name[from-1] == '/' {
			if chart = path.Clean(name[:from]); s.charts[chart] {
				return chart, true
			}
		}
		from += len(templatesDir)
	}
}

// findCharts notes the folders of the charts.
func (s *survey) findCharts() {
	s.charts = map[string]bool{}
	for _, w := range s.workers {
		for _, f := range w.files {
			if f.IsChart() {
				s.charts[path.Dir(f.Path)] = true
			}
		}
	}
}

// keeps reports whether a file that was scanned counts: one that the patterns do not name
// only if Helm renders it.
func (s *survey) keeps(ctx context.Context, f *manifest.File) bool {
	if s.cfg.Matches(f.Path) {
		return true
	}
	chart, ok := s.chartOf(f.Path)
	// A file that cannot be parsed, and is not for Helm to read, is nothing to report.
	return ok && (f.Unreadable == nil || !s.helmIgnores(ctx, chart, f.Path))
}

// dropPlain drops the files of submodules that do not count.
func (s *survey) dropPlain(ctx context.Context) {
	for i := range s.mounted {
		if s.mounted[i].IsChart() {
			s.charts[path.Dir(s.mounted[i].Path)] = true
		}
	}
	s.mounted = slices.DeleteFunc(s.mounted, func(f manifest.File) bool {
		return !s.keeps(ctx, &f)
	})
}

// helmIgnores reports whether a chart's .helmignore leaves a file out, by a plain pattern.
// https://helm.sh/docs/chart_template_guide/helm_ignore_file/
func (s *survey) helmIgnores(ctx context.Context, chart, name string) bool {
	text, err := s.read(ctx, path.Join(chart, ".helmignore"))
	if err != nil {
		return false
	}
	below := strings.TrimPrefix(name, chart+"/")
	ignored := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "!"):
			return false // what it takes back is not worked out
		default:
			ignored = ignored || helmPattern(strings.TrimSuffix(line, "/"), below)
		}
	}
	return ignored
}

// helmPattern reports whether a pattern matches a file of the chart, or a folder it is in.
func helmPattern(pattern, file string) bool {
	for ; file != "."; file = path.Dir(file) {
		against := file
		if !strings.Contains(pattern, "/") {
			against = path.Base(file)
		}
		if ok, _ := path.Match(strings.TrimPrefix(pattern, "/"), against); ok {
			return true
		}
	}
	return false
}
