// Package scaffold writes a first plumb.yaml and CI files for what a repository
// uses.
package scaffold

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/cmd/internal/githook"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Found is what a lock root and its repository use, as far as a plumb.yaml or a CI
// file depends on it.
type Found struct {
	References int        `json:"references"`
	Unpinned   int        `json:"unpinned"`
	Uneditable int        `json:"uneditable"` // references and fields that plumb cannot pin in place
	Registries []Registry `json:"registries"`
	Tools      []string   `json:"tools"`
	Platforms  []string   `json:"platforms"` // that manifests select nodes by
	Fields     []Field    `json:"fields"`
	Exclude    []string   `json:"exclude"` // directories that are probably not deployed
	Nested     []string   `json:"lockRoots"`
	Locked     []string   `json:"locked"` // kinds of inputs that plumb.lock has
	Self       []Self     `json:"self"`   // remotes of the repository

	CI        []string      `json:"ci"`        // names of systems
	Bots      []string      `json:"bots"`      // names of bots that update manifests, sorted
	Hook      githook.State `json:"hook"`      // "" outside of git
	OtherHook bool          `json:"otherHook"` // there is a hook that is not plumb's
	Framework bool          `json:"preCommit"` // the pre-commit framework is configured
}

// Registry is a registry, and how many references name it.
type Registry struct {
	Host       string `json:"host"`
	References int    `json:"references"`
}

// Field is a field that plumb does not know, and that seems to hold images.
type Field struct {
	Kind  string `json:"kind"`
	Path  string `json:"path"`
	Place string `json:"place"` // the first file that has it
}

// Find looks at the files of a lock root.
func Find(ctx context.Context, r *lockroot.Root) (Found, error) {
	f := Found{Registries: []Registry{}, Fields: []Field{}, Exclude: []string{},
		Nested: append([]string{}, r.Nested...), CI: []string{}, Bots: []string{},
		Locked: lockedKinds(r), Self: []Self{}}
	hosts := map[string]int{}
	for n := range r.Files {
		file := &r.Files[n]
		for _, m := range file.References {
			f.count(m)
			if name, err := oci.Parse(m.Tracked); err == nil && m.Source == nil {
				hosts[name.Host]++
			}
		}
		for _, m := range file.Remarks {
			f.remark(m)
		}
		if len(file.References) > 0 || len(file.Remarks) > 0 || file.Unreadable != nil {
			f.Exclude = append(f.Exclude, idle(file.Path)...)
		}
	}
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		f.Registries = append(f.Registries, Registry{host, hosts[host]})
	}
	slices.SortStableFunc(f.Registries, func(a, b Registry) int {
		return cmp.Compare(b.References, a.References)
	})
	slices.SortFunc(f.Fields, func(a, b Field) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Path, b.Path))
	})
	slices.Sort(f.Exclude)
	f.Exclude = slices.Compact(f.Exclude)
	if err := f.findSelf(ctx, r); err != nil {
		return f, err
	}
	return f, f.findTools(ctx, r)
}

// lockedKinds are the kinds of inputs that the lock of r has, sorted.
func lockedKinds(r *lockroot.Root) []string {
	kinds := []string{}
	if r.Lock == nil {
		return kinds
	}
	for i := range r.Lock.Entries {
		kinds = append(kinds, string(r.Lock.Entries[i].Kind))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (f *Found) count(m manifest.Reference) {
	f.References++
	switch {
	case m.Pinned() || m.Inherits || m.Source != nil && m.Source.Repo:
	case m.Editable:
		f.Unpinned++
	default:
		f.Unpinned++
		f.Uneditable++
	}
}

var listIndex = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[\d+\]`)
})

// remark takes what a scan was not sure of. A field that plumb.yaml could not
// name is left out.
func (f *Found) remark(m manifest.Remark) {
	switch m.Rule {
	case "uneditable":
		f.Uneditable++
	case "suspect":
		u := Field{m.Kind, listIndex().ReplaceAllString(m.Field, "[]"), m.File}
		known := func(o Field) bool { return o.Kind == u.Kind && o.Path == u.Path }
		if u.Kind != "" && !slices.ContainsFunc(f.Fields, known) && valid("fields:\n"+u.item()) {
			f.Fields = append(f.Fields, u)
		}
	}
}

// valid reports whether plumb.yaml may hold the text.
func valid(text string) bool {
	_, err := config.Parse("", []byte(configHead+text))
	return err == nil
}

// idle names the directory of a file that is there to be looked at or to test
// with, and not to be applied.
func idle(file string) []string {
	parts := strings.Split(path.Dir(file), "/")
	for i, p := range parts {
		dir := strings.Join(parts[:i+1], "/")
		idle := slices.Contains([]string{"testdata", "fixtures", "example", "examples"}, p)
		if idle && !strings.ContainsAny(dir, `*?[]{}\`) {
			return []string{dir}
		}
	}
	return nil
}

// Lines say what was found, a line each.
func (f *Found) Lines() []string {
	var out []string
	add := func(what string, words ...string) {
		if len(words) > 0 {
			out = append(out, what+": "+strings.Join(words, ", "))
		}
	}
	var hosts []string
	for _, r := range f.Registries {
		hosts = append(hosts, fmt.Sprintf("%s (%d)", r.Host, r.References))
	}
	add("registries", hosts...)
	add("tools", f.Tools...)
	add("node platforms", f.Platforms...)
	add("nested lock roots", f.Nested...)
	add("locked kinds", f.Locked...)
	for _, u := range f.Fields {
		add("possible image", u.Kind+" "+u.Path+" in "+u.Place)
	}
	add("probably not deployed", f.Exclude...)
	var titles []string
	for _, name := range f.CI {
		s, _ := SystemNamed(name)
		titles = append(titles, s.Title)
	}
	add("CI", titles...)
	add("bots", f.botTitles()...)
	return out
}
