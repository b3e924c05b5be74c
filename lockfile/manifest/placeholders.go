package manifest

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/gotemplate"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// given is an offer and the file that has it.
type given struct {
	*offer
	file *File
}

// filled is a text whose placeholders are filled in.
type filled struct {
	text string
	by   []given // in turn
	why  string  // why it cannot be filled in, or ""
}

// maxFilled bounds how many texts one placeholder is followed to.
const maxFilled = 64

// openings follows the placeholders of all files but those of Helm templates.
func (r *filler) openings() {
	r.offers = map[string][]given{}
	for i := range r.files {
		f := &r.files[i]
		for _, a := range f.asks {
			if a.variable != "" {
				r.vars = append(r.vars, "$("+strings.Trim(a.variable, "$()")+")")
			}
		}
		for j := range f.offers {
			o := &f.offers[j]
			if o.to == "Template" {
				o.to = f.Path + "\x00Template" // of the objects in it
			}
			if strings.HasPrefix(o.to, fluxScope) {
				r.flux = append(r.flux, given{o, f})
			}
			r.offers[o.to] = append(r.offers[o.to], given{o, f})
		}
	}
	for i := range r.files {
		f := &r.files[i]
		var kept []Remark
		changed := false
		for _, m := range f.Remarks {
			if !m.open || f.role == chartTemplate {
				kept = append(kept, m)
				continue
			}
			if r.kustomizeVar(m.Reference) {
				kept = append(kept, m) // what fills it is judged where it stands
				continue
			}
			changed = true
			if why := r.follow(f, m); why != "" {
				m.Message += ": " + why
				m.Severe = true
				kept = append(kept, m)
			}
		}
		if changed {
			f.Remarks = kept
		}
	}
}

// kustomizeVar reports whether a kustomization of the tree has a var that a text is.
func (r *filler) kustomizeVar(written string) bool {
	return slices.ContainsFunc(r.vars, func(v string) bool { return strings.Contains(written, v) })
}

// follow judges what fills the placeholder at m, and says why it cannot be told.
func (r *filler) follow(f *File, m Remark) string {
	all := r.fill(f, filled{text: m.Reference}, scopeOf(m.Kind, m.Name), 0)
	for _, t := range all {
		if t.why != "" {
			return t.why
		}
		if t.text == "" {
			return "what fills it is empty"
		}
	}
	for _, t := range all {
		r.judgeFilled(f, m, t)
	}
	return ""
}

// judgeFilled judges a placeholder that is filled in: where its value stands if that is all
// of it, else at the placeholder.
func (r *filler) judgeFilled(f *File, m Remark, t filled) {
	last := t.by[len(t.by)-1]
	line, column, file := m.Line, m.Column, f
	why := "it is put together of what stands elsewhere; write it out, with its digest"
	if t.text == last.text && last.line > 0 {
		line, column, file = last.line, last.column, last.file
		if known := referenceAt(file, line, column); known != nil {
			return // it is judged there
		}
		why = "it fills a placeholder elsewhere; write its digest behind it"
	}
	ref := Reference{File: file.Path, Line: line, Column: column, Input: lockfile.Image,
		Kind: m.Kind, Namespace: m.Namespace, Name: m.Name, Field: m.Field, Reference: t.text,
		Why: why}
	if m.Input != "" {
		ref.Input, ref.Why = m.Input, "it is put together of what stands elsewhere; write it out"
		if ref.Source = filledSource(m.Input, t.text); ref.Source != nil {
			ref.Tracked = ref.Source.tracked()
		} else {
			ref.Source, ref.Why = &Source{Listed: true}, "what fills it in is not the URL of one"
		}
	} else if n, err := oci.Parse(strings.TrimPrefix(t.text, "oci://")); err != nil {
		ref.Why = reason(err)
	} else {
		ref.Tracked, ref.Digest = n.Tracked(), n.Digest
	}
	r.references = append(r.references, ref)
}

// referenceAt is the reference at a place, or nil.
func referenceAt(f *File, line, column int) *Reference {
	for i := range f.References {
		if ref := &f.References[i]; ref.Line == line && ref.Column == column {
			return ref
		}
	}
	return nil
}

// openText finds a placeholder in a text: $(…), ${{…}}, ${…} or {{…}}.
var openText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`\$\(([^()]*)\)|\$\{\{([^{}]*)\}\}|\$\{([^{}]*)\}|\{\{([^{}]*)\}\}`)
})

// fill fills in the placeholders of a text in a scope, one by one.
func (r *filler) fill(f *File, t filled, scope string, depth int) []filled {
	at := openText().FindStringSubmatchIndex(t.text)
	if at == nil {
		if len(t.by) == 0 || templateIn(t.text) != "" {
			t.why = "plumb does not know this form"
		}
		return []filled{t}
	}
	if depth > 12 {
		t.why = "it is nested too deep"
		return []filled{t}
	}
	inner := ""
	for i := 2; i < len(at); i += 2 {
		if at[i] >= 0 {
			inner = strings.TrimSpace(t.text[at[i]:at[i+1]])
		}
	}
	found, why := r.candidates(f, t.text[at[0]:at[1]], inner, scope)
	if why != "" {
		t.why = why
		return []filled{t}
	}
	var out []filled
	for _, g := range found {
		// The value's own placeholders are filled in where it stands.
		for _, v := range r.value(f, g, depth+1) {
			next := filled{text: t.text[:at[0]] + v.text + t.text[at[1]:], why: v.why,
				by: append(append([]given(nil), t.by...), v.by...)}
			if next.why != "" {
				return []filled{next}
			}
			out = append(out, r.fill(f, next, scope, depth+1)...)
		}
		if len(out) > maxFilled {
			return []filled{{why: "too many values fill it"}}
		}
	}
	return out
}

// value is the text of an offer, filled in.
func (r *filler) value(f *File, g given, depth int) []filled {
	t := filled{text: g.text, by: []given{g}}
	if !openText().MatchString(g.text) {
		return []filled{t}
	}
	t.by = nil
	if g.owner == g.to && strings.Contains(g.text, g.name) && depth > 6 {
		return []filled{{why: "it fills itself"}}
	}
	return r.fill(f, t, g.owner, depth)
}

// candidates are what may fill one placeholder.
func (r *filler) candidates(f *File, whole, inner, scope string) ([]given, string) {
	switch {
	case strings.HasPrefix(whole, "${") && r.offers[f.Path+"\x00Template"] != nil:
		return r.named(r.offers[f.Path+"\x00Template"], inner)
	case strings.HasPrefix(whole, "${") && !strings.HasPrefix(whole, "${{"):
		return r.substitution(f, inner)
	case strings.HasPrefix(scope, "ApplicationSet/"):
		return r.element(inner, scope)
	case strings.HasPrefix(whole, "{{"):
		for _, prefix := range [...]string{"inputs.parameters.", "workflow.parameters."} {
			if name, ok := strings.CutPrefix(strings.TrimPrefix(inner, "="), prefix); ok {
				return r.named(r.offers[scope], name)
			}
		}
	case strings.HasPrefix(whole, "$("):
		name, ok := paramName(inner)
		if !ok {
			break
		}
		found := r.offers[scope]
		if strings.HasPrefix(inner, "tt.") {
			found = append(append([]given(nil), found...), r.bindings(name)...)
		}
		return r.named(found, name)
	}
	return nil, "nothing in the tree fills it"
}

// paramName is the parameter of Tekton that $(…) names.
func paramName(inner string) (string, bool) {
	for _, prefix := range [...]string{"params", "inputs.params", "tt.params"} {
		rest, ok := strings.CutPrefix(inner, prefix)
		switch {
		case !ok || rest == "":
		case rest[0] == '.':
			return rest[1:], true
		case rest[0] == '[' && strings.HasSuffix(rest, "]"):
			return strings.Trim(rest, `[]"'`), true
		}
	}
	return "", false
}

// bindings are what TriggerBindings give to a parameter of this name.
func (r *filler) bindings(name string) []given {
	var out []given
	for i := range r.files {
		f := &r.files[i]
		for j := range f.offers {
			o := &f.offers[j]
			if o.name == name && (strings.HasPrefix(o.owner, "TriggerBinding/") ||
				strings.HasPrefix(o.owner, "ClusterTriggerBinding/")) {
				out = append(out, given{o, f})
			}
		}
	}
	return out
}

// named are those offers that have a name.
func (r *filler) named(all []given, name string) ([]given, string) {
	var out []given
	for _, g := range all {
		if g.name == name {
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		return nil, "nothing in the tree gives " + name + " a value"
	}
	return out, ""
}

// element is what the generators of an ApplicationSet have under a key.
func (r *filler) element(inner, scope string) ([]given, string) {
	name := strings.TrimPrefix(inner, ".")
	found, why := r.named(r.offers[scope], name)
	for _, g := range r.offers[scope] {
		switch g.name {
		case filesName:
			if more := r.inFiles(g, name); len(more) > 0 {
				found, why = append(found, more...), ""
			}
		case anyName:
			if why != "" {
				why = g.text + " fills it, which plumb does not follow"
			}
		}
	}
	if why != "" {
		return nil, why
	}
	return found, ""
}

// inFiles are the values under a key in the files that a git generator names.
func (r *filler) inFiles(g given, name string) []given {
	var out []given
	for i := range r.files {
		f := &r.files[i]
		if f.source == "" || !globMatches(g.text, f.Path) {
			continue
		}
		v := gotemplate.ParseValues(f.Path, f.source)
		elements := []gotemplate.Value{v}
		if l, ok := v.(*gotemplate.List); ok {
			elements = l.Items
		}
		for _, v := range elements {
			for _, key := range strings.Split(name, ".") {
				m, ok := v.(*gotemplate.Map)
				if v = nil; ok {
					v = m.Entries[key]
				}
			}
			if s, ok := v.(gotemplate.Scalar); ok && len(s.Pieces) == 1 {
				_, line, column := r.position(s.Pieces[0].From)
				out = append(out, given{&offer{owner: g.owner, to: g.to, name: name,
					text: s.String(), line: line, column: column}, f})
			}
		}
	}
	return out
}

// globMatches reports whether a glob of files matches a path; "**" stands for folders.
func globMatches(glob, name string) bool {
	glob = strings.TrimPrefix(strings.TrimPrefix(glob, "./"), "/")
	return segmentsMatch(strings.Split(glob, "/"), strings.Split(name, "/"))
}

func segmentsMatch(globs, names []string) bool {
	if len(globs) == 0 {
		return len(names) == 0
	}
	if globs[0] == "**" {
		return segmentsMatch(globs[1:], names) || len(names) > 0 && segmentsMatch(globs, names[1:])
	}
	if len(names) == 0 {
		return false
	}
	ok, err := path.Match(globs[0], names[0])
	return ok && err == nil && segmentsMatch(globs[1:], names[1:])
}

// substitution is what Flux substitutes for a variable in a file, as its Kustomizations in
// the tree say.
func (r *filler) substitution(f *File, inner string) ([]given, string) {
	name, fallback, hasDefault := inner, "", false
	for _, op := range [...]string{":=", ":-", "=", "-"} {
		if before, after, ok := strings.Cut(inner, op); ok {
			name, fallback, hasDefault = before, after, true
			break
		}
	}
	var near, far []given
	substitutes := false
	for _, g := range r.flux {
		substitutes = true
		covers := inFolder(f.Path, "./"+strings.TrimPrefix(g.to, fluxScope)) ||
			g.to == fluxScope || inFolder(f.Path, strings.TrimPrefix(g.to, fluxScope))
		var found []given
		switch g.name {
		case name:
			found = []given{g}
		case sourceName:
			found, _ = r.named(r.offers[scopeOf("ConfigMap", g.text)], name)
		}
		if far = append(far, found...); covers {
			near = append(near, found...)
		}
	}
	switch {
	case len(near) > 0:
		return near, ""
	case len(far) > 0:
		return far, ""
	case substitutes && hasDefault:
		o := &offer{name: name, text: strings.Trim(fallback, `"'`)}
		return []given{{o, f}}, ""
	}
	return nil, "nothing in the tree gives " + name + " a value"
}
