package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// plugin searches an item of generators, transformers or validators: the configuration of
// a plugin as text, or a file or folder that has it.
func (f *finder) plugin(n *yaml.Node) {
	_, s := str(n)
	if strings.ContainsAny(s, "\n:{") {
		f.embed(n, (*finder).object)
	}
	if !strings.ContainsAny(s, "\n{") {
		f.use(n, s, asManifest)
	}
}

// kustomized searches what kustomize alone reads in an object, and reports whether it is
// the configuration of a plugin that kustomize brings.
func (f *finder) kustomized(root *yaml.Node, version, kind string) bool {
	f.sought(root, kind)
	if f.as&asBody != 0 && f.depth+f.members == 0 &&
		(patchTarget{group: groupOf(version), kind: kind}).foreign() {
		f.known = true
		f.fields(root, "") // a patch for objects of another kind than it says
	}
	if version != "builtin" {
		return false
	}
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
		f.generator(root)
	case "HelmChartInflationGenerator":
		f.helmChart(root)
	case "AnnotationsTransformer":
		f.inField("annotations", func() { f.annotationMap(f.folded(root, "annotations")) })
	case "ValueAddTransformer":
		f.valueAdd(root)
	}
	f.steps = nil
	f.suspects(root)
	return true
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
		if _, path := str(f.folded(t, "fieldPath")); value != nil {
			f.put(root, strings.Split(strings.Trim(path, "/"), "/"), value)
		}
	})
}
