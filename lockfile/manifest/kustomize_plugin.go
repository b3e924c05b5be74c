package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// plugin searches an item of generators, transformers or validators: the configuration of
// a plugin as text, or a file or folder that has it.
func (f *finder) plugin(n, list *yaml.Node) {
	_, s := str(n)
	if !strings.ContainsAny(s, "\n{") && f.remote(n, list, true) {
		return
	}
	if strings.ContainsAny(s, "\n:{") {
		f.embed(n, (*finder).object)
	}
	if !strings.ContainsAny(s, "\n{") {
		f.use(n, s, asManifest|asPlugin)
	}
}

// kustomized searches what kustomize alone reads in an object, and reports whether it is
// the configuration of a plugin that kustomize brings.
func (f *finder) kustomized(root *yaml.Node, version, kind string) bool {
	f.sought(root, kind)
	f.function(at(root, "metadata"))
	if f.as&asBody != 0 && f.depth+f.members == 0 &&
		(patchTarget{group: groupOf(version), kind: kind}).foreign() {
		f.known = true
		f.fields(root, "") // a patch for objects of another kind than it says
	}
	if version != "builtin" {
		return false
	}
	f.plugged = f.text == f.file
	defer func() { f.plugged = false }()
	switch kind {
	case "ImageTagTransformer":
		f.inField("imageTag", func() { f.imageTransform(f.folded(root, "imageTag")) })
	case "PatchTransformer":
		f.patch(root, "patch")
	case "PatchJson6902Transformer":
		f.patch(root, "jsonOp")
	case "PatchStrategicMergeTransformer":
		f.each(root, "paths", f.strategicPatch)
		f.inField("patches", func() { f.strategicPatch(f.folded(root, "patches")) })
	case "ReplacementTransformer":
		f.replacements(root)
	case "ConfigMapGenerator", "SecretGenerator":
		f.generator(root, strings.TrimSuffix(kind, "Generator"))
	case "HelmChartInflationGenerator":
		f.helmChart(root, helmChartFields, "")
	case "AnnotationsTransformer":
		f.inField("annotations", func() { f.annotationMap(f.folded(root, "annotations")) })
	case "ValueAddTransformer":
		f.valueAdd(root)
	case "NamespaceTransformer", "PrefixTransformer", "SuffixTransformer", "LabelTransformer",
		"ReplicaCountTransformer", "HashTransformer", "SortOrderTransformer",
		"IAMPolicyGenerator", "PrefixSuffixTransformer":
	default:
		return false
	}
	f.steps = nil
	f.suspects(root)
	return true
}

// function searches the image that an object is given to as its configuration, a function
// that kustomize and kpt run: in an annotation, or in the older configFn.
func (f *finder) function(metadata *yaml.Node) {
	steps := f.steps
	defer func() { f.steps = steps }()
	f.steps = append(f.steps, step{"metadata", -1})
	image := func(f *finder, root *yaml.Node) {
		f.inField("container", func() {
			f.inField("image", func() { f.containerImage(at(root, "container", "image")) })
		})
	}
	f.inField("configFn", func() { image(f, get(metadata, "configFn")) })
	annotations := get(metadata, "annotations")
	f.inField("annotations", func() {
		for _, key := range [...]string{"config.kubernetes.io/function",
			"config.k8s.io/function"} {
			f.inField(key, func() { f.embed(get(annotations, key), image) })
		}
	})
}

// valueAdd searches a transformer that puts one value into fields of objects.
func (f *finder) valueAdd(root *yaml.Node) {
	value := f.folded(root, "value")
	file, name := str(f.folded(root, "targetFilePath"))
	if name != "" {
		f.remark(file, "uneditable", name, "says where the value goes, and is not followed: "+
			"write targets instead", true)
	}
	f.each(root, "targets", func(t *yaml.Node) {
		if _, to := str(f.folded(t, "fieldPath")); value != nil {
			f.put(root, strings.Split(strings.Trim(to, "/"), "/"), value)
		}
	})
}

// loaders says which directories the configuration of kustomize's plugins is loaded from:
// the paths in it start from the kustomization that lists it, wherever it lies.
type loaders struct {
	files [][]File
	users map[string][]user // nil until a plugin's configuration names a file
}

// user is a file that names another, or a folder.
type user struct {
	file   *File
	plugin bool // as the configuration of plugins
}

func (l *loaders) add(files []File) { l.files = append(l.files, files) }

// index finds the users, which few trees need.
func (l *loaders) index() {
	l.users = map[string][]user{}
	for _, files := range l.files {
		for i := range files {
			f := &files[i]
			for _, u := range f.uses {
				if f.role == kustomizationFile && u.as&asManifest != 0 {
					to := path.Join(path.Dir(f.Path), u.path)
					l.users[to] = append(l.users[to], user{f, u.as&asPlugin != 0})
				}
			}
		}
	}
}

// directories are those that the path of a use starts from; that of the tree's root is "".
func (l *loaders) directories(file *File, u use) []string {
	if strings.HasPrefix(u.path, "/") {
		return []string{""}
	}
	if u.plugin {
		if l.users == nil {
			l.index()
		}
		if dirs := l.above(file, map[string]bool{}); dirs != nil {
			return dirs
		}
	}
	return []string{path.Dir(file.Path)}
}

// above are the directories of the kustomizations that list a file, or the folder of one,
// among their plugins.
func (l *loaders) above(file *File, seen map[string]bool) []string {
	if seen[file.Path] {
		return nil
	}
	seen[file.Path] = true
	over := file.Path
	if file.role == kustomizationFile {
		over = path.Dir(file.Path)
	}
	var dirs []string
	for _, u := range l.users[over] {
		if u.plugin {
			dirs = append(dirs, path.Dir(u.file.Path))
		} else {
			dirs = append(dirs, l.above(u.file, seen)...)
		}
	}
	return dirs
}
