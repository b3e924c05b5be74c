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
	switch t := target(v); {
	case t == nil || t == f.list.items || skipField(k.Value, len(f.steps)):
	case t.Kind == yaml.Scalar:
		f.scalar(m, k.Value, v)
	default:
		f.valueOf(v, k.Value)
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
		if isMap(v) && f.helmOwner() {
			f.helmValues(v, "")
			return
		}
	case "rbd", "quobyte":
		return // volumes whose image and registry are not OCI's
	case "output":
		if get(v, "image") != nil {
			return // a build pushes there
		}
	case "labels", "matchLabels", "nodeSelector", "commonLabels":
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
		case t == nil:
		case t.Kind != yaml.Scalar:
			f.fields(c, key)
		case arguments:
			f.argument(c)
		case (key == "images" || strings.HasSuffix(key, "Images")) && f.known && medium(t.Value):
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
	case imageKey(key):
		f.imageField(v, key)
	case strings.HasPrefix(t.Value, "oci://"):
		f.ociURL(v)
	case key == "url" && strings.HasPrefix(t.Value, "docker://") &&
		medium(t.Value[len("docker://"):]):
		f.inline(v, len("docker://"), len(t.Value), lockfile.Image) // of a KubeVirt disk
	case key == "reference" && f.inImageVolume():
		f.imageVolume(v)
	case key == "reference" && len(f.steps) > 1 && medium(t.Value):
		f.imageReference(v, f.steps[len(f.steps)-2].key)
	case key == "name" && field(m, "kind") == "DockerImage" && medium(t.Value):
		f.whole(v, lockfile.Image) // of an OpenShift image stream or build
	case key == "package" && strings.HasSuffix(f.res.group, "pkg.crossplane.io"):
		f.whole(v, lockfile.Artifact)
	case embedsValues(key) && f.helmOwner():
		f.embed(v, func(f *finder, root *yaml.Node) { f.helmValues(root, "") })
	default:
		f.suspect(v)
	}
}

// imageField judges a scalar in a field that has an image's name.
func (f *finder) imageField(v *yaml.Node, key string) {
	t := target(v)
	if _, cut := f.masked(t); cut || templateIn(t.Value) != "" ||
		strings.HasPrefix(t.Value, "ko://") {
		f.placeholder(v, t.Value)
		return
	}
	_, err := oci.Parse(t.Value)
	switch {
	case f.known && (err == nil || key == "image"), medium(t.Value):
		f.whole(v, lockfile.Image)
	case err == nil && key == "image" && f.res.kind != "":
		f.remark(v, "suspect", t.Value, "may be an image, in a field that plumb does not know",
			false)
	}
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
	f.whole(v, lockfile.Image)
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

// suspect remarks on text that looks like an image where none is known to stand.
func (f *finder) suspect(n *yaml.Node) {
	t := target(n)
	if strings.IndexByte(t.Value, '/') < 0 || f.claimed[n] {
		return
	}
	if t.Style == yaml.Literal || t.Style == yaml.Folded || strings.IndexByte(t.Value, ' ') >= 0 {
		f.suspectText(n)
		return
	}
	if _, cut := f.masked(t); !cut && strong(t.Value) {
		f.remark(n, "suspect", t.Value, "looks like an image, in a field that plumb does not know",
			false)
	}
}

// suspectText remarks on the images in a longer text, such as a script.
func (f *finder) suspectText(n *yaml.Node) {
	t := target(n)
	inner := &text{src: t.Value, outer: f.text, node: t}
	for i := 0; i < len(t.Value); {
		slash := strings.IndexByte(t.Value[i:], '/')
		if slash < 0 {
			return
		}
		start, end := word(t.Value, i+slash, i)
		if w := strings.TrimRight(t.Value[start:end], ".:"); strong(w) {
			f.remarkAt(inner.offset(start), "suspect", w,
				"looks like an image, in a text that plumb does not know", false)
		}
		i = end
		if i <= start {
			i = start + 1
		}
	}
}

// word is the run of characters around s[at] that a reference may hold, not
// before from.
func word(s string, at, from int) (start, end int) {
	start, end = at, at+1
	for start > from && nameByte(s[start-1]) {
		start--
	}
	for end < len(s) && (nameByte(s[end]) || s[end] == '/') {
		end++
	}
	return start, end
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' ||
		c == '-' || c == '_' || c == ':' || c == '@'
}

// suspects remarks on what looks like an image anywhere below n.
func (f *finder) suspects(n *yaml.Node) {
	f.visits++
	if n == nil || f.visits > f.limit() || len(f.steps) > maxDepth {
		return
	}
	switch n.Kind {
	case yaml.Scalar:
		f.suspect(n)
	case yaml.Sequence:
		i := 0
		for c := n.FirstChild; c != nil; c = c.Next {
			f.steps = append(f.steps, step{"", i})
			f.suspects(c)
			f.steps = f.steps[:len(f.steps)-1]
			i++
		}
	case yaml.Mapping:
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			f.steps = append(f.steps, step{k.Value, -1})
			f.suspects(k.Next)
			f.steps = f.steps[:len(f.steps)-1]
		}
	}
}
