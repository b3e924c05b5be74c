package manifest

import (
	"encoding/base64"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// parameter is a Helm value that is set by its path, as "helm --set" does: "image.tag".
type parameter struct {
	prefix, key string // "image" and "tag"
}

// parameterOf splits the path of a value.
func parameterOf(name string) parameter {
	i := strings.LastIndexByte(name, '.')
	return parameter{name[:max(i, 0)], name[i+1:]}
}

// owner is the last part of the prefix.
func (p parameter) owner() string { return parameterOf(p.prefix).key }

// beside is the path of a value in the same mapping.
func (p parameter) beside(key string) string {
	if p.prefix == "" {
		return key
	}
	return p.prefix + "." + key
}

// tag reports whether the value is a tag of something, and whether of an image for sure.
func (p parameter) tag() (is, sure bool) {
	switch {
	case trapKey(p.owner()) || trapKey(p.key):
		return false, false
	case p.key == "tag":
		return true, p.prefix == "" || p.prefix == "global" || imageOwner(p.owner())
	case p.key == "imageTag", p.key == "image_tag", strings.HasSuffix(p.key, "ImageTag"),
		strings.HasSuffix(p.key, "_image_tag"):
		return true, true
	}
	return false, false
}

// digest is the path of the digest that stands beside the tag.
func (p parameter) digest() string {
	if p.key == "tag" {
		return p.beside("digest")
	}
	return p.beside(strings.TrimSuffix(strings.TrimSuffix(p.key, "Tag"), "_tag") + "Digest")
}

// repository reports whether the value can be an image's name without its tag.
func (p parameter) repository() bool {
	switch p.key {
	case "repository", "imageRepository":
		return !trapKey(p.owner())
	case "name":
		return imageOwner(p.owner())
	}
	return false
}

// image reports whether the value is an image or decides which one it is.
func (p parameter) image() bool {
	_, sure := p.tag()
	return sure || imageKey(p.key) || valueImage(p.key, p.owner()) ||
		p.repository() && imageOwner(p.owner())
}

// parameterItems searches Helm values that are set by their paths: a list of names and
// values, as Argo CD has them, or a mapping, as k3s has.
func (f *finder) parameterItems(list *yaml.Node) {
	chart, root := f.chart, f.valuesRoot
	f.chart, f.valuesRoot = f.valuesChart(), nil
	defer func() { f.chart, f.valuesRoot = chart, root }()
	values := map[string]*yaml.Node{}
	each := func(do func(name string, m, v *yaml.Node)) {
		items(list, func(i int, p *yaml.Node) {
			if v := get(p, "value"); v != nil && scalarText(v) {
				f.inIndex(i, func() { do(field(p, "name"), target(p), v) })
			}
		})
		if m := target(list); m != nil && m.Kind == yaml.Mapping {
			for k := m.FirstChild; k != nil; k = k.Next.Next {
				if scalarText(k.Next) {
					f.inField(k.Value, func() { do(k.Value, m, k.Next) })
				}
			}
		}
	}
	each(func(name string, _, v *yaml.Node) { values[name] = v })
	items(list, func(i int, p *yaml.Node) {
		if name := field(p, "name"); get(p, "valueFrom") != nil && parameterOf(name).image() {
			f.inIndex(i, func() { f.unknownParameter(get(p, "name"), name, "comes from an object") })
		}
	})
	each(func(name string, m, v *yaml.Node) { f.parameterName(values, name, m, v) })
	each(func(name string, _, v *yaml.Node) {
		p := parameterOf(name)
		_, pinned := str(values[p.digest()])
		if is, sure := p.tag(); is && !f.claimed[v] && pinned == "" && target(v).Value != "" {
			f.loneTag(v, sure)
		}
	})
}

// parameterName judges the parameter name, if it can be the name of an image, together
// with the others that are set.
func (f *finder) parameterName(values map[string]*yaml.Node, name string, m, v *yaml.Node) {
	p := parameterOf(name)
	text := target(v).Value
	image := imageKey(p.key)
	if text == "" || f.claimed[v] || !image && !p.repository() {
		if tagged(text) && medium(text) && valueImage(p.key, p.owner()) {
			f.whole(v, lockfile.Image)
		}
		return
	}
	if p.key == "name" && values[p.beside("repository")] != nil {
		return // which of the two is the repository, the chart decides
	}
	if tagged(text) || image && templateIn(text) != "" {
		if medium(text) || templateIn(text) != "" {
			f.whole(v, lockfile.Image)
		}
		return
	}
	split := parts{m: m, repository: v, registry: values[p.beside("registry")],
		tag: values[p.beside("tag")], digest: values[p.beside("digest")]}
	if image && split.tag == nil {
		split.tag = values[p.beside(p.key+"Tag")]
	} else {
		split.at = paths{repository: name, tag: p.beside("tag"), digest: p.beside("digest")}
	}
	if split.registry != nil {
		split.at.registry = p.beside("registry")
	}
	split.base = p.prefix
	switch {
	case templateIn(text) == "" && !repositoryLike(text):
	case split.tag != nil || split.digest != nil:
		f.splitReference(split)
	case templateIn(text) != "":
		if imageOwner(p.owner()) {
			f.placeholder(v, text)
		}
	case image && (medium(text) || p.key == "image" && parses(text)),
		!image && (imageOwner(p.owner()) || medium(text)):
		r := f.begin(v, lockfile.Image, text)
		r.Why = "it has no tag: another parameter or the chart has it; write NAME:TAG here, " +
			"or call the two image.name and image.tag"
		f.found = append(f.found, r)
	}
}

// unknownParameter records an image, or a part of one, whose value is not in n's file.
func (f *finder) unknownParameter(n *yaml.Node, name, why string) {
	r := f.begin(n, lockfile.Image, name)
	r.Why = "the value of " + name + " " + why + "; write it in the release's values, with a digest"
	f.found = append(f.found, r)
}

// valuesFrom searches the values that a release takes from objects, each for one path.
func (f *finder) valuesFrom(m *yaml.Node) {
	f.each(m, "valuesFrom", func(item *yaml.Node) {
		n := get(item, "targetPath")
		_, name := str(n)
		if p := parameterOf(name); name == "" || !p.image() {
			return
		}
		source := field(item, "kind") + " " + field(item, "name")
		key := field(item, "valuesKey")
		if key == "" {
			key = "values.yaml"
		}
		value := f.objectValue(field(item, "kind"), field(item, "name"), key)
		if i := strings.Index(value, "sha256:"); i >= 0 && lockfile.ValidDigest(value[i:]) {
			return
		}
		f.inField("targetPath", func() {
			f.unknownParameter(n, name, "comes from "+source+", key "+key)
		})
	})
}

// objectValue is what a ConfigMap or Secret in the same file has under key, or "".
func (f *finder) objectValue(kind, name, key string) string {
	for _, d := range f.docs {
		if field(d.Root, "kind") != kind || field(d.Root, "metadata", "name") != name {
			continue
		}
		if s := field(d.Root, "stringData", key); s != "" || kind != "Secret" {
			return strings.TrimSpace(s + field(d.Root, "data", key))
		}
		s, _ := base64.StdEncoding.DecodeString(field(d.Root, "data", key))
		return strings.TrimSpace(string(s))
	}
	return ""
}
