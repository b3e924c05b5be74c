package manifest

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/gotemplate"
)

// chart is a Helm chart in the tree, or one of those below it.
type chart struct {
	dir       string
	meta      gotemplate.Value
	templates []*File
	values    *File   // values.yaml, or nil
	overlays  []*File // further files of values that it is used with
	below     []*chart
	above     *chart
}

// chartsOf gathers the charts of the tree, each with those that lie in its folder
// "charts", and the texts that templates may print.
func chartsOf(files []File) (all []*chart, texts []*File) {
	byDir := map[string]*chart{}
	for i := range files {
		if f := &files[i]; f.role == chartFile && f.source != "" {
			c := &chart{dir: path.Dir(f.Path), meta: gotemplate.ParseValues(f.Path, f.source)}
			byDir[c.dir] = c
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	for i := range files {
		f := &files[i]
		if f.as&asText != 0 {
			texts = append(texts, f)
		}
		switch {
		case f.role == chartTemplate:
			if c := byDir[templatesOf(f.Path)]; c != nil {
				c.templates = append(c.templates, f)
			}
		case f.as&asValues != 0 && f.source != "":
			c := byDir[path.Dir(f.Path)]
			switch {
			case c == nil:
			case path.Base(f.Path) == "values.yaml":
				c.values = f
			default:
				c.overlays = append(c.overlays, f)
			}
		}
	}
	for _, c := range all {
		if up := path.Dir(c.dir); path.Base(up) == "charts" {
			if c.above = byDir[path.Dir(up)]; c.above != nil {
				c.above.below = append(c.above.below, c)
			}
		}
	}
	return all, texts
}

// TemplateHelper reports whether a file is, by its name, a Helm template that is no YAML:
// "templates/_helpers.tpl".
func TemplateHelper(name string) bool {
	return path.Ext(name) == ".tpl" && roleOf(name) == chartTemplate
}

// templatesOf is the folder of the chart that a template is of.
func templatesOf(name string) string {
	i := strings.LastIndex("/"+name, "/templates/")
	return path.Clean("./" + name[:max(i-1, 0)])
}

// entry is a text in a chart's Chart.yaml.
func (c *chart) entry(key string) string {
	if m, ok := c.meta.(*gotemplate.Map); ok {
		if s, ok := m.Entries[key].(gotemplate.Scalar); ok {
			return s.String()
		}
	}
	return ""
}

// renderings are the values that the chart is filled in with, in turn: its own, and
// those with each file of values that it is used with.
func (c *chart) renderings() []gotemplate.Value {
	own := func() gotemplate.Value { return parsedValues(c.values) }
	out := []gotemplate.Value{own()}
	for _, o := range c.overlays {
		out = append(out, gotemplate.Merge(own(), parsedValues(o)))
	}
	return out
}

func parsedValues(f *File) gotemplate.Value {
	if f == nil {
		return gotemplate.NewMap()
	}
	return gotemplate.ParseValues(f.Path, f.source)
}

// templateSet is all templates that a chart's can include, and those of texts that they can
// print.
func (c *chart) templateSet(texts []*File) (*gotemplate.Set, []broken) {
	set := gotemplate.NewSet()
	var faults []broken
	var add func(c *chart)
	add = func(c *chart) {
		for _, b := range c.below {
			add(b)
		}
		for _, t := range c.templates {
			if err := set.Add(t.Path, t.source); err != nil {
				faults = append(faults, broken{t, err})
			}
		}
	}
	add(c)
	for _, f := range texts {
		if inFolder(f.Path, c.dir) {
			set.AddFile(f.Path, f.source)
		}
	}
	return set, faults
}

// broken is a template that cannot be parsed.
type broken struct {
	file *File
	err  error
}

func inFolder(name, dir string) bool {
	return dir == "." || strings.HasPrefix(name, dir+"/")
}

// maxChartDepth is how deep charts in charts are followed.
const maxChartDepth = 8

// render fills in the templates of a chart and of those below it.
func (r *filler) render(c *chart, set *gotemplate.Set, values gotemplate.Value, depth int) {
	if depth > maxChartDepth {
		return
	}
	name := c.entry("name")
	dot := gotemplate.Dot(gotemplate.Chart{Dir: c.dir, Meta: c.meta, Name: name}, values)
	if c.entry("type") != "library" {
		for _, t := range c.templates {
			base := path.Base(t.Path)
			if strings.HasPrefix(base, "_") || base == "NOTES.txt" {
				continue
			}
			out := set.Render(t.Path, dot)
			if out.Incomplete != "" {
				r.incomplete[c.dir] = out.Incomplete
			}
			r.rendered(c, t, out.Pieces)
		}
	}
	for _, b := range c.below {
		for _, key := range c.namesOf(b, values) {
			r.render(b, set, b.valuesBelow(values, key), depth+1)
		}
	}
}

// namesOf are the keys of the values for a chart below; none if a condition turns it off.
func (c *chart) namesOf(b *chart, values gotemplate.Value) []string {
	name := b.entry("name")
	if name == "" {
		name = path.Base(b.dir)
	}
	meta, _ := c.meta.(*gotemplate.Map)
	if meta == nil {
		return []string{name}
	}
	list, _ := meta.Entries["dependencies"].(*gotemplate.List)
	if list == nil {
		return []string{name}
	}
	var keys []string
	listed := false
	for _, d := range list.Items {
		if metaText(d, "name") != name {
			continue
		}
		listed = true
		key := cmp.Or(metaText(d, "alias"), name)
		if !turnedOff(values, metaText(d, "condition")) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if !listed {
		keys = []string{name}
	}
	return keys
}

func metaText(v gotemplate.Value, key string) string {
	if m, ok := v.(*gotemplate.Map); ok {
		if s, ok := m.Entries[key].(gotemplate.Scalar); ok {
			return s.String()
		}
	}
	return ""
}

// turnedOff reports whether the first of a condition's paths that has a boolean is false.
func turnedOff(values gotemplate.Value, condition string) bool {
	for _, p := range strings.Split(condition, ",") {
		v := values
		for _, key := range strings.Split(strings.TrimSpace(p), ".") {
			m, ok := v.(*gotemplate.Map)
			if v = nil; ok {
				v = m.Entries[key]
			}
		}
		if s, ok := v.(gotemplate.Scalar); ok && s.Kind == gotemplate.Bool {
			return s.String() == "false"
		}
	}
	return false
}

// valuesBelow are the values of a chart below another, which has them under a key.
func (c *chart) valuesBelow(above gotemplate.Value, key string) gotemplate.Value {
	own := parsedValues(c.values)
	m, ok := above.(*gotemplate.Map)
	if !ok {
		return own
	}
	out := own
	if given := m.Entries[key]; given != nil {
		out = gotemplate.Merge(own, given)
	}
	merged, ok := out.(*gotemplate.Map)
	if ok && m.Entries["global"] != nil {
		merged.Entries["global"] = gotemplate.Merge(merged.Entries["global"], m.Entries["global"])
	}
	return out
}
