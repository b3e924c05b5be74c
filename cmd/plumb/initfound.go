package main

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// found is what a tree uses, so far as a plumb.yaml may want to know.
type found struct {
	References int         `json:"references"`
	Unpinned   int         `json:"unpinned"`
	Fixed      int         `json:"uneditable"` // references and places that plumb cannot pin
	Registries []hostCount `json:"registries"`
	Tools      []string    `json:"tools"`
	Platforms  []string    `json:"platforms"` // that manifests select nodes by
	Fields     []unknown   `json:"fields"`
	Exclude    []string    `json:"exclude"` // directories of what is likely meant for no cluster
	Nested     []string    `json:"lockRoots"`
	CI         []string    `json:"ci"`
	Hook       hookState   `json:"hook"`      // "" outside of git
	OtherHook  bool        `json:"otherHook"` // there is a hook that is not plumb's
	Framework  bool        `json:"preCommit"` // the pre-commit framework has a configuration
}

// hostCount is a registry, and how many references name it.
type hostCount struct {
	Host       string `json:"host"`
	References int    `json:"references"`
}

// unknown is a field that plumb does not know, and that seems to hold images.
type unknown struct {
	Kind  string `json:"kind"`
	Path  string `json:"path"`
	Place string `json:"place"` // of the first
}

// find looks at the files of a lock root.
func find(ctx context.Context, r *lockroot.Root) (found, error) {
	f := found{Registries: []hostCount{}, Fields: []unknown{}, Exclude: []string{}, Nested: append([]string{}, r.Nested...), CI: []string{}}
	hosts := map[string]int{}
	for n := range r.Files {
		file := &r.Files[n]
		for _, m := range file.References {
			f.count(m)
			if name, err := oci.Parse(m.Tracked); err == nil {
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
		f.Registries = append(f.Registries, hostCount{host, hosts[host]})
	}
	slices.SortStableFunc(f.Registries, func(a, b hostCount) int { return cmp.Compare(b.References, a.References) })
	slices.SortFunc(f.Fields, func(a, b unknown) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Path, b.Path))
	})
	slices.Sort(f.Exclude)
	f.Exclude = slices.Compact(f.Exclude)
	var err error
	f.Tools, f.Platforms, err = tools(ctx, r)
	return f, err
}

func (f *found) count(m manifest.Reference) {
	f.References++
	switch {
	case m.Pinned() || m.Inherits:
	case m.Editable:
		f.Unpinned++
	default:
		f.Unpinned++
		f.Fixed++
	}
}

var listIndex = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[\d+\]`)
})

// remark takes what a scan was not sure of. A field that plumb.yaml could not
// name is left out.
func (f *found) remark(m manifest.Remark) {
	switch m.Rule {
	case "uneditable":
		f.Fixed++
	case "suspect":
		u := unknown{m.Kind, listIndex().ReplaceAllString(m.Field, "[]"), m.File}
		known := func(o unknown) bool { return o.Kind == u.Kind && o.Path == u.Path }
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
		if slices.Contains([]string{"testdata", "fixtures", "example", "examples"}, p) && !strings.ContainsAny(dir, `*?[]{}\`) {
			return []string{dir}
		}
	}
	return nil
}

// What in a text shows a tool or a platform.
var (
	fluxObject = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?[a-z.]*toolkit\.fluxcd\.io/`)
	})
	argoObject = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?argoproj\.io/`)
	})
	nodesByArch = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`kubernetes\.io/arch["']?:[ \t]*["']?([a-z0-9]+)`)
	})
)

// tools says which tools the files of a lock root are made for, and the
// platforms that they select nodes by, both sorted and never nil.
func tools(ctx context.Context, r *lockroot.Root) (names, platforms []string, err error) {
	var mu sync.Mutex
	tools, nodes := map[string]bool{}, map[string]bool{}
	match := func(file string) bool { return r.Config.Matches(file) && !tree.InNested(r.Nested, file) }
	err = r.Tree.Each(ctx, match, func(_ int, f tree.File, data []byte) error {
		arches := nodesByArch().FindAllSubmatch(data, -1)
		flux, argo := fluxObject().Match(data), argoObject().Match(data)
		mu.Lock()
		defer mu.Unlock()
		switch strings.TrimSuffix(strings.TrimSuffix(path.Base(f.Path), ".yml"), ".yaml") {
		case "kustomization", "Kustomization":
			tools["kustomize"] = true
		case "Chart":
			tools["Helm"] = true
		}
		tools["Flux"] = tools["Flux"] || flux
		tools["Argo"] = tools["Argo"] || argo
		for _, a := range arches {
			nodes["linux/"+string(a[1])] = true
		}
		return nil
	})
	names, platforms = []string{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(tools)) {
		if tools[name] {
			names = append(names, name)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(nodes)) {
		if valid("platforms: [" + p + "]\n") {
			platforms = append(platforms, p)
		}
	}
	return names, platforms, err
}

// ciInUse lists the systems whose configuration lies in the repository.
func ciInUse(top string) []string {
	in := []string{}
	for _, system := range slices.Sorted(maps.Keys(ciSnippets)) {
		mark := ciSnippets[system].file
		if dir := path.Dir(mark); dir != "." {
			mark = dir
		}
		if _, err := os.Stat(filepath.Join(top, filepath.FromSlash(mark))); err == nil {
			in = append(in, system)
		}
	}
	return in
}

// inHouse reports whether a registry's host looks like one of the house's own,
// which may need a word in plumb.yaml. Loopback addresses need none.
func inHouse(host string) bool {
	name, _, port := strings.Cut(host, ":")
	if ap, err := netip.ParseAddrPort(host); err == nil {
		return !ap.Addr().IsLoopback()
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return !addr.IsLoopback()
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return false
	}
	private := slices.ContainsFunc([]string{".local", ".internal", ".lan", ".svc", ".home.arpa", ".corp"},
		func(suffix string) bool { return strings.HasSuffix(name, suffix) })
	return port || private || !strings.Contains(name, ".")
}
