package manifest

import (
	"path"
	"strings"

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
