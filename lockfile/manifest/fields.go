package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// fields searches a collection of unknown shape. key is the one it stands under.
func (f *finder) fields(n *yaml.Node, key string) {
	f.visits++
	n = target(n)
	if n == nil || len(f.steps) > maxDepth || f.visits > f.limit() {
		return
	}
	switch n.Kind {
	case yaml.Mapping:
		f.mapping(n, key)
	case yaml.Sequence:
		f.sequence(n, key)
	}
}

func (f *finder) mapping(m *yaml.Node, key string) {
	if f.special(m, key) {
		return
	}
	if len(f.steps) > f.base && !f.known {
		if group := groupOfObject(m); group != "" && field(m, "kind") != "" {
			// An object in a field that is not known to hold one: it is read as the field is,
			// and as the object too, so that a group named here hides nothing.
			f.known = imageGroups().has(group)
			defer func() { f.known = false }()
		}
	}
	f.split(m, key)
	if isContainer(m, key) {
		f.container(m)
	}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if isMerge(k) {
			for _, p := range merged(m) {
				f.pair(m, p.key, p.value)
			}
			continue
		}
		f.pair(m, k, k.Next)
	}
}

func (f *finder) pair(m, k, v *yaml.Node) {
	f.steps = append(f.steps, step{k.Value, -1})
	key, condition := k.Value, false
	if f.policy {
		key, condition = anchorOf(key)
	}
	switch t := target(v); {
	case t == nil || t == f.list.items || skipField(key, len(f.steps)-f.base):
	case f.catalogued(m, key, v):
	case t.Kind == yaml.Scalar:
		if !condition {
			f.scalar(m, key, v)
		}
	case key == "volumeAttributes":
		f.volumeAttributes(m, v)
	default:
		f.valueOf(v, key)
	}
	f.steps = f.steps[:len(f.steps)-1]
}

// skipField reports whether nothing below a field is an input: what the
// cluster writes, and what only repeats the object.
func skipField(key string, depth int) bool {
	switch key {
	case "status":
		return depth == 1
	case "openAPIV3Schema", "kubectl.kubernetes.io/last-applied-configuration", "verifyImages",
		"imageReferences":
		return true
	}
	return false
}

// valueOf searches the collection v that stands under key.
func (f *finder) valueOf(v *yaml.Node, key string) {
	switch key {
	case "annotations", "podAnnotations":
		f.annotations(target(v))
		return
	case "env", "envVars", "extraEnv", "extraEnvVars":
		f.environment(target(v))
		return
	case "values", "valuesObject", "valuesInline":
		if isMap(v) && (f.helmOwner() || key == "valuesInline") {
			f.helmValues(v, "")
			return
		}
	case "rbd", "quobyte", "flexVolume":
		return // volumes whose image and registry are not OCI's
	case "output":
		if get(v, "image") != nil {
			return // a build pushes there
		}
	case "labels", "matchLabels", "nodeSelector", "commonLabels":
		return
	}
	if comparesImages(key) {
		f.suspects(target(v))
		return
	}
	f.fields(v, key)
}

func (f *finder) sequence(s *yaml.Node, key string) {
	arguments := argumentsKey(key)
	i := 0
	for c := s.FirstChild; c != nil; c = c.Next {
		f.steps = append(f.steps, step{"", i})
		switch t := target(c); {
		case t == nil || f.catalogued(nil, key, c):
		case t.Kind != yaml.Scalar:
			f.fields(c, key)
		case arguments:
			f.argument(c)
		case (key == "images" || strings.HasSuffix(key, "Images")) && f.known &&
			!compares(key) && medium(t.Value):
			f.whole(c, lockfile.Image)
		default:
			f.suspect(c)
		}
		f.steps = f.steps[:len(f.steps)-1]
		i++
	}
}

// scalar judges the scalar v of m's field key.
func (f *finder) scalar(m *yaml.Node, key string, v *yaml.Node) {
	t := target(v)
	if t.Value == "" || f.claimed[v] || isNull(t) {
		return
	}
	switch {
	case f.values && f.value(m, key, v):
	case imageKey(key):
		f.imageField(m, v, key)
	case imageNamed(key) && tagged(t.Value) && (strong(t.Value) || medium(t.Value) &&
		strings.IndexByte(t.Value, '/') >= 0):
		f.whole(v, lockfile.Image)
	case f.namesImage(key) && tagged(t.Value) && medium(t.Value) &&
		strings.IndexByte(t.Value, '/') >= 0:
		f.whole(v, lockfile.Image)
	case strings.HasPrefix(t.Value, "oci://"):
		f.ociURL(v)
	case key == "url" && strings.HasPrefix(t.Value, "docker://") &&
		medium(t.Value[len("docker://"):]):
		f.dockerURL(v, "")
	case key == "reference" && f.inImageVolume():
		f.imageVolume(v)
	case key == "reference" && len(f.steps) > 1 && medium(t.Value):
		f.imageReference(v, f.steps[len(f.steps)-2].key)
	case key == "name" && field(m, "kind") == "DockerImage" && medium(t.Value):
		f.whole(v, lockfile.Image) // of an OpenShift image stream or build
	case embedsValues(key) && f.helmOwner():
		f.embed(v, func(f *finder, root *yaml.Node) { f.helmValues(root, "") })
	case mayHoldObject(t.Value) && !explains(key):
		f.embedObjects(v)
	default:
		f.suspect(v)
	}
}

// imageField judges the scalar v in m's field that has an image's name.
func (f *finder) imageField(m, v *yaml.Node, key string) {
	t := target(v)
	if _, cut := f.masked(t); cut || templateIn(t.Value) != "" ||
		strings.HasPrefix(t.Value, "ko://") {
		f.placeholder(v, t.Value)
		return
	}
	_, err := oci.Parse(t.Value)
	switch {
	case !f.known && picture(t.Value):
	case f.known && (err == nil || key == "image"), medium(t.Value):
		switch {
		case !tagged(t.Value) && f.tagBeside(m, v, key):
		case tagged(t.Value) || f.known || f.values || key == "image":
			f.whole(v, lockfile.Image)
		default:
			f.remark(v, "suspect", t.Value, "may be an image, by the name of its field", false)
		}
	case err == nil && key == "image" && f.res.kind != "":
		f.remark(v, "suspect", t.Value, "may be an image, in a field that plumb does not know",
			false)
	}
}

// namesImage reports whether a field of this name holds an image because of the mapping
// that it stands in: "image: {name: …}", or "images: {web: …}".
func (f *finder) namesImage(key string) bool {
	if len(f.steps) < 2 || f.steps[len(f.steps)-2].index >= 0 {
		return false
	}
	owner := f.steps[len(f.steps)-2].key
	switch {
	case owner == "images" || strings.HasSuffix(owner, "Images"):
		return (f.res.kind != "" || f.values) && !trapKey(owner) && !trapKey(key)
	case owner == "image" || strings.HasSuffix(owner, "Image"):
		switch key {
		case "name", "ref", "pullSpec", "fullName":
			return !trapKey(owner)
		}
	}
	return false
}

// tagBeside records the image whose name is v, without a tag, and whose tag stands in
// another field of m, and reports whether there is one.
func (f *finder) tagBeside(m, v *yaml.Node, key string) bool {
	for _, sibling := range tagKeys(key) {
		tag := get(m, sibling)
		if _, s := str(tag); s == "" || f.claimed[tag] || strings.ContainsAny(s, " \n") {
			continue
		}
		p := parts{m: m, repository: v, tag: tag}
		if !f.values {
			p.fixed = "its tag may be that of " + sibling + " beside it, and plumb does not know " +
				"what its consumer does with it; write NAME:TAG if it takes that"
		}
		f.splitReference(p)
		return true
	}
	return false
}

// dockerURL records the image that a docker:// URL names, as skopeo and KubeVirt's importer
// read it (containers/image, docker.ParseReference): with a tag or a digest, never both;
// without either it is ":latest".
func (f *finder) dockerURL(v *yaml.Node, fixed string) {
	f.named(v, len("docker://"), len(target(v).Value), nameUse{input: lockfile.Image, latest: true,
		either: true, fixed: fixed})
}

// ociURL judges a URL of an OCI artifact that stands in one scalar.
func (f *finder) ociURL(v *yaml.Node) {
	t := target(v)
	if name := strings.TrimPrefix(t.Value, "oci://"); tagged(name) && parses(name) {
		f.whole(v, lockfile.Artifact)
	}
}

// inImageVolume reports whether the field is that of a pod's image volume:
// volumes[].image.reference.
func (f *finder) inImageVolume() bool {
	n := len(f.steps)
	return n >= 4 && f.steps[n-2].key == "image" && f.steps[n-3].index >= 0 &&
		f.steps[n-4].key == "volumes"
}

// imageVolume judges the image of a volume, which is one however it looks.
func (f *finder) imageVolume(v *yaml.Node) {
	t := target(v)
	if _, cut := f.masked(t); cut || templateIn(t.Value) != "" ||
		strings.HasPrefix(t.Value, "ko://") {
		f.placeholder(v, t.Value)
		return
	}
	f.containerImage(v)
}

// imageReference judges a field called reference, in a mapping that stands
// under owner: an image volume, an extension's image, an OCI dashboard.
func (f *finder) imageReference(v *yaml.Node, owner string) {
	switch owner {
	case "image":
		f.whole(v, lockfile.Image)
	case "oci":
		f.whole(v, lockfile.Artifact)
	default:
		f.suspect(v)
	}
}
