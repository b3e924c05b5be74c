package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// isContainer reports whether m, found under key, is a container: by the list
// it stands in, or by its shape.
func isContainer(m *yaml.Node, key string) bool {
	var image, runs, has bool
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		switch k.Value {
		case "image":
			image = scalarText(k.Next)
		case "command", "args", "volumeMounts", "script":
			runs = true
		case "env", "resources", "ports", "envFrom", "securityContext", "imagePullPolicy":
			has = true
		case "<<":
			image = image || scalarText(get(m, "image"))
		}
	}
	if !image {
		return false
	}
	switch key {
	case "containers", "initContainers", "ephemeralContainers", "sidecars", "steps", "stepTemplate",
		"sidecarContainers", "extraContainers", "extraInitContainers":
		return true
	}
	return runs && has
}

// container searches a container's image; its other fields are found as
// those of any mapping are.
func (f *finder) container(m *yaml.Node) {
	f.inField("image", func() { f.containerImage(get(m, "image")) })
}

// containerImage records the image of a container, whatever it looks like. Without a
// tag it is ":latest" to kubelet.
func (f *finder) containerImage(n *yaml.Node) {
	f.wholly(n, nameUse{input: lockfile.Image, latest: true})
}

// argumentsKey reports whether a list under this key holds a command line.
func argumentsKey(key string) bool {
	return key == "args" || key == "command" || strings.HasSuffix(key, "Args") ||
		strings.HasSuffix(key, "Command") || key == "entrypoint"
}

// reloaderFlag names flags that take an image although their names do not say so.
func reloaderFlag(flag string) bool { return flag == "prometheus-config-reloader" }

// baseImageFlag names flags of the Prometheus operator that take a repository: the tag is
// that of each Prometheus (prometheus-operator, operator.BuildImagePath).
func baseImageFlag(flag string) bool { return strings.HasSuffix(flag, "-default-base-image") }

// argument judges an item of a command line: "--flag=image", or an image
// behind an item that is its flag.
func (f *finder) argument(item *yaml.Node) {
	t := target(item)
	s := t.Value
	if f.claimed[item] {
		return
	}
	if _, cut := f.masked(t); cut {
		return
	}
	if !strings.HasPrefix(s, "-") {
		f.suspect(item)
		return
	}
	flag, value, ok := strings.Cut(s, "=")
	name := strings.TrimLeft(flag, "-")
	switch {
	case !ok:
		f.flagValue(name, item.Next)
	case f.flagTakes(name, value):
		f.claim(item)
		f.inline(item, len(flag)+1, len(s), lockfile.Image)
	case strong(value) && !pushes(name):
		f.remark(item, "suspect", value, "looks like an image, behind a flag that plumb does not know",
			false)
	case flagMayTake(name, value):
		f.remark(item, "suspect", value, "may be an image, by the name of its flag", false)
	}
}

// flagMayTake reports whether value may be an image, without a tag, that a flag takes.
func flagMayTake(flag, value string) bool {
	return (baseImageFlag(flag) || imageVariable(flag) && imageRole(flag)) &&
		medium(value) && !picture(value) && !tagged(value)
}

// flagTakes reports whether value is an image that a flag takes.
func (f *finder) flagTakes(flag, value string) bool {
	switch {
	case reloaderFlag(flag):
		return medium(value)
	case baseImageFlag(flag):
		return medium(value) && tagged(value)
	}
	return imageVariable(flag) && meant(flag, value)
}

// flagValue judges the item that follows a flag.
func (f *finder) flagValue(flag string, next *yaml.Node) {
	if next == nil || !scalarText(next) || f.claimed[next] {
		return
	}
	if value := target(next).Value; !f.flagTakes(flag, value) {
		if flagMayTake(flag, value) {
			f.remark(next, "suspect", value, "may be an image, by the name of its flag", false)
		}
		return
	}
	last := len(f.steps) - 1
	f.steps[last].index++
	f.whole(next, lockfile.Image)
	f.steps[last].index--
}

// environment searches environment variables, as a list or as a mapping.
func (f *finder) environment(n *yaml.Node) {
	if n.Kind == yaml.Mapping {
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			f.inField(k.Value, func() {
				if scalarText(k.Next) {
					f.variable(k.Value, k.Next)
				} else if v := get(k.Next, "value"); v != nil {
					f.inField("value", func() { f.variable(k.Value, v) })
				}
			})
		}
		return
	}
	items(n, func(i int, item *yaml.Node) {
		if v := get(item, "value"); v != nil && scalarText(v) {
			f.inIndex(i, func() {
				f.inField("value", func() { f.variable(field(item, "name"), v) })
			})
		}
	})
}

// variable judges the value of an environment variable.
func (f *finder) variable(name string, v *yaml.Node) {
	t := target(v)
	switch {
	case f.claimed[v] || !partsName(t.Value) && !imageVariable(name):
	case pushes(name) && !relatedImage(name):
	case strings.HasSuffix(name, "_IMAGES") && strings.Contains(t.Value, "="):
		f.versionLines(v)
	case imageVariable(name):
		f.guessed(name, v)
	default:
		f.suspect(v)
	}
}

// partsName reports whether a text has one of the characters that stand between the parts
// of an image's name.
func partsName(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ':', '/', '@':
			return true
		}
	}
	return false
}

// guessed judges a value whose name alone says that it is an image.
func (f *finder) guessed(name string, v *yaml.Node) {
	t := target(v)
	switch {
	case meant(name, t.Value), relatedImage(name) && parses(t.Value):
		f.whole(v, lockfile.Image)
	case medium(t.Value) && !picture(t.Value) && strings.IndexByte(t.Value, '/') > 0,
		imageRole(name) && parses(t.Value) && !setting(t.Value):
		f.remark(v, "suspect", t.Value, "may be an image, by the name of its field", false)
	default:
		f.suspect(v)
	}
}

// versionLines records the images of a text whose lines are version=image, as
// the Strimzi operator reads them.
func (f *finder) versionLines(n *yaml.Node) {
	t := target(n)
	f.claim(n)
	inner := &text{src: t.Value, outer: f.text, node: t}
	for start := 0; start < len(t.Value); {
		end := len(t.Value)
		if i := strings.IndexAny(t.Value[start:], "\n "); i >= 0 {
			end = start + i
		}
		if eq := strings.IndexByte(t.Value[start:end], '='); eq >= 0 &&
			medium(t.Value[start+eq+1:end]) {
			f.textImage(inner, start+eq+1, end, false)
		}
		start = end + 1
	}
}

// textImage records the image that stands in t.src[start:end]. latest: without a tag it is
// ":latest" to its consumer.
func (f *finder) textImage(t *text, start, end int, latest bool) {
	s := t.src[start:end]
	r := f.begin(t.node, lockfile.Image, s)
	r.offset = t.offset(start)
	at := strings.IndexByte(s, '@')
	before := "@"
	switch {
	case at >= 0:
	case tagged(s):
		at = len(s)
	case latest:
		at, before = len(s), ":latest@"
	default:
		r.Why = unknownTag
		f.found = append(f.found, r)
		return
	}
	var st site
	if a, e, ok := t.span(start, end); ok {
		st.keep = slot{start: a + at, end: e, old: s[at:], before: before}
		st.only, st.ok = st.keep, true
		if colon := strings.LastIndexByte(s[:at], ':'); tagged(s[:at]) {
			st.tag = tagSite{slot: slot{start: a + colon, end: e, old: s[colon:], before: ":"},
				state: tagJoined}
		}
	}
	f.end(r, s, st)
}

// annotations searches the annotations of an object or a pod template.
func (f *finder) annotations(m *yaml.Node) {
	if m.Kind != yaml.Mapping {
		return
	}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if !scalarText(k.Next) || skipField(k.Value, 0) {
			continue
		}
		f.inField(k.Value, func() { f.annotation(m, k.Value, k.Next) })
	}
}

func (f *finder) annotation(m *yaml.Node, key string, v *yaml.Node) {
	t := target(v)
	name := key[strings.LastIndexByte(key, '/')+1:]
	known, ok := annotationUses[key]
	switch {
	case t.Value == "" || f.claimed[v]:
	case key == "config.kubernetes.io/function":
		f.embed(v, func(f *finder, root *yaml.Node) { f.fields(root, "") })
	case ok:
		known(f, spot{m: m, key: key, v: v})
	case strings.HasPrefix(key, pipelinesAsCode):
		f.remoteTasks(key, v)
	case strings.HasPrefix(key, "admission.datadoghq.com/") && strings.HasSuffix(key, ".custom-image"):
		f.containerImage(v) // of the libraries that its admission controller puts in
	case (strings.HasSuffix(name, "image") || strings.HasSuffix(name, "Image")) && !trapKey(name):
		f.guessed(name, v)
	default:
		f.suspect(v)
	}
}

// noteParam remembers the template parameter that an image is, such as
// $(params.image), so that its default can be found.
func (f *finder) noteParam(written string) {
	name := ""
	for _, t := range [...]struct{ open, close string }{{"$(", ")"}, {"${", "}"}, {"{{", "}}"}} {
		if s, ok := strings.CutPrefix(written, t.open); ok && strings.HasSuffix(s, t.close) {
			name = strings.Trim(strings.TrimSuffix(s, t.close), " ")
		}
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if name == "" || strings.ContainsAny(name, " :/{}()") {
		return
	}
	if f.params == nil {
		f.params = map[string]bool{}
	}
	f.params[name] = true
}

// parameters searches the values of the parameters that stand for images in
// the templates of the same object.
func (f *finder) parameters(n *yaml.Node) {
	n = target(n)
	if n == nil || len(f.params) == 0 || len(f.steps) > maxDepth {
		return
	}
	switch n.Kind {
	case yaml.Sequence:
		i := 0
		for c := n.FirstChild; c != nil; c = c.Next {
			f.inIndex(i, func() { f.parameters(c) })
			i++
		}
	case yaml.Mapping:
		if f.params[field(n, "name")] {
			for _, key := range [...]string{"default", "value"} {
				v := get(n, key)
				if _, s := str(v); medium(s) && !f.claimed[v] {
					f.inField(key, func() { f.whole(v, lockfile.Image) })
				}
			}
		}
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			if target(k.Next) == k.Next && k.Next.Kind != yaml.Scalar {
				f.inField(k.Value, func() { f.parameters(k.Next) })
			}
		}
	}
}
