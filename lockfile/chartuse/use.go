// Package chartuse reads the templates of a Helm chart, and says where they print which
// of its values: as the last part of an image's name, in a label, with something behind.
// It fills in nothing: every branch is taken, and what is computed is not known.
package chartuse

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// How says what a template makes of a value.
type How uint8

const (
	// Whole is the whole value of a field that has an image's name.
	Whole How = iota + 1
	// Tail is the end of an image's name: behind ":" or "@", and nothing but a digest behind it.
	Tail
	// Name is a part of an image's name that is not its end.
	Name
	// Followed is as Tail, but more follows, such as "-alpine".
	Followed
	// Elsewhere is any other text: a label, an argument, a version.
	Elsewhere
	// Computed is what a function made of it, or decided by it.
	Computed
)

// Use is one place where a template prints a value, or computes with it.
type Use struct {
	Path  string // of the value below .Values; "*" stands for any one key or item
	How   How
	File  string // the template, and the line in it, 1-based
	Line  int
	Key   string   // the field that it is printed in, "" if that cannot be told
	After []string // of a Tail: the paths of the value that is all of the name before it
	// Before are the values that stand before it in the field, the nearest first, each by
	// its paths; Literal says that text stands there as well.
	Before  [][]string
	Literal bool
}

// Chart is what the templates of a chart do with its values.
type Chart struct {
	spots    map[string][]spot // by the paths of the values that are printed
	compared []Use             // what decides, and is not printed
	// Incomplete is what of the templates cannot be read, "" if all can.
	Incomplete string
}

// limits of one chart: more is not read, and the chart is incomplete.
const (
	maxDepth  = 24
	maxTokens = 100_000
)

// Read reads the templates of a chart, by their file names: what they define for others
// to include, and, of those that render (not "_helpers.tpl"), what they print. The names
// start from the chart's directory; those of a dependency begin with "charts/NAME/", and
// the values that it takes with "NAME.".
func Read(templates map[string]string) *Chart {
	r := &reader{chart: &Chart{spots: map[string][]spot{}}, trees: map[string]*parse.Tree{},
		sources: map[string]string{}}
	names := make([]string, 0, len(templates))
	for name := range templates {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r.parse(name, templates[name])
	}
	for _, name := range names {
		base, ok := valuesOf(name)
		if t := r.trees[name]; t != nil && ok {
			root := value{roots: []string{base}}
			r.vars = []variable{{"$", root}}
			r.chart.keep(r.list(t.Root, root, r.at(t)))
		}
	}
	return r.chart
}

// valuesOf is the path of the values that a template takes, and whether it renders.
func valuesOf(name string) (base string, renders bool) {
	for {
		rest, ok := strings.CutPrefix(name, "charts/")
		if !ok {
			break
		}
		dependency, rest, ok := strings.Cut(rest, "/")
		if !ok {
			return "", false
		}
		base, name = strings.TrimPrefix(base+"."+dependency, "."), rest
	}
	return base, strings.HasPrefix(name, "templates/") && !strings.HasPrefix(path.Base(name), "_")
}

// Of lists the uses of the value at path, its parts joined by dots, each once, in the
// order of places.
func (c *Chart) Of(path string) []Use {
	var out []Use
	for p, spots := range c.spots {
		if Match(p, path) {
			for _, s := range spots {
				out = append(out, s.use(p))
			}
		}
	}
	for _, u := range c.compared {
		if Match(u.Path, path) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.How, b.How), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Key, b.Key))
	})
	return slices.CompactFunc(out, func(a, b Use) bool {
		return a.File == b.File && a.Line == b.Line && a.How == b.How && a.Path == b.Path &&
			a.Key == b.Key
	})
}

// TagOf returns the paths of the values that are printed as the tag of the name at path.
func (c *Chart) TagOf(path string) []string {
	var out []string
	matches := func(p string) bool { return Match(p, path) }
	for p, spots := range c.spots {
		for _, s := range spots {
			if slices.ContainsFunc(nameBefore(s.out[:s.at]), matches) && s.use(p).How == Tail {
				out = append(out, p)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// Prints reports whether the templates print any value at path.
func (c *Chart) Prints(path string) bool {
	for p := range c.spots {
		if Match(p, path) {
			return true
		}
	}
	return false
}

// Match reports whether two paths, in which "*" stands for any part, can be the same.
func Match(a, b string) bool {
	for {
		x, moreA, okA := strings.Cut(a, ".")
		y, moreB, okB := strings.Cut(b, ".")
		if x != y && x != "*" && y != "*" || okA != okB {
			return false
		}
		if !okA {
			return true
		}
		a, b = moreA, moreB
	}
}

// parse reads one file and what it defines.
func (r *reader) parse(name, src string) {
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := t.Parse(src, "", "", set); err != nil {
		r.incomplete(name + " cannot be read")
		return
	}
	r.sources[name] = src
	for defined, tree := range set {
		tree.ParseName = name
		r.trees[defined] = tree
	}
}

func (r *reader) incomplete(why string) {
	if r.chart.Incomplete == "" {
		r.chart.Incomplete = why
	}
}
