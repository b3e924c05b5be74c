package scaffold

import (
	"bytes"
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

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

// tools finds which tools the files of a lock root are made for.
type tools struct {
	mu          sync.Mutex
	names, bots map[string]bool
	platforms   map[string]bool // that nodes are selected by
}

// findTools adds the tools, the bots and the platforms that files of r show.
func (f *Found) findTools(ctx context.Context, r *lockroot.Root) error {
	t := tools{names: map[string]bool{}, bots: map[string]bool{}, platforms: map[string]bool{}}
	match := func(file string) bool { return r.Config.Matches(file) && !tree.InNested(r.Nested, file) }
	err := r.Tree.Each(ctx, match, func(_ int, file tree.File, data []byte) error {
		t.look(file.Path, data)
		return nil
	})
	f.Tools, f.Platforms = []string{}, []string{}
	f.Tools = append(f.Tools, slices.Sorted(maps.Keys(t.names))...)
	f.Bots = append(f.Bots, slices.Sorted(maps.Keys(t.bots))...)
	for _, p := range slices.Sorted(maps.Keys(t.platforms)) {
		if valid("platforms: [" + p + "]\n") {
			f.Platforms = append(f.Platforms, p)
		}
	}
	return err
}

// look adds what one file shows.
func (t *tools) look(name string, data []byte) {
	arches := nodesByArch().FindAllSubmatch(data, -1)
	flux, argo := fluxObject().Match(data), argoObject().Match(data)
	updates := flux && bytes.Contains(data, []byte("ImageUpdateAutomation"))
	base := path.Base(name)
	argoUpdates := strings.HasPrefix(base, ".argocd-source-") ||
		bytes.Contains(data, []byte("argocd-image-updater.argoproj.io/"))
	t.mu.Lock()
	defer t.mu.Unlock()
	add := func(set map[string]bool, name string, found bool) {
		if found {
			set[name] = true
		}
	}
	switch strings.TrimSuffix(strings.TrimSuffix(base, ".yml"), ".yaml") {
	case "kustomization", "Kustomization":
		t.names["kustomize"] = true
	case "Chart":
		t.names["Helm"] = true
	}
	add(t.names, "Flux", flux)
	add(t.names, "Argo", argo)
	add(t.bots, fluxImages, updates)
	add(t.bots, imageUpdater, argoUpdates)
	for _, a := range arches {
		t.platforms["linux/"+string(a[1])] = true
	}
}
