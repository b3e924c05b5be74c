package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// kustomization searches a kustomization or component.
func (f *finder) kustomization(root *yaml.Node) {
	f.inField("images", func() { f.imageTransforms(get(root, "images")) })
	f.each(root, "helmCharts", func(chart *yaml.Node) {
		n, name := str(get(chart, "valuesFile"))
		f.use(n, name, asValues)
		items(get(chart, "additionalValuesFiles"), func(_ int, n *yaml.Node) {
			_, s := str(n)
			f.use(n, s, asValues)
		})
		f.helmValues(get(chart, "valuesInline"), "valuesInline")
	})
	for _, generator := range []string{"configMapGenerator", "secretGenerator"} {
		items(get(root, generator), func(_ int, g *yaml.Node) {
			items(get(g, "files"), func(_ int, n *yaml.Node) {
				_, s := str(n)
				key, file, named := strings.Cut(s, "=")
				if !named {
					key, file = path.Base(s), s
				}
				if strings.Contains(key, "values") {
					f.use(n, file, asValues)
				}
			})
		})
	}
	for _, list := range []string{"resources", "components", "bases"} {
		items(get(root, list), func(_ int, n *yaml.Node) {
			_, s := str(n)
			f.use(n, s, asManifest)
		})
	}
	f.patches(root)
	f.suspects(root)
}

// patches searches the inline patches of a kustomization, or of a Flux or
// Argo CD source that takes the same fields.
func (f *finder) patches(m *yaml.Node) {
	for _, key := range []string{"patches", "patchesJson6902"} {
		f.each(m, key, func(p *yaml.Node) {
			file, name := str(get(p, "path"))
			f.use(file, name, asPatch)
			f.inField("patch", func() {
				n := get(p, "patch")
				if n != nil && target(n).Kind == yaml.Sequence {
					f.operations(n)
					return
				}
				f.embed(n, (*finder).patchDocument)
			})
		})
	}
	f.each(m, "patchesStrategicMerge", func(p *yaml.Node) {
		if isMap(p) {
			f.fields(p, "")
			return
		}
		if _, s := str(p); strings.ContainsAny(s, "\n:") {
			f.embed(p, (*finder).patchDocument)
		} else {
			f.use(p, s, asPatch)
		}
	})
}

// patchDocument searches a strategic merge patch or a list of JSON patch operations.
func (f *finder) patchDocument(root *yaml.Node) {
	if root.Kind == yaml.Sequence {
		f.operations(root)
		return
	}
	f.fields(root, "")
}

// operations searches the values of JSON patch operations (RFC 6902).
func (f *finder) operations(list *yaml.Node) {
	items(list, func(i int, op *yaml.Node) {
		f.inIndex(i, func() { f.operation(op) })
	})
}

// operation searches what a JSON patch operation puts in place, and reports
// whether op is one.
func (f *finder) operation(op *yaml.Node) bool {
	pointer, verb := field(op, "path"), field(op, "op")
	value := get(op, "value")
	if value == nil || !strings.HasPrefix(pointer, "/") || verb != "add" && verb != "replace" {
		return false
	}
	segments := strings.Split(strings.TrimSuffix(pointer, "/-"), "/")
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(segments[len(segments)-1])
	f.inField("value", func() {
		v := target(value)
		switch {
		case v.Kind != yaml.Scalar:
			f.valueOf(value, key)
		case key == "image":
			f.containerImage(value)
		default:
			f.scalar(op, key, value)
		}
	})
	return true
}

// imageTransforms searches the images field of kustomize, which Flux takes too.
func (f *finder) imageTransforms(list *yaml.Node) {
	items(list, func(i int, m *yaml.Node) {
		if m = target(m); m.Kind == yaml.Mapping {
			f.inIndex(i, func() { f.imageTransform(m) })
		}
	})
}

func (f *finder) imageTransform(m *yaml.Node) {
	nameNode, name := str(get(m, "name"))
	if name == "" {
		return
	}
	newNameNode, repo := str(get(m, "newName"))
	if repo == "" {
		repo = name
	}
	tagKey, tagValue := lookup(m, "newTag")
	tagNode, tag := str(tagValue)
	digestNode, digest := str(get(m, "digest"))
	full := repo
	if tag != "" {
		full += ":" + tag
	}
	if digest != "" && !strings.Contains(full, "@") {
		full += "@" + digest
	}
	for _, n := range []*yaml.Node{nameNode, newNameNode, tagNode, digestNode} {
		if n == nil || n.Kind != yaml.Scalar {
			continue
		}
		f.claim(n)
		if _, cut := f.masked(n); cut || templateIn(n.Value) != "" {
			f.placeholder(n, n.Value)
			return
		}
	}
	r := f.begin(nameNode, lockfile.Image, full)
	r.Policy = f.markerOf(nameNode, newNameNode, tagNode, digestNode)
	if tag == "" && digest == "" {
		r.Inherits = true
		r.Why = "it only renames: tag and digest come from the manifests it is applied to"
		f.found = append(f.found, r)
		return
	}
	var s site
	switch {
	case get(m, "digest") != nil:
		s.keep, s.ok = f.valueSlot(get(m, "digest"))
		r.target = digestNode
	case strings.Contains(tag, "@"):
		s.keep, s.ok = f.slot(tagNode, strings.IndexByte(tag, '@'), len(tag), "@")
		if whole, ok := f.slot(tagNode, 0, len(tag), ""); ok {
			s.tag = tagSite{slot: whole, state: tagJoined}
		}
		r.target = tagNode
	default:
		s.keep, s.ok = f.after(m, tagKey, tagValue, addition{key: "digest"})
	}
	if s.only = s.keep; s.tag.state != tagJoined {
		s.tag = f.tagScalar(m, tagValue)
	}
	f.end(r, full, s)
}

// each calls do for the items of the sequence at key, with the path set.
func (f *finder) each(m *yaml.Node, key string, do func(item *yaml.Node)) {
	list := get(m, key)
	if list == nil {
		return
	}
	f.inField(key, func() {
		items(list, func(i int, item *yaml.Node) {
			f.inIndex(i, func() { do(item) })
		})
	})
}

func (f *finder) inIndex(i int, do func()) {
	f.steps = append(f.steps, step{"", i})
	do()
	f.steps = f.steps[:len(f.steps)-1]
}
