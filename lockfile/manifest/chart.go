package manifest

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Charts are charts of the tree whose templates have been read, and the files that hold
// values for them.
type Charts struct {
	Read   map[string]*chartuse.Chart // by the chart's directory
	Values map[string]string          // the chart's directory, by the path of a values file
}

// UseCharts has the scanner judge Helm values by the templates of their charts.
func (s *Scanner) UseCharts(c Charts) { s.charts = c }

// charted is what a finder knows of the charts whose values it searches.
type charted struct {
	chart      *chartuse.Chart // whose values these are, nil if it is not in the tree
	valuesAt   int             // steps to the root of the values
	valuesRoot *yaml.Node      // of the values, nil for parameters
	shared     chartKeys       // what the values say of all images
	chartDir   string          // of the release at hand, "" if its chart is not in the tree
	chartName  string          // of the release at hand, "" if that is not known
	charts     []string        // directories of charts that the file has values for
}

// release notes that the values which follow are those of the chart in dir, "" if that is
// not in the tree.
func (f *finder) release(dir string) { f.chartDir, f.chartName = dir, "" }

// valuesChart is the chart that Helm values at this place are for, nil if it is not known.
func (f *finder) valuesChart() *chartuse.Chart {
	if dir, ok := f.scanner.charts.Values[f.path]; ok {
		return f.scanner.charts.Read[dir]
	}
	if f.chartDir == "" {
		return nil
	}
	if !slices.Contains(f.charts, f.chartDir) {
		f.charts = append(f.charts, f.chartDir)
	}
	return f.scanner.charts.Read[f.chartDir]
}

// valuePath is the path of the current place in the Helm values, and of keys below it.
func (f *finder) valuePath(keys ...string) string {
	var b strings.Builder
	add := func(part string) {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	for _, s := range f.steps[min(f.valuesAt, len(f.steps)):] {
		if s.index >= 0 {
			add(strconv.Itoa(s.index))
		} else {
			add(s.key)
		}
	}
	for _, k := range keys {
		add(k)
	}
	return b.String()
}

// keyOf is the key in m, or in what m merges, whose value is n.
func keyOf(m, n *yaml.Node) string {
	for k := m.FirstChild; n != nil && k != nil; k = k.Next.Next {
		if k.Next == n {
			return k.Value
		}
	}
	if n != nil && m.Kind == yaml.Mapping {
		for _, p := range merged(m) {
			if p.value == n {
				return p.key.Value
			}
		}
	}
	return ""
}

// paths are where an image's parts stand in Helm values.
type paths struct{ registry, repository, tag, digest string }

// locate finds the paths of p's parts, below a mapping in Helm values.
func (f *finder) locate(p *parts) {
	if f.values {
		p.base = f.valuePath()
	}
	if f.chart == nil || p.m == nil {
		return
	}
	for _, part := range []struct {
		n    *yaml.Node
		path *string
	}{{p.registry, &p.at.registry}, {p.repository, &p.at.repository}, {p.tag, &p.at.tag},
		{p.digest, &p.at.digest}} {
		if key := keyOf(p.m, part.n); key != "" {
			*part.path = f.valuePath(key)
		}
	}
}

// deadDigest reports whether the chart's templates print p's name, and its digest never.
func deadDigest(c *chartuse.Chart, p parts) bool {
	return c != nil && p.at.digest != "" && c.Incomplete == "" && !c.Prints(p.at.digest) &&
		(c.Prints(p.at.repository) || c.Prints(p.at.tag))
}

// chartWhy says why the templates of the chart do not take a digest where p's would be
// written, "" if they do or are not known.
func chartWhy(c *chartuse.Chart, p parts) string {
	switch {
	case c == nil || p.at.tag == "" && p.at.digest == "":
		return ""
	case p.digest == nil:
		for _, u := range c.Of(p.at.tag) {
			if why := useWhy(u, "the tag"); why != "" {
				return why
			}
		}
		if c.Incomplete == "" && !c.Prints(p.at.tag) && c.Prints(p.at.repository) {
			return "the chart's templates do not print the tag"
		}
		return ""
	}
	uses := c.Of(p.at.digest)
	if len(uses) == 0 || slices.ContainsFunc(uses, func(u chartuse.Use) bool {
		return u.How == chartuse.Tail
	}) {
		return ""
	}
	return useWhy(uses[0], "the digest")
}

// prefixWhy says why the name that p says is not the one that the chart prints, "" if it is:
// the chart prints something before it that p does not have.
func (f *finder) prefixWhy(p parts) string {
	if f.chart == nil || p.at.repository == "" {
		return ""
	}
	for _, u := range f.chart.Of(p.at.repository) {
		if u.How != chartuse.Name {
			continue
		}
		place := u.File + ":" + strconv.Itoa(u.Line)
		if u.Literal {
			return place + " in the chart puts more before the name"
		}
		for _, values := range u.Before {
			if len(values) == 0 {
				return place + " in the chart puts more before the name"
			}
			for _, path := range values {
				if !f.knownBefore(p, path) {
					return place + " in the chart puts " + path + " before the name, which is " +
						"set elsewhere; write it beside the name"
				}
			}
		}
	}
	return ""
}

// knownBefore reports whether the value at a path, which the chart prints before p's name,
// is p's registry, or not set.
func (f *finder) knownBefore(p parts, path string) bool {
	if path == p.at.registry {
		return true
	}
	n := at(f.valuesRoot, strings.Split(path, ".")...)
	if n == nil {
		dir, ok := f.scanner.charts.Values[f.path]
		return ok && f.path == pathIn(dir, "values.yaml") || strings.HasPrefix(path, "global.")
	}
	_, s := str(n)
	return s == "" && scalarText(n) || s != "" && s == f.global
}

// pathIn is a file's path in a directory of the tree.
func pathIn(dir, name string) string { return path.Join(dir, name) }

// useWhy says what about a use does not go with a digest, or "".
func useWhy(u chartuse.Use, what string) string {
	place := u.File + ":" + strconv.Itoa(u.Line)
	switch u.How {
	case chartuse.Name, chartuse.Followed:
		return place + " in the chart puts more behind " + what
	case chartuse.Computed:
		return place + " in the chart computes with " + what
	case chartuse.Elsewhere:
		if u.Key != "" {
			return place + " in the chart also prints " + what + " as " + u.Key
		}
		return place + " in the chart also prints " + what + " outside of an image"
	}
	return ""
}

// wholeWhy says why a whole image at path cannot take a digest, "" if it can.
func wholeWhy(c *chartuse.Chart, path string) string {
	if c == nil {
		return ""
	}
	for _, u := range c.Of(path) {
		if u.How == chartuse.Followed || u.How == chartuse.Computed {
			return useWhy(u, "the image")
		}
	}
	return ""
}

// printsWhole reports whether the chart prints the value at path as a whole image, and
// as nothing else.
func printsWhole(c *chartuse.Chart, path string) bool {
	if c == nil {
		return false
	}
	uses := c.Of(path)
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u chartuse.Use) bool {
		return u.How != chartuse.Whole
	})
}

// joinedTag is the key of m whose value the chart prints as the tag of the name at key.
func (f *finder) joinedTag(m *yaml.Node, key string) string {
	if f.chart == nil {
		return ""
	}
	tags := f.chart.TagOf(f.valuePathBeside(key))
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if k.Value != key && scalarText(k.Next) && slices.ContainsFunc(tags, func(t string) bool {
			return chartuse.Match(t, f.valuePathBeside(k.Value))
		}) {
			return k.Value
		}
	}
	return ""
}

// valuePathBeside is the path of another key than the current one.
func (f *finder) valuePathBeside(key string) string {
	steps := f.steps
	f.steps = f.steps[:len(f.steps)-1]
	defer func() { f.steps = steps }()
	return f.valuePath(key)
}

// ChartFiles are the files of one chart in the tree, sorted.
type ChartFiles struct {
	Dir       string
	Templates []string // its own and those of its dependencies
	Values    []string // read as its values
	Others    []string // with values for it in objects
}

// File is the path of the chart's Chart.yaml.
func (c *ChartFiles) File() string { return path.Join(c.Dir, "Chart.yaml") }

// FindCharts lists the charts among files that have templates and values.
func FindCharts(files []File) []ChartFiles {
	charts := map[string]*ChartFiles{}
	for i := range files {
		if files[i].role == chartFile {
			dir := path.Dir(files[i].Path)
			charts[dir] = &ChartFiles{Dir: dir}
		}
	}
	if len(charts) == 0 {
		return nil
	}
	named := namedFor(files, charts)
	for i := range files {
		f := &files[i]
		switch {
		case f.role == chartTemplate:
			for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
				if c := charts[dir]; c != nil {
					c.Templates = append(c.Templates, f.Path)
				}
				if dir == "." || dir == "/" {
					break
				}
			}
		case f.as&asValues != 0:
			if c := charts[named[f.Path]]; c != nil {
				c.Values = append(c.Values, f.Path)
			}
		default:
			for _, dir := range f.charts {
				if c := charts[dir]; c != nil {
					c.Others = append(c.Others, f.Path)
				}
			}
		}
	}
	var out []ChartFiles
	for _, c := range charts {
		if len(c.Templates) > 0 && len(c.Values)+len(c.Others) > 0 {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b ChartFiles) int { return strings.Compare(a.Dir, b.Dir) })
	return out
}

// namedFor is the directory of the chart that each values file is for: that of the release
// which names the file, else the nearest above it.
func namedFor(files []File, charts map[string]*ChartFiles) map[string]string {
	out := map[string]string{}
	for i := range files {
		f := &files[i]
		for _, u := range f.uses {
			if u.as&asValues == 0 || len(f.charts) != 1 || charts[f.charts[0]] == nil {
				continue
			}
			out[u.from(f.Path)] = f.charts[0]
		}
	}
	for i := range files {
		if f := &files[i]; f.as&asValues != 0 && out[f.Path] == "" {
			dir := path.Dir(f.Path)
			for charts[dir] == nil && dir != "." && dir != "/" {
				dir = path.Dir(dir)
			}
			out[f.Path] = dir
		}
	}
	return out
}

// Rescan finds what src, the text of f's file, holds, in the way that f was read.
func (s *Scanner) Rescan(f *File, src []byte) File {
	if f.as != 0 {
		return s.ScanNamed(Named{Path: f.Path, as: f.as}, src)
	}
	return s.Scan(f.Path, src)
}
