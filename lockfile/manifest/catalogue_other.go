package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// otherPlaces are fields that are no inputs although they look so, and fields that hold
// whole objects.
func otherPlaces() []rule {
	return []rule{
		// openshift: spec.output.to is where a build pushes to.
		{group: "build.openshift.io", path: "spec.output", means: nothing},
		{group: "", kinds: "BuildConfig Build", path: "spec.output", means: nothing},
		// shipwright and kpack: what they make is pushed.
		{group: "shipwright.io", path: "spec.output", means: nothing},
		{group: "shipwright.io", path: "spec.build.spec.output", means: nothing},
		{group: "kpack.io", kinds: "Image Build", path: "spec.tag", means: nothing},
		{group: "kpack.io", kinds: "Image Build", path: "spec.tags", means: nothing},
		{group: "kpack.io", kinds: "Builder ClusterBuilder", path: "spec.tag", means: nothing},
		{group: "machineconfiguration.openshift.io", kinds: "MachineOSConfig",
			path: "spec.renderedImagePushSpec", means: nothing},
		// knative eventing: CloudEvents attributes that a trigger compares.
		{group: "eventing.knative.dev", kinds: "Trigger", path: "spec.filter", means: nothing},
		{group: "eventing.knative.dev", kinds: "Trigger", path: "spec.filters", means: nothing},
		{group: "sources.knative.dev", path: "spec.ceOverrides", means: nothing},
		{group: "sources.knative.dev", path: "spec.filters", means: nothing},
		{group: "argoproj.io", kinds: "Sensor", path: "spec.dependencies", means: compared},
		// queries and labels of metrics.
		{group: "monitoring.coreos.com", kinds: "PrometheusRule", path: "spec", means: nothing},
		{group: "monitoring.coreos.com", kinds: "ServiceMonitor PodMonitor Probe ScrapeConfig",
			path: "spec", means: nothing},
		{group: "monitoring.coreos.com", kinds: "AlertmanagerConfig", path: "spec", means: nothing},
		{group: "operator.victoriametrics.com", kinds: "VMRule VMServiceScrape VMPodScrape",
			path: "spec", means: nothing},
		{group: "keda.sh", path: "spec.triggers", means: compared},
		{group: "argoproj.io", kinds: "AnalysisTemplate ClusterAnalysisTemplate AnalysisRun",
			path: "spec.metrics[].provider.prometheus", means: nothing},
		// images that are compared with, followed or listed.
		{group: "argocd-image-updater.argoproj.io", path: "spec", means: compared},
		{group: "argoproj.io", kinds: "ImageUpdater", path: "spec", means: compared},
		{group: "kargo.akuity.io", path: "spec.subscriptions", means: compared},
		{group: "kargo.akuity.io", path: "spec.promotionTemplate", means: compared},
		{group: "pkg.crossplane.io", kinds: "ImageConfig", path: "spec.matchImages", means: nothing},
		{group: "pkg.crossplane.io", kinds: "Lock", path: "packages", means: nothing},
		{group: "meta.pkg.crossplane.io", path: "spec.dependsOn", means: nothing},
		{group: "config.openshift.io", kinds: "Image", path: "spec", means: nothing},
		{group: "config.openshift.io", kinds: "ImageDigestMirrorSet ImageTagMirrorSet ImagePolicy " +
			"ClusterImagePolicy ImageContentPolicy", path: "spec", means: nothing},
		{group: "operator.openshift.io", kinds: "ImageContentSourcePolicy", path: "spec",
			means: nothing},
		// calico: an ImageSet has a digest for each name, which has no registry.
		{group: "operator.tigera.io", kinds: "ImageSet", path: "spec.images", means: nothing},
		// kops: machine images.
		{group: "kops.k8s.io", kinds: "InstanceGroup", path: "spec.image", means: nothing},
		// openshift: all tags of a repository.
		{group: "image.openshift.io", kinds: "ImageStream", path: "spec.dockerImageRepository",
			means: allTags},
		{group: "longhorn.io", kinds: "BackingImage BackingImageDataSource", path: "spec",
			means: compared},
		{group: "console.openshift.io", path: "spec", means: nothing}, // samples for people
		{group: "operators.coreos.com", kinds: "ClusterServiceVersion",
			path: "metadata.annotations", means: compared}, // examples, and a name for a catalogue
		// objects that a controller applies.
		{group: "argoproj.io", kinds: argoWorkflows, path: "**.resource.manifest", means: holds},
		{group: "argoproj.io", kinds: "Sensor", path: "**.source.resource", means: holds},
		{group: "argoproj.io", kinds: "ApplicationSet", path: "spec.templatePatch", means: holds},
		{group: "triggers.tekton.dev", path: "spec.resourcetemplates[]", means: holds},
		{group: "triggers.tekton.dev", path: "spec.resourceTemplates[]", means: holds},
		{group: "apiextensions.crossplane.io", kinds: "Composition",
			path: "spec.pipeline[].input.resources[].base", means: holds},
		{group: "apiextensions.crossplane.io", kinds: "Composition", path: "spec.resources[].base",
			means: holds},
		{group: "kubernetes.crossplane.io", kinds: "Object", path: "spec.forProvider.manifest",
			means: holds},
		{group: "work.open-cluster-management.io", path: "spec.workload.manifests[]", means: holds},
		{group: "work.open-cluster-management.io", path: "spec.manifestWorkTemplate.workload.manifests[]",
			means: holds},
		{group: "policy.open-cluster-management.io", path: "**.objectDefinition", means: holds},
		{group: "policy.open-cluster-management.io", path: "**.object-templates-raw", means: holds},
		{group: "work.karmada.io", kinds: "Work", path: "spec.workload.manifests[]", means: holds},
		{group: "hive.openshift.io", kinds: "SyncSet SelectorSyncSet", path: "spec.resources[]",
			means: holds},
		{group: "kro.run", path: "spec.resources[].template", means: holds},
		{group: "fluxcd.controlplane.io", kinds: "ResourceSet", path: "spec.resources[]",
			means: holds},
		{group: "fluxcd.controlplane.io", kinds: "ResourceSet", path: "spec.resourcesTemplate",
			means: holds},
		{group: "fleet.cattle.io", kinds: "Bundle", path: "spec.resources[].content", means: holds},
		{group: "capsule.clastix.io", path: "spec.resources[].rawItems[]", means: holds},
		{group: "core.oam.dev", path: "**.properties.objects[]", means: holds},
		{group: "controlplane.cluster.x-k8s.io", path: "**.k0sConfigSpec.k0s", means: holds},
		{group: "bootstrap.cluster.x-k8s.io", path: "**.k0s", means: holds},
		{group: "k0sctl.k0sproject.io", path: "spec.k0s.config", means: holds},
	}
}

// holds is an object, as a mapping or as text, or several.
func holds(f *finder, s spot) bool {
	v := target(s.v)
	switch v.Kind {
	case yaml.Mapping:
		f.within(v)
	case yaml.Sequence:
		items(v, func(i int, item *yaml.Node) { f.inIndex(i, func() { f.within(item) }) })
	default:
		f.embedObjects(s.v)
	}
	return true
}

// mayHoldObject reports whether a text can be that of a Kubernetes object.
func mayHoldObject(s string) bool {
	if strings.IndexByte(s, '\n') < 0 && !strings.HasPrefix(s, "{") {
		return false
	}
	return strings.Contains(s, "apiVersion") && strings.Contains(s, "kind")
}

// embedObjects searches the objects that the scalar n holds as text. If it is a template,
// the lines that give an image are searched.
func (f *finder) embedObjects(n *yaml.Node) {
	if f.parsesText(n) || !templated(target(n).Value) {
		f.embed(n, (*finder).embeddedObject)
		return
	}
	f.suspect(n)
	f.textLines(n)
}

// parsesText reports whether a text that stands in a scalar can be parsed.
func (f *finder) parsesText(n *yaml.Node) bool {
	if f.depth >= maxEmbedded {
		return false
	}
	stream, err := f.scanner.inner(f.depth).ParseStream(target(n).Value)
	return err == nil && collections(stream.Documents)
}

// embeddedObject searches an object, or settings, that stand in a text.
func (f *finder) embeddedObject(root *yaml.Node) {
	switch {
	case root.Kind == yaml.Sequence:
		items(root, func(i int, item *yaml.Node) {
			f.inIndex(i, func() { f.embeddedObject(target(item)) })
		})
	case field(root, "apiVersion") != "" && field(root, "kind") != "":
		f.within(root)
	default:
		f.configText(root)
	}
}

// textLines searches the lines of a text that should hold objects and cannot be parsed
// for images that are written out.
func (f *finder) textLines(n *yaml.Node) {
	t := target(n)
	inner := &text{src: t.Value, outer: f.text, node: t}
	for start := 0; start < len(t.Value); {
		end := len(t.Value)
		if i := strings.IndexByte(t.Value[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := strings.TrimLeft(t.Value[start:end], " -")
		if value, ok := strings.CutPrefix(line, "image:"); ok {
			value = strings.TrimLeft(value, " \"'")
			at := end - len(value)
			if i := strings.IndexAny(value, "\r\"'"); i >= 0 && templateIn(value) == "" {
				value = value[:i]
			}
			value, _, _ = strings.Cut(value, " #")
			f.textLine(inner, at, strings.TrimRight(value, " \r"))
		}
		start = end + 1
	}
}

// textLine judges the image that stands at a byte of a text that cannot be parsed.
func (f *finder) textLine(inner *text, at int, value string) {
	switch {
	case value == "":
	case templateIn(value) != "":
		f.remarkAt(inner.offset(at), "uneditable", value, "is filled in elsewhere (template)", false)
	case unparsable(value) == "":
		f.inField("image", func() { f.textImage(inner, at, at+len(value), false) })
	}
}

// allTags is a repository that is followed as a whole.
func allTags(f *finder, s spot) bool {
	if _, text := str(s.v); text != "" && templateIn(text) == "" {
		f.claim(s.v)
		f.remark(s.v, "uneditable", text,
			"is a repository of which every tag is followed; write spec.tags instead", false)
	}
	return true
}

// imageDrivers are drivers of volumes that are made from images, by the attribute that
// holds them.
var imageDrivers = map[string]string{
	"csi-image.warm-metal.tech":  "image", // warm-metal/csi-driver-image
	"container-image.csi.k8s.io": "image", // its newer name
	"image.csi.k8s.io":           "image", // kubernetes-csi/csi-driver-image-populator
}

// volumeAttributes are those of a CSI volume: names of block devices, but for a few
// drivers.
func (f *finder) volumeAttributes(csi, attributes *yaml.Node) {
	key := imageDrivers[field(csi, "driver")]
	if v := get(attributes, key); key != "" && v != nil {
		f.inField(key, func() { f.wholly(v, nameUse{input: lockfile.Image, latest: true}) })
	}
	f.suspects(target(attributes))
}
