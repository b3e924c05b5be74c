package scaffold

import (
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
