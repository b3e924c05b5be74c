package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// argoOverride reports whether Argo CD reads a file of this name in an application's
// directory over the source that the Application has, and whose source it is: all
// applications' in ".argocd-source.yaml", one's in ".argocd-source-NAME.yaml" or
// ".argocd-source-NAMESPACE_NAME.yaml". Argo CD Image Updater writes the latter.
func argoOverride(name string) (resource, bool) {
	r := resource{group: "argoproj.io", kind: "Application"}
	app, ok := strings.CutPrefix(path.Base(name), ".argocd-source")
	if !ok {
		return r, false
	}
	if app, ok = strings.CutSuffix(app, ".yaml"); !ok || app == "" {
		return r, ok
	}
	if app, ok = strings.CutPrefix(app, "-"); !ok || app == "" {
		return r, false
	}
	r.name = app
	if namespace, name, ok := strings.Cut(app, "_"); ok {
		r.namespace, r.name = namespace, name
	}
	return r, true
}

// sourceDirectory is the directory that the paths in an Argo CD source start from.
func (f *finder) sourceDirectory(source *yaml.Node) string {
	if _, ok := argoOverride(f.path); ok {
		return path.Dir(f.path)
	}
	return field(source, "path")
}

// imagePrefix is what the names of the Helm parameters of an image have in common, by
// that of its repository.
func imagePrefix(name string) (prefix string, ok bool) {
	if prefix, ok = strings.CutSuffix(name, ".repository"); ok {
		return prefix, true
	}
	prefix, ok = strings.CutSuffix(name, ".name")
	return prefix, ok && imageOwner(prefix[strings.LastIndexByte(prefix, '.')+1:])
}

// imageParameter records the image that a Helm parameter's value v names. A name without
// a tag is half of one: which parameter has the rest, only the chart knows.
func (f *finder) imageParameter(v *yaml.Node) {
	text := target(v).Value
	if templateIn(text) != "" || tagged(text) {
		f.whole(v, lockfile.Image)
		return
	}
	r := f.begin(v, lockfile.Image, text)
	r.Why = "it has no tag: another parameter or the chart has it; write NAME:TAG here, " +
		"or call the two image.name and image.tag"
	f.found = append(f.found, r)
}
