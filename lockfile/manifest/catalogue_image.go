package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// imagePlaces are fields that hold an image whole. The operators put what stands there
// into a container as it is, so that a name without a tag is that of ":latest", unless
// the meaning says otherwise.
func imagePlaces() []rule {
	return []rule{
		// prometheus-operator: operator.BuildImagePath returns spec.image unchanged.
		{group: "monitoring.coreos.com", kinds: "Prometheus PrometheusAgent Alertmanager ThanosRuler",
			path: "spec.image", means: verbatim},
		{group: "monitoring.coreos.com", kinds: "Prometheus", path: "spec.thanos.image",
			means: verbatim},
		// argo-workflows: Template.container and .script embed a core/v1 Container.
		{group: "argoproj.io", kinds: argoWorkflows, path: "**.container.image", means: verbatim},
		{group: "argoproj.io", kinds: argoWorkflows, path: "**.script.image", means: verbatim},
		// argo-events: Sensor and EventSource containers.
		{group: "argoproj.io", kinds: "EventSource Sensor EventBus",
			path: "spec.template.container.image", means: verbatim},
		// argoproj.io/Application kustomize.images is in sources.go.
		{group: "tekton.dev", kinds: "StepAction", path: "spec.image", means: verbatim},
		// kubevirt: containerDisk and kernelBoot images become containers of the launcher.
		{group: "kubevirt.io", path: "**.containerDisk.image", means: verbatim},
		{group: "kubevirt.io", path: "**.kernelBoot.container.image", means: verbatim},
		// kserve: PredictorExtensionSpec embeds a core/v1 Container.
		{group: "serving.kserve.io", path: "spec.*.*.image", means: verbatim},
		// spark-operator and flink-operator: container images of driver, executor, job manager.
		{group: "sparkoperator.k8s.io", path: "**.image", means: verbatim},
		{group: "flink.apache.org", path: "spec.image", means: verbatim},
		{group: "operators.coreos.com", kinds: "CatalogSource", path: "spec.image", means: verbatim},
		{group: "opentelemetry.io", path: "spec.image", means: verbatim},
		// helm-controller (k3s, RKE2): the image of the Job that runs helm.
		{group: "helm.cattle.io", kinds: "HelmChart", path: "spec.jobImage", means: verbatim},
		// knative-operator: spec.registry.override maps containers to images, and
		// spec.registry.default is a template that ${NAME} is put into.
		{group: "operator.knative.dev", path: "spec.registry.override.*", means: verbatim},
		{group: "operator.knative.dev", path: "spec.registry.default", means: fixed,
			why: "the operator completes it with the name of each of its images"},
		// cluster-api-operator: ContainerSpec.imageUrl.
		{group: "operator.cluster.x-k8s.io", path: "spec.deployment.containers[].imageUrl",
			means: verbatim},
		// crossplane: packages are parsed with its own default registry
		// (name.WithDefaultRegistry(xpkg.DefaultRegistry)).
		{group: "pkg.crossplane.io", kinds: "Provider Function Configuration", path: "spec.package",
			means: crossplanePackage},
		{group: "meta.pkg.crossplane.io", path: "spec.controller.image", means: verbatim},
		// cdi: DataImportCron polls its source's tag and appends the digest by itself
		// (containerized-data-importer, dataimportcron-controller).
		{group: "cdi.kubevirt.io", kinds: "DataImportCron", path: "**.registry.url",
			means: polledDocker},
		{group: "hco.kubevirt.io", path: "**.registry.url", means: polledDocker},
		{group: "ssp.kubevirt.io", path: "**.registry.url", means: polledDocker},
		// strimzi: what a KafkaConnect build makes is pushed there.
		{group: "kafka.strimzi.io", path: "spec.build.output", means: nothing},
		// gateway.envoyproxy.io: url without a scheme is that of an image.
		{group: "gateway.envoyproxy.io", path: "spec.wasm[].code.image", means: wasmImage},
		// KubeVela: components of these types run properties.image
		// (vela-templates/definitions/webservice.cue).
		{group: "core.oam.dev", kinds: "Application", path: "**.properties.image",
			means: verbatim},
		// kpack: images are resolved by go-containerregistry's names.
		{group: "kpack.io", path: "spec.buildImage.image", means: verbatim},
		{group: "kpack.io", path: "spec.runImage.image", means: verbatim},
		{group: "kpack.io", path: "spec.sources[].image", means: verbatim},
		{group: "kpack.io", kinds: "Buildpack ClusterBuildpack", path: "spec.image", means: verbatim},
		// hypershift, hive: release images.
		{group: "hypershift.openshift.io", path: "spec.release.image", means: untold},
		{group: "config.openshift.io", kinds: "ClusterVersion", path: "spec.desiredUpdate.image",
			means: untold},
		// devfile: containers of a workspace.
		{group: "workspace.devfile.io", path: "**.container.image", means: verbatim},
		{group: "gateway.envoyproxy.io", path: "**.container.image", means: verbatim},
		// cloud-on-k8s: spec.image is the container's, whatever version says.
		{group: "elasticsearch.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "kibana.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "apm.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "beat.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "agent.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "logstash.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "enterprisesearch.k8s.elastic.co", path: "spec.image", means: verbatim},
		{group: "maps.k8s.elastic.co", path: "spec.image", means: verbatim},
	}
}

const argoWorkflows = "Workflow WorkflowTemplate ClusterWorkflowTemplate CronWorkflow " +
	"WorkflowEventBinding ExecutorPlugin"

// annotationUses are annotations by which injectors take the image of what they put into
// a pod.
var annotationUses = map[string]meaning{
	// istio, files/injection-template.yaml: a value without a slash is put between the
	// hub and the tag of the mesh; one with a slash is the image.
	"sidecar.istio.io/proxyImage": istioProxy,
	// vault-k8s, agent-inject: DefaultContainerImage and this are container images.
	"vault.hashicorp.com/agent-image": verbatim,
	"openbao.org/agent-image":         verbatim,
	// dapr, sidecar injector: image of daprd.
	"dapr.io/sidecar-image": verbatim,
	// linkerd2, charts/partials: image: "{{.image.name}}:{{.image.version}}".
	"config.linkerd.io/proxy-image": linkerdImage,
	"config.linkerd.io/init-image":  linkerdImage,
	"config.linkerd.io/debug-image": linkerdImage,
	// kn writes what a person gave, beside the digest that runs.
	"client.knative.dev/user-image": nothing,
}

// verbatim is the image of a container.
func verbatim(f *finder, s spot) bool {
	return f.wholly(s.v, nameUse{input: lockfile.Image, latest: true})
}

// untold is an image whose tag is not known to default to anything.
func untold(f *finder, s spot) bool { return f.wholly(s.v, nameUse{input: lockfile.Image}) }

// fixed is a name in which nothing can be written.
func fixed(f *finder, s spot) bool {
	t, text := str(s.v)
	if t == nil || text == "" {
		return false
	}
	r := f.begin(s.v, lockfile.Image, text)
	r.Why = s.why
	f.found = append(f.found, r)
	return true
}

// nothing is no input, and nothing below it is.
func nothing(*finder, spot) bool { return true }

// compared is no input, but what looks like an image there is worth a remark.
func compared(f *finder, s spot) bool {
	f.suspects(s.v)
	return true
}

// polledDocker is a docker:// URL whose tag is meant to move.
func polledDocker(f *finder, s spot) bool {
	_, text := str(s.v)
	if !strings.HasPrefix(text, "docker://") || f.claimed[s.v] {
		return false
	}
	f.dockerURL(s.v, "it is a tag that is polled for what is new, and a digest would stop that; "+
		"what comes in is what the tag means then")
	return true
}

// crossplanePackage is a package of Crossplane, which completes a name without a host
// with a registry of its own.
func crossplanePackage(f *finder, s spot) bool {
	_, text := str(s.v)
	host, _, slash := strings.Cut(text, "/")
	u := nameUse{input: lockfile.Artifact, latest: true}
	if text != "" && templateIn(text) == "" && (!slash || !dottedHost(host)) {
		u.fixed = "Crossplane completes it with its default registry; write the registry's host"
	}
	return f.wholly(s.v, u)
}

// wasmImage is the code of an extension of Envoy: an image without a scheme.
func wasmImage(f *finder, s spot) bool {
	v := get(s.v, "url")
	if _, text := str(v); text == "" || strings.Contains(text, "://") {
		return false
	}
	f.inField("url", func() { f.wholly(v, nameUse{input: lockfile.Artifact, latest: true}) })
	return false
}

// istioProxy is the image of Istio's sidecar.
func istioProxy(f *finder, s spot) bool {
	u := nameUse{input: lockfile.Image, latest: true}
	if _, text := str(s.v); strings.IndexByte(text, '/') < 0 && templateIn(text) == "" {
		u.latest = false
		u.bare = "Istio puts it between its hub and its tag; write HOST/NAME:TAG"
		if tagged(text) {
			u.fixed = u.bare
		}
	}
	return f.wholly(s.v, u)
}

// linkerdImage is a name whose version stands in the annotation beside it.
func linkerdImage(f *finder, s spot) bool {
	key := strings.TrimSuffix(s.key, "-image") + "-version"
	if strings.HasSuffix(s.key, "/init-image") {
		key = strings.TrimSuffix(s.key, "-image") + "-image-version"
	} else if strings.HasSuffix(s.key, "/debug-image") {
		key = s.key + "-version"
	}
	if _, text := str(s.v); templateIn(text) != "" {
		return f.wholly(s.v, nameUse{input: lockfile.Image})
	}
	p := parts{m: s.m, repository: s.v, tag: get(s.m, key)}
	if _, tag := str(p.tag); tag == "" {
		p.fixed = "its tag is that of Linkerd's control plane; write " + key + " beside it"
	}
	f.splitReference(p)
	return true
}
