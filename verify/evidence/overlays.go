package evidence

import (
	"maps"
	"path"
	"strings"

	goyaml "go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// overlays are the kustomizations of a tree, as far as they change labels.
type overlays struct {
	byDir   map[string]*overlay
	parents map[string][]*overlay // by the file or folder that they take
	patches map[string]bool       // files that are patches, and not objects by themselves
}

// overlay is one kustomization.
type overlay struct {
	dir     string
	unknown bool              // it changes labels in another way than by own and made
	own     map[string]string // labels that it gives to objects
	made    map[string]string // and to their templates

	components []string
}

// labelled is what kustomizations do to the labels of a file's objects.
type labelled struct {
	own, made map[string]string
	unknown   bool
}

// kustomization is what overlays read of a kustomization.
type kustomization struct {
	Resources             []string
	Bases                 []string
	Components            []string
	CommonLabels          map[string]string `yaml:"commonLabels"`
	Labels                []labelPairs
	Patches               []patch
	PatchesStrategicMerge []string `yaml:"patchesStrategicMerge"`
	PatchesJSON6902       []patch  `yaml:"patchesJson6902"`
	Transformers          []any
	Configurations        []any
	Replacements          []any
}

type labelPairs struct {
	Pairs            map[string]string
	IncludeSelectors bool `yaml:"includeSelectors"`
	IncludeTemplates bool `yaml:"includeTemplates"`
}

type patch struct{ Path, Patch string }

// readOverlays reads the kustomizations among files. One that cannot be read, or that
// transforms its resources, may give them any labels.
func readOverlays(files []manifest.File, read func(string) ([]byte, error)) *overlays {
	all := &overlays{byDir: map[string]*overlay{}, parents: map[string][]*overlay{},
		patches: map[string]bool{}}
	for i := range files {
		switch path.Base(files[i].Path) {
		case "kustomization.yaml", "kustomization.yml", "Kustomization":
			all.add(files[i].Path, read)
		}
	}
	return all
}

func (o *overlays) add(file string, read func(string) ([]byte, error)) {
	dir := path.Dir(file)
	k := &overlay{dir: dir, own: map[string]string{}, made: map[string]string{}}
	o.byDir[dir] = k
	var content kustomization
	text, err := read(file)
	if err == nil {
		err = goyaml.Unmarshal(text, &content)
	}
	k.unknown = err != nil || len(content.Transformers) > 0 || len(content.Configurations) > 0 ||
		len(content.Replacements) > 0
	for _, name := range append(content.Resources, content.Bases...) {
		at := path.Join(dir, name)
		o.parents[at] = append(o.parents[at], k)
	}
	for _, name := range content.Components {
		k.components = append(k.components, path.Join(dir, name))
	}
	maps.Copy(k.own, content.CommonLabels)
	maps.Copy(k.made, content.CommonLabels)
	for _, l := range content.Labels {
		maps.Copy(k.own, l.Pairs)
		if l.IncludeSelectors || l.IncludeTemplates {
			maps.Copy(k.made, l.Pairs)
		}
	}
	for _, p := range append(content.Patches, content.PatchesJSON6902...) {
		k.patch(o, p, read)
	}
	for _, name := range content.PatchesStrategicMerge {
		p := patch{Path: name}
		if strings.Contains(name, "\n") {
			p = patch{Patch: name}
		}
		k.patch(o, p, read)
	}
}

// patch notes a patch: one that speaks of labels, or that cannot be read, may do anything
// to them.
func (k *overlay) patch(o *overlays, p patch, read func(string) ([]byte, error)) {
	text := p.Patch
	if p.Path != "" {
		at := path.Join(k.dir, p.Path)
		o.patches[at] = true
		data, err := read(at)
		k.unknown = k.unknown || err != nil
		text += string(data)
	}
	for _, word := range []string{"labels", "/metadata\"", "$patch", "\\", "\x00"} {
		k.unknown = k.unknown || strings.Contains(text, word)
	}
}

// The limits of what is followed.
const (
	maxOverlays = 32  // on top of one another
	maxLabelled = 256 // ways in which a file is applied
)

// of returns the ways in which a file's objects are labelled, one for each way in which
// kustomizations take it.
func (o *overlays) of(file string) (out []labelled) {
	if o.patches[file] {
		return []labelled{{unknown: true}}
	}
	var up func(at string, l labelled, depth int)
	up = func(at string, l labelled, depth int) {
		parents := o.parents[at]
		if len(parents) == 0 || depth > maxOverlays || len(out) > maxLabelled {
			l.unknown = l.unknown || len(parents) > 0
			out = append(out, l)
			return
		}
		for _, k := range parents {
			up(k.dir, o.on(k, l, 0), depth+1)
		}
	}
	up(file, labelled{}, 0)
	return out
}

// on is what a kustomization makes of l, its components first.
func (o *overlays) on(k *overlay, l labelled, depth int) labelled {
	l = labelled{maps.Clone(l.own), maps.Clone(l.made), l.unknown || k.unknown}
	for _, c := range k.components {
		component := o.byDir[c]
		if component == nil || depth > maxOverlays {
			l.unknown = true
			continue
		}
		l = o.on(component, l, depth+1)
	}
	if l.own == nil {
		l.own, l.made = map[string]string{}, map[string]string{}
	}
	maps.Copy(l.own, k.own)
	maps.Copy(l.made, k.made)
	return l
}
