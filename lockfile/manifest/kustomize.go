package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// kustomization searches a kustomization or component.
func (f *finder) kustomization(root *yaml.Node) {
	f.component = f.foldedText(root, "kind") == "Component"
	for _, key := range [...]string{"images", "imageTags"} {
		f.inField(key, func() { f.imageTransforms(f.folded(root, key)) })
	}
	home := f.foldedText(f.folded(root, "helmGlobals"), "chartHome")
	f.each(root, "helmCharts", func(c *yaml.Node) { f.helmChart(c, helmChartFields, home) })
	f.each(root, "helmChartInflationGenerator", func(c *yaml.Node) {
		f.helmChart(c, inflationFields, home)
	})
	f.each(root, "configMapGenerator", func(g *yaml.Node) { f.generator(g, "ConfigMap") })
	f.each(root, "secretGenerator", func(g *yaml.Node) { f.generator(g, "Secret") })
	for _, list := range [...]string{"resources", "components", "bases"} {
		f.each(root, list, func(n *yaml.Node) {
			if !f.remote(n, f.folded(root, list), list != "components") {
				_, s := str(n)
				f.use(n, s, asManifest)
			}
		})
	}
	f.fetchedFiles(root)
	for _, list := range [...]string{"generators", "transformers", "validators"} {
		f.each(root, list, func(n *yaml.Node) { f.plugin(n, f.folded(root, list)) })
	}
	f.inField("commonAnnotations", func() { f.annotationMap(f.folded(root, "commonAnnotations")) })
	f.inField("generatorOptions", func() {
		f.inField("annotations", func() {
			f.annotationMap(f.folded(f.folded(root, "generatorOptions"), "annotations"))
		})
	})
	f.changed(f.folded(root, "commonLabels"), "metadata", "labels")
	f.each(root, "labels", func(l *yaml.Node) {
		f.changed(f.folded(l, "pairs"), "metadata", "labels")
	})
	f.patches(root)
	f.replacements(root)
	f.vars(root)
	f.suspects(root)
}

// folded returns the value of a field as kustomize finds it, which reads its files with
// encoding/json: without regard to case. Where two spellings of it stand side by side,
// what kustomize makes of them depends on both, and that is an error.
func (f *finder) folded(m *yaml.Node, key string) *yaml.Node {
	_, v := f.foldedPair(m, key)
	return v
}

// foldedPair is folded with the key.
func (f *finder) foldedPair(m *yaml.Node, key string) (k, v *yaml.Node) {
	if m = target(m); m == nil || m.Kind != yaml.Mapping {
		return nil, nil
	}
	k, v = lookup(m, key)
	fold := func(other, value *yaml.Node) {
		switch {
		case other.Value == key || !strings.EqualFold(other.Value, key):
		case k == nil:
			k, v = other, value
		case k.Value != other.Value:
			f.remark(other, "unreadable", other.Value,
				"is the field "+key+" once more: kustomize takes both for one", true)
		}
	}
	for c := m.FirstChild; c != nil; c = c.Next.Next {
		switch {
		case isMerge(c):
			for _, p := range merged(m) {
				fold(p.key, p.value)
			}
		case c.Kind == yaml.Scalar:
			fold(c, c.Next)
		}
	}
	return k, v
}

// foldedText is the text of a field that is found without regard to case, or "".
func (f *finder) foldedText(m *yaml.Node, key string) string {
	_, s := str(f.folded(m, key))
	return s
}

// helmChart searches a chart that kustomize inflates.
func (f *finder) helmChart(chart *yaml.Node, fields chartFields, home string) {
	f.inflatedChart(chart, fields, home)
	for _, key := range [...]string{"valuesFile", "values"} {
		n := f.folded(chart, key)
		_, name := str(n)
		f.inField(key, func() { f.useFile(n, name, asValues) })
	}
	items(f.folded(chart, "additionalValuesFiles"), func(_ int, n *yaml.Node) {
		_, s := str(n)
		f.use(n, s, asValues)
	})
	f.release("")
	f.chartIs(f.foldedText(chart, fields.name))
	for _, key := range [...]string{"valuesInline", "valuesLocal"} {
		f.helmValues(f.folded(chart, key), key)
	}
}

// annotationMap searches annotations that are set on all objects.
func (f *finder) annotationMap(m *yaml.Node) {
	if m = target(m); m != nil {
		f.changed(m, "metadata", "annotations")
		f.annotations(m)
	}
}

// imageTransforms searches the images field of kustomize, which Flux takes too.
func (f *finder) imageTransforms(list *yaml.Node) {
	items(list, func(i int, m *yaml.Node) {
		f.inIndex(i, func() { f.imageTransform(m) })
	})
}

// imageTransform searches an entry of images. What it makes of an image is in kustomize's
// api/filters/imagetag: a new tag drops the digest, unless a digest is given, too.
func (f *finder) imageTransform(m *yaml.Node) {
	if m = target(m); m == nil || m.Kind != yaml.Mapping {
		return
	}
	nameNode, name := str(f.folded(m, "name"))
	if name == "" {
		return
	}
	newNameNode, repo := str(f.folded(m, "newName"))
	if repo == "" {
		repo = untagged(name)
	}
	tagKey, tagValue := f.foldedPair(m, "newTag")
	tagNode, tag := str(tagValue)
	digestKey, digestValue := f.foldedPair(m, "digest")
	digestNode, digest := str(digestValue)
	for _, n := range []*yaml.Node{nameNode, newNameNode, tagNode, digestNode} {
		if n == nil || n.Kind != yaml.Scalar {
			continue
		}
		f.claim(n)
		if _, cut := f.masked(n); cut || templateIn(n.Value) != "" &&
			(n != nameNode || newNameNode == nil) {
			f.placeholder(n, n.Value)
			return
		}
	}
	full := repo
	if tag != "" {
		full += ":" + tag
	}
	if digest != "" {
		full += "@" + digest
	}
	r := f.begin(nameNode, lockfile.Image, full)
	r.Policy = f.markerOf(nameNode, newNameNode, tagNode, digestNode)
	if tag == "" && digest == "" {
		f.rename(m, r)
		return
	}
	switch {
	case digestKey != nil:
		r.target = digestNode
	case strings.Contains(tag, "@"):
		r.target = tagNode
	}
	s := f.transformSite(m, pair{tagKey, tagValue}, digestValue)
	if r.Why = noString(tagValue); r.Why != "" {
		s = site{}
	}
	f.end(r, full, s)
}

// transformSite plans where the digest of an entry of images goes: in the field for it,
// in the place of the one in newTag, or in a field of its own.
func (f *finder) transformSite(m *yaml.Node, newTag pair, digest *yaml.Node) site {
	var s site
	tagNode, tag := str(newTag.value)
	switch at := strings.IndexByte(tag, '@'); {
	case digest != nil:
		s.keep, s.ok = f.valueSlot(digest)
	case at >= 0:
		s.keep, s.ok = f.slot(tagNode, at, len(tag), "@")
		if whole, ok := f.slot(tagNode, 0, len(tag), ""); ok {
			s.tag = tagSite{slot: whole, state: tagJoined}
		}
	default:
		s.keep, s.ok = f.after(m, newTag.key, newTag.value, addition{key: "digest"})
	}
	if s.only = s.keep; s.tag.state != tagJoined {
		s.tag = f.tagScalar(m, newTag.value)
		if only, ok := f.inPlaceOf(m, newTag.key, newTag.value); ok && digest == nil {
			s.only = only
		}
	}
	return s
}

// rename records an entry of images that gives neither tag nor digest.
func (f *finder) rename(m *yaml.Node, r found) {
	n, suffix := str(f.folded(m, "tagSuffix"))
	if suffix != "" {
		f.claim(n)
		r.Why = "tagSuffix changes the tag and drops the digest of what the manifests have; " +
			"write newTag instead"
		f.found = append(f.found, r)
		return
	}
	if _, s := str(f.folded(m, "newName")); tagged(s) {
		r.Why = "newName has a tag or digest, which comes before those of the manifests: " +
			"write newTag or digest instead"
		f.found = append(f.found, r)
		return
	}
	r.Inherits = true
	r.Why = "it only renames: tag and digest come from the manifests it is applied to"
	f.found = append(f.found, r)
}

// inPlaceOf plans to put the digest in the place of k: v of the mapping m, as digest.
func (f *finder) inPlaceOf(m, k, v *yaml.Node) (slot, bool) {
	if k == nil || v == nil || v.Kind != yaml.Scalar || mergedInto(target(m), v) || v.Anchor != "" {
		return slot{}, false
	}
	start, _, ok := f.text.span(k.Start, k.End)
	if !ok {
		return slot{}, false
	}
	end, ok := f.endInFile(v)
	if !ok || end < start || strings.Contains(f.file.src[start:end], "\n") {
		return slot{}, false
	}
	s := slot{start: start, end: end, old: f.file.src[start:end], before: "digest: "}
	if k.Style == yaml.DoubleQuoted {
		s.before, s.after = `"digest": "`, `"`
	}
	return s, true
}

// untagged is an image's name without tag and digest, as kustomize parts them.
func untagged(name string) string {
	slash := max(strings.IndexByte(name, '/'), 0)
	if i := strings.IndexAny(name[slash:], ":@"); i >= 0 {
		return name[:slash+i]
	}
	return name
}

// each calls do for the items of the sequence at key, with the path set.
func (f *finder) each(m *yaml.Node, key string, do func(item *yaml.Node)) {
	list := f.folded(m, key)
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
