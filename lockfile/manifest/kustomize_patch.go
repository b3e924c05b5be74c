package manifest

import (
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// patches searches the patches of a kustomization, or of a Flux or Argo CD source that
// takes the same fields.
func (f *finder) patches(m *yaml.Node) {
	for _, key := range [...]string{"patches", "patchesJson6902"} {
		f.each(m, key, func(p *yaml.Node) { f.patch(p, "patch") })
	}
	f.each(m, "patchesStrategicMerge", f.strategicPatch)
}

// patch searches a patch, which stands in the field called inline or in a file.
func (f *finder) patch(p *yaml.Node, inline string) {
	to := f.patchTarget(f.folded(p, "target"))
	file := f.folded(p, "path")
	_, name := str(file)
	f.inField("path", func() { f.useFile(file, name, to.as()) })
	n := f.folded(p, inline)
	f.inField(inline, func() {
		if n != nil && target(n).Kind == yaml.Sequence {
			f.operations(n)
			return
		}
		f.embed(n, func(f *finder, root *yaml.Node) { f.patchDocument(root, to) })
	})
}

// strategicPatch searches a strategic merge patch, or the file that a string names.
func (f *finder) strategicPatch(p *yaml.Node) {
	if isMap(p) {
		f.fields(p, "")
		return
	}
	_, s := str(p)
	if isFileURL(s) && !strings.ContainsAny(s, "\n{") {
		f.fileSource(p, fileUse{})
		return
	}
	if strings.ContainsAny(s, "\n:{") {
		f.embed(p, func(f *finder, root *yaml.Node) { f.patchDocument(root, patchTarget{}) })
	}
	if !strings.ContainsAny(s, "\n{") {
		f.use(p, s, asPatch)
	}
}

// patchTarget says which objects a patch is applied to.
type patchTarget struct {
	given       bool // the patch names them, and what it says of itself does not count
	group, kind string
}

func (f *finder) patchTarget(selector *yaml.Node) patchTarget {
	return patchTarget{given: isMap(selector), group: f.foldedText(selector, "group"),
		kind: f.foldedText(selector, "kind")}
}

// as is how a patch of its own file is read that is applied to t.
func (t patchTarget) as() readAs {
	if t.given && !t.foreign() {
		return asPatch | asBody
	}
	return asPatch
}

// foreign reports whether fields called image match or describe images in t.
func (t patchTarget) foreign() bool {
	switch t.kind {
	case "CustomResourceDefinition", "ClusterPolicy", "Policy", "ClusterImagePolicy",
		"ImageRepository", "ImagePolicy":
		return true
	}
	return foreignGroups.has(t.group) && t.group != ""
}

// images reports whether fields called image are images in t, whatever they look like.
func (t patchTarget) images() bool {
	switch {
	case t.group != "":
		return imageGroups().has(t.group)
	case t.kind == "":
		return true
	}
	for _, kind := range [...]string{"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job",
		"CronJob", "ReplicaSet", "ReplicationController", "*"} {
		if strings.Contains(t.kind, kind) {
			return true
		}
	}
	return false
}

// patchDocument searches a strategic merge patch or a list of JSON patch operations. Where
// a target is given, kustomize does not look at the apiVersion and kind of the patch.
func (f *finder) patchDocument(root *yaml.Node, to patchTarget) {
	known := f.known
	defer func() { f.known = known }()
	f.known = to.images()
	kind := field(root, "kind")
	self := patchTarget{kind: kind, group: groupOf(field(root, "apiVersion"))}
	own := kind != "" && field(root, "apiVersion") != ""
	switch {
	case to.foreign():
		f.suspects(target(root))
	case root.Kind == yaml.Sequence:
		f.operations(root)
	case own && !(to.given && self.foreign()):
		patching := f.patching
		f.patching = to.given
		f.object(root)
		f.patching = patching
	case strings.Contains(to.kind, "ConfigMap"), strings.Contains(to.kind, "Secret"):
		kind := f.res.kind
		f.res.kind = "ConfigMap"
		f.changed(root)
		f.configMap(root)
		f.res.kind = kind
	default:
		f.changed(root)
		f.fields(root, "")
	}
}

// groupOf is the API group in an apiVersion.
func groupOf(version string) string {
	group, _, ok := strings.Cut(version, "/")
	if !ok {
		return ""
	}
	return group
}

// operations searches the values of JSON patch operations (RFC 6902).
func (f *finder) operations(list *yaml.Node) {
	items(list, func(i int, op *yaml.Node) {
		f.inIndex(i, func() { f.operation(op) })
	})
}

// operation searches what a JSON patch operation puts in place, and reports
// whether op is one that does, and nothing else.
func (f *finder) operation(op *yaml.Node) bool {
	to, ok := pointer(field(op, "path"))
	if !ok || get(op, "path") == nil {
		return false
	}
	switch value := get(op, "value"); field(op, "op") {
	case "add", "replace":
		if value == nil {
			return false
		}
		f.inField("value", func() { f.put(op, to, value) })
		return onlyKeys(op, "op", "path", "value", "from")
	case "copy", "move":
		if from, ok := pointer(field(op, "from")); ok {
			f.inField("from", func() { f.copied(get(op, "from"), from, to) })
		}
		return onlyKeys(op, "op", "path", "value", "from")
	}
	return false
}

// onlyKeys reports whether m has no other keys than these, so that nothing else hides in it.
func onlyKeys(m *yaml.Node, keys ...string) bool {
	for k := target(m).FirstChild; k != nil; k = k.Next.Next {
		if !slices.Contains(keys, k.Value) {
			return false
		}
	}
	return true
}

// pointerEscapes are those of RFC 6901, section 4.
var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// pointer splits a JSON pointer (RFC 6901). Whatever stands before its first "/",
// kustomize passes over.
func pointer(s string) ([]string, bool) {
	if s == "" {
		return nil, true
	}
	_, s, ok := strings.Cut(s, "/")
	path := strings.Split(s, "/")
	for i := range path {
		path[i] = pointerEscapes.Replace(path[i])
	}
	return path, ok
}

// put searches a value that goes to path. m is the mapping that has the value.
func (f *finder) put(m *yaml.Node, path []string, value *yaml.Node) {
	v := target(value)
	if v == nil {
		return
	}
	f.changed(value, path...)
	key, parent := lastKeys(path)
	listed := len(path) > 0 && isPosition(path[len(path)-1])
	switch {
	case key == "" && field(v, "apiVersion") != "" && field(v, "kind") != "":
		f.object(v)
	case v.Kind == yaml.Mapping && listed && strings.HasPrefix(strings.ToLower(key), "env"):
		if e := get(v, "value"); scalarText(e) {
			f.inField("value", func() { f.variable(field(v, "name"), e) })
		}
	case v.Kind != yaml.Scalar && listed:
		f.volumeImage(value, key)
		f.fields(value, key)
	case v.Kind != yaml.Scalar:
		items(v, func(_ int, n *yaml.Node) { f.volumeImage(n, key) })
		f.valueOf(value, key)
	case listed && argumentsKey(key):
		f.argument(value)
	case key == "image" && !listed:
		f.containerImage(value)
	case parent == "annotations":
		f.annotation(m, key, value)
	case (parent == "data" || parent == "stringData") && len(path) == 2:
		f.configEntry(key, value)
	case placeOf(path) == anImage && (parent == "image" || medium(v.Value)):
		f.containerImage(value)
	case placeOf(path) == aPart && !strings.Contains(v.Value, "@sha256:") && key != "digest":
		f.part(value, v.Value)
	default:
		f.scalar(m, key, value)
	}
}

// volumeImage searches the image of a volume, n, which an operation puts under key.
func (f *finder) volumeImage(n *yaml.Node, key string) {
	if key == "volumes" {
		f.containerImage(at(n, "image", "reference"))
	}
}

// part remarks on a value that becomes the tag or the repository of an image, the rest of
// which stands elsewhere.
func (f *finder) part(n *yaml.Node, written string) {
	if written == "" || isNull(target(n)) {
		return
	}
	f.claim(n)
	f.remark(n, "uneditable", written,
		"becomes a part of an image, the rest of which stands elsewhere: put it in as a whole",
		true)
}

// copied remarks on a copy from one place of an object to another that makes an image of
// what is none where it stands, and so is not judged there.
func (f *finder) copied(n *yaml.Node, from, to []string) {
	place := placeOf(to)
	if f.overwritten(generated{}, to...) {
		place = aPart
	}
	if place == elsewhere || place == anImage && placeOf(from) == anImage {
		return
	}
	fromKey, _ := lastKeys(from)
	if toKey, _ := lastKeys(to); place == aHolder && fromKey == toKey {
		return
	}
	f.claim(n)
	f.remark(n, "uneditable", "/"+strings.Join(from, "/"),
		"is copied into an image, and what stands there is not known to be one: "+
			"write the image itself", true)
}
