package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// catalogueCase is an object and what plumb makes of it.
type catalogueCase struct {
	name, apiVersion, kind string
	in                     string // the object's other fields
	want                   string // when all that can be pinned is; "" if nothing can
	// found lists references, those that cannot be pinned with "!", and remarks, which have
	// "?" and the severe ones "!?".
	found []string
}

var catalogueCases = []catalogueCase{
	// The tag stands elsewhere.
	{"k0s: image and version", "k0s.k0sproject.io/v1beta1", "ClusterConfig",
		"spec:\n  images:\n    konnectivity: {image: quay.io/k0s/agent, version: v0.30.3}\n    calico:\n      cni: {image: quay.io/k0s/cni, version: v3}\n",
		"spec:\n  images:\n    konnectivity: {image: quay.io/k0s/agent, version: v0.30.3§}\n    calico:\n      cni: {image: quay.io/k0s/cni, version: v3§}\n",
		[]string{"quay.io/k0s/agent:v0.30.3", "quay.io/k0s/cni:v3"}},
	{"k0s: image without a version", "k0s.k0sproject.io/v1beta1", "ClusterConfig",
		"spec: {images: {coredns: {image: quay.io/k0s/coredns}}}\n", "", []string{"!quay.io/k0s/coredns"}},
	{"airflow: it is not known what version takes", "airflow.apache.org/v1alpha1", "AirflowCluster",
		"spec: {ui: {image: gcr.io/x/airflow, version: 1.10.2}}\n", "", []string{"!gcr.io/x/airflow:1.10.2"}},
	{"an unknown kind with version beside image", "acme.example/v1", "Thing",
		"spec: {image: quay.io/a/b, version: v2}\n", "", []string{"!quay.io/a/b:v2"}},
	{"an unknown kind with imageName and imageTag", "acme.example/v1", "Thing",
		"spec: {imageName: quay.io/a/b, imageTag: v2, sidecarImage: quay.io/a/c, sidecarVersion: v3}\n", "",
		[]string{"!quay.io/a/b:v2", "!quay.io/a/c:v3"}},
	{"an unknown kind with a tag in the name", "acme.example/v1", "Thing",
		"spec: {image: 'quay.io/a/b:v1', version: v2}\n", "spec: {image: 'quay.io/a/b:v1§', version: v2}\n", []string{"quay.io/a/b:v1"}},
	{"an unknown kind without any tag", "acme.example/v1", "Thing",
		"spec: {image: quay.io/a/b}\n", "", []string{"!quay.io/a/b"}},
	{"prometheus: baseImage and version", "monitoring.coreos.com/v1", "Prometheus",
		"spec:\n  baseImage: quay.io/a/prometheus\n  version: v2.55.0\n",
		"spec:\n  baseImage: quay.io/a/prometheus\n  sha: †\n  version: v2.55.0\n", []string{"quay.io/a/prometheus:v2.55.0"}},
	{"prometheus: tag takes no digest, sha does", "monitoring.coreos.com/v1", "Alertmanager",
		"spec:\n  baseImage: quay.io/a/alertmanager\n  tag: v1\n  sha: ''\n",
		"spec:\n  baseImage: quay.io/a/alertmanager\n  tag: v1\n  sha: '†'\n", []string{"quay.io/a/alertmanager:v1"}},
	{"prometheus: image wins", "monitoring.coreos.com/v1", "Prometheus",
		"spec: {image: 'quay.io/a/prometheus:v3', baseImage: quay.io/a/x, tag: v1}\n",
		"spec: {image: 'quay.io/a/prometheus:v3§', baseImage: quay.io/a/x, tag: v1}\n", []string{"quay.io/a/prometheus:v3"}},
	{"prometheus: the operator's version", "monitoring.coreos.com/v1", "Prometheus",
		"spec: {baseImage: quay.io/a/prometheus}\n", "", []string{"!quay.io/a/prometheus"}},
	{"system-upgrade-controller: the plan's version", "upgrade.cattle.io/v1", "Plan",
		"spec: {version: v1.28.4+k3s1, upgrade: {image: rancher/k3s-upgrade}, prepare: {image: 'rancher/k3s-upgrade:v1'}}\n",
		"spec: {version: v1.28.4+k3s1, upgrade: {image: rancher/k3s-upgrade}, prepare: {image: 'rancher/k3s-upgrade:v1§'}}\n",
		[]string{"!rancher/k3s-upgrade:v1.28.4-k3s1", "rancher/k3s-upgrade:v1"}},
	{"system-upgrade-controller: a channel", "upgrade.cattle.io/v1", "Plan",
		"spec: {channel: 'https://update.k3s.io/v1-release/channels/stable', upgrade: {image: rancher/k3s-upgrade}}\n", "",
		[]string{"!rancher/k3s-upgrade"}},
	{"kubevirt: the tag of the operator's images", "kubevirt.io/v1", "KubeVirt",
		"spec: {imageRegistry: quay.io/kubevirt, imageTag: v1.1.0}\n", "", []string{"?v1.1.0"}},
	{"knative: a template for all images", "operator.knative.dev/v1beta1", "KnativeServing",
		"spec: {registry: {default: 'quay.io/kn/${NAME}:v1', override: {activator: 'quay.io/kn/activator:v1'}}}\n",
		"spec: {registry: {default: 'quay.io/kn/${NAME}:v1', override: {activator: 'quay.io/kn/activator:v1§'}}}\n",
		[]string{"!quay.io/kn/${NAME}:v1", "quay.io/kn/activator:v1"}},
	{"k8ssandra: the last part is name", "k8ssandra.io/v1alpha1", "K8ssandraCluster",
		"spec: {medusa: {containerImage: {registry: docker.io, repository: k8ssandra, name: medusa, tag: 0.13.0}}}\n",
		"spec: {medusa: {containerImage: {registry: docker.io, repository: k8ssandra, name: medusa, tag: 0.13.0§}}}\n",
		[]string{"docker.io/k8ssandra/medusa:0.13.0"}},

	{"argocd-operator: a digest in the place of the version", "argoproj.io/v1beta1", "ArgoCD",
		"spec: {image: quay.io/a/argocd, version: v2.10, repo: {image: quay.io/a/repo, version: '" + digestA + "'}}\n",
		"spec: {image: quay.io/a/argocd, version: ‡, repo: {image: quay.io/a/repo, version: '" + digestA + "'}}\n",
		[]string{"quay.io/a/argocd:v2.10", "quay.io/a/repo@" + digestA}},
	{"argocd-operator: the operator's version", "argoproj.io/v1beta1", "ArgoCD", "spec: {image: quay.io/a/argocd}\n", "", []string{"!quay.io/a/argocd"}},
	{"tidb: the cluster's version", "pingcap.com/v1alpha1", "TidbCluster",
		"spec: {version: v7.1.0, pd: {baseImage: pingcap/pd}, tikv: {baseImage: pingcap/tikv, version: v8}}\n", "",
		[]string{"!pingcap/pd:v7.1.0", "!pingcap/tikv:v8"}},
	{"tidb: no version at all", "pingcap.com/v1alpha1", "TidbCluster",
		"spec: {pd: {baseImage: pingcap/pd}}\n", "spec: {pd: {baseImage: pingcap/pd:latest§}}\n", []string{"pingcap/pd"}},
	{"scylla", "scylla.scylladb.com/v1", "ScyllaCluster",
		"spec: {version: 5.4.0, repository: scylladb/scylla, agentVersion: 3.2.0}\n", "", []string{"!scylladb/scylla:5.4.0"}},
	{"kiali", "kiali.io/v1alpha1", "Kiali",
		"spec: {deployment: {image_name: quay.io/kiali/kiali, image_version: v1.73}}\n", "", []string{"!quay.io/kiali/kiali:v1.73"}},
	{"awx", "awx.ansible.com/v1beta1", "AWX",
		"spec: {image: quay.io/ansible/awx, image_version: 23.0.0, redis_image: docker.io/redis, redis_image_version: '7'}\n", "",
		[]string{"!quay.io/ansible/awx:23.0.0", "!docker.io/redis:7"}},
	{"grafana: a version", "grafana.integreatly.org/v1beta1", "Grafana", "spec: {version: 10.4.1}\n", "", nil},
	{"grafana: an image", "grafana.integreatly.org/v1beta1", "Grafana", "spec: {version: 'grafana/grafana:10'}\n",
		"spec: {version: 'grafana/grafana:10§'}\n", []string{"grafana/grafana:10"}},
	{"datadog: the operator completes a name", "datadoghq.com/v2alpha1", "DatadogAgent",
		"spec: {override: {nodeAgent: {image: {name: agent, tag: 7.50.0, jmxEnabled: true}}, clusterAgent: {image: {name: 'gcr.io/datadoghq/cluster-agent:7'}}}}\n",
		"spec: {override: {nodeAgent: {image: {name: agent, tag: 7.50.0, jmxEnabled: true}}, clusterAgent: {image: {name: 'gcr.io/datadoghq/cluster-agent:7§'}}}}\n",
		[]string{"!agent", "gcr.io/datadoghq/cluster-agent:7"}},
	{"kamaji", "kamaji.clastix.io/v1alpha1", "TenantControlPlane",
		"spec: {addons: {coreDNS: {imageRepository: r.example/k8s, imageTag: v1}, konnectivity: {server: {image: r.example/konn, version: v2}}}}\n", "",
		[]string{"!r.example/k8s/coredns:v1", "!r.example/konn:v2"}},
	{"elastic: the container's, whatever version says", "elasticsearch.k8s.elastic.co/v1", "Elasticsearch",
		"spec: {version: 8.5.0, image: docker.elastic.co/es/es}\n", "spec: {version: 8.5.0, image: docker.elastic.co/es/es:latest§}\n", []string{"docker.elastic.co/es/es"}},

	// A container's name without a tag is that of ":latest"; elsewhere it is not.
	{"argo workflows: a container", "argoproj.io/v1alpha1", "Workflow",
		"spec: {templates: [{container: {image: alpine}}]}\n", "spec: {templates: [{container: {image: alpine:latest§}}]}\n", []string{"alpine"}},
	{"keda: no container", "keda.sh/v1alpha1", "ScaledJob", "spec: {x: {image: alpine}}\n", "", []string{"!alpine"}},

	// The consumer appends to the tag.
	{"gpu-operator: the driver's tag gets the node's OS", "nvidia.com/v1", "ClusterPolicy",
		"spec: {driver: {repository: nvcr.io/nvidia, image: driver, version: 550.54.14}, toolkit: {repository: nvcr.io/nvidia/k8s, image: toolkit, version: v1}}\n",
		"spec: {driver: {repository: nvcr.io/nvidia, image: driver, version: 550.54.14}, toolkit: {repository: nvcr.io/nvidia/k8s, image: toolkit, version: v1§}}\n",
		[]string{"!nvcr.io/nvidia/driver:550.54.14", "nvcr.io/nvidia/k8s/toolkit:v1"}},
	{"gpu-operator: a driver's digest is taken", "nvidia.com/v1", "ClusterPolicy",
		"spec: {driver: {repository: nvcr.io/nvidia, image: driver, version: '" + digestA + "', manager: {repository: nvcr.io/nvidia, image: manager, version: v1}}}\n",
		"spec: {driver: {repository: nvcr.io/nvidia, image: driver, version: '" + digestA + "', manager: {repository: nvcr.io/nvidia, image: manager, version: v1§}}}\n",
		[]string{"nvcr.io/nvidia/driver@" + digestA, "nvcr.io/nvidia/manager:v1"}},
	{"gpu-operator: a driver of its own kind", "nvidia.com/v1alpha1", "NVIDIADriver",
		"spec: {repository: nvcr.io/nvidia, image: driver, version: '550'}\n", "", []string{"!nvcr.io/nvidia/driver:550"}},
	{"network-operator", "mellanox.com/v1alpha1", "NicClusterPolicy",
		"spec: {ofedDriver: {repository: nvcr.io/m, image: doca-driver, version: '24.07'}, nvIpam: {repository: nvcr.io/m, image: ipam, version: v1}}\n",
		"spec: {ofedDriver: {repository: nvcr.io/m, image: doca-driver, version: '24.07'}, nvIpam: {repository: nvcr.io/m, image: ipam, version: v1§}}\n",
		[]string{"!nvcr.io/m/doca-driver:24.07", "nvcr.io/m/ipam:v1"}},

	// The consumer refuses a tag beside a digest, or a digest.
	{"cdi: a tag or a digest", "cdi.kubevirt.io/v1beta1", "DataVolume",
		"spec: {source: {registry: {url: 'docker://quay.io/a/disk:41'}}}\n", "spec: {source: {registry: {url: 'docker://quay.io/a/disk§'}}}\n", []string{"quay.io/a/disk:41"}},
	{"cdi: in a virtual machine, without a tag", "kubevirt.io/v1", "VirtualMachine",
		"spec: {dataVolumeTemplates: [{spec: {source: {registry: {url: 'docker://quay.io/a/disk'}}}}]}\n",
		"spec: {dataVolumeTemplates: [{spec: {source: {registry: {url: 'docker://quay.io/a/disk§'}}}}]}\n", []string{"quay.io/a/disk"}},
	{"cdi: an import that polls", "cdi.kubevirt.io/v1beta1", "DataImportCron",
		"spec: {template: {spec: {source: {registry: {url: 'docker://quay.io/a/disk:latest'}}}}}\n", "", []string{"!quay.io/a/disk:latest"}},
	{"intel: a semantic version or a digest", "deviceplugin.intel.com/v1", "GpuDevicePlugin",
		"spec: {image: 'intel/intel-gpu-plugin:0.30.0'}\n", "spec: {image: 'intel/intel-gpu-plugin§'}\n", []string{"intel/intel-gpu-plugin:0.30.0"}},
	{"olm: a catalogue", "olm.operatorframework.io/v1", "ClusterCatalog",
		"spec: {source: {type: Image, image: {ref: 'quay.io/a/catalog:v1'}}}\n", "spec: {source: {type: Image, image: {ref: 'quay.io/a/catalog§'}}}\n", []string{"quay.io/a/catalog:v1"}},
	{"olm: a catalogue that is polled", "olm.operatorframework.io/v1", "ClusterCatalog",
		"spec: {source: {type: Image, image: {ref: 'quay.io/a/catalog:latest', pollIntervalMinutes: 10}}}\n", "", []string{"!quay.io/a/catalog:latest"}},
	{"kubeadm: names it completes itself", "controlplane.cluster.x-k8s.io/v1beta1", "KubeadmControlPlane",
		"spec: {kubeadmConfigSpec: {clusterConfiguration: {imageRepository: r.example/k8s, dns: {imageTag: v1}, etcd: {local: {imageRepository: r.example/etcd, imageTag: '3'}}}}}\n", "",
		[]string{"!r.example/k8s/coredns:v1", "!r.example/etcd/etcd:3"}},
	{"kubeadm: no tag of one's own", "bootstrap.cluster.x-k8s.io/v1beta1", "KubeadmConfigTemplate",
		"spec: {template: {spec: {clusterConfiguration: {imageRepository: r.example/k8s, dns: {imageRepository: r.example/dns}}}}}\n", "", nil},
	{"kubeadm: in its ConfigMap", "v1", "ConfigMap",
		"data:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    imageRepository: registry.k8s.io\n    dns: {imageTag: v1}\n    x: {image: nothing}\n", "",
		[]string{"!registry.k8s.io/coredns/coredns:v1", "?nothing"}},
	{"crossplane: a package with its host", "pkg.crossplane.io/v1", "Provider",
		"spec: {package: 'xpkg.crossplane.io/a/b:v1'}\n", "spec: {package: 'xpkg.crossplane.io/a/b:v1§'}\n", []string{"xpkg.crossplane.io/a/b:v1"}},
	{"crossplane: a package at its default registry", "pkg.crossplane.io/v1", "Provider",
		"spec: {package: 'a/b:v1'}\n", "", []string{"!a/b:v1"}},

	// No input.
	{"openshift: a build pushes its output", "build.openshift.io/v1", "BuildConfig",
		"spec: {strategy: {dockerStrategy: {from: {kind: DockerImage, name: 'quay.io/a/base:1'}}}, output: {to: {kind: DockerImage, name: 'quay.io/a/web:latest'}}}\n",
		"spec: {strategy: {dockerStrategy: {from: {kind: DockerImage, name: 'quay.io/a/base:1§'}}}, output: {to: {kind: DockerImage, name: 'quay.io/a/web:latest'}}}\n",
		[]string{"quay.io/a/base:1"}},
	{"kpack: it pushes to its tag", "kpack.io/v1alpha2", "Image", "spec: {tag: 'quay.io/a/web:1', builder: {kind: Builder}}\n", "", nil},
	{"a block device", "v1", "PersistentVolume",
		"spec: {csi: {driver: rbd.csi.ceph.com, volumeAttributes: {imageName: csi-vol-1, image: other}}}\n", "", nil},
	{"a volume made from an image", "v1", "Pod",
		"spec: {volumes: [{csi: {driver: csi-image.warm-metal.tech, volumeAttributes: {image: busybox}}}]}\n",
		"spec: {volumes: [{csi: {driver: csi-image.warm-metal.tech, volumeAttributes: {image: busybox:latest§}}}]}\n", []string{"busybox"}},
	{"attributes that a trigger compares", "eventing.knative.dev/v1", "Trigger", "spec: {filter: {attributes: {image: new}}}\n", "", nil},
	{"a list of what is allowed", "v1", "ConfigMap",
		"data: {allowedbaseimages: 'gcr.io/a/static:1', blocked_images: 'docker.io/a/bad:1', sidecar-image: 'docker.io/a/good:1'}\n",
		"data: {allowedbaseimages: 'gcr.io/a/static:1', blocked_images: 'docker.io/a/bad:1', sidecar-image: 'docker.io/a/good:1§'}\n",
		[]string{"docker.io/a/good:1", "?gcr.io/a/static:1", "?docker.io/a/bad:1"}},
	{"a list in a ConfigMap of that name", "v1", "ConfigMap",
		"metadata: {name: trusted-images}\ndata: {base-image: 'gcr.io/a/static:1'}\n", "", []string{"?gcr.io/a/static:1"}},
	{"a constraint of an image updater", "argocd-image-updater.argoproj.io/v1alpha1", "ImageUpdater",
		"spec: {applicationRefs: [{images: [{imageName: 'nginx:1.x'}]}]}\n", "", nil},
	{"rules of metrics", "monitoring.coreos.com/v1", "PrometheusRule",
		"spec: {groups: [{rules: [{expr: 'x{image=\"a\"}', labels: {image: web}, annotations: {image: 'a:1'}}]}]}\n", "", nil},
	{"samples for people", "console.openshift.io/v1", "ConsoleYAMLSample",
		"spec:\n  yaml: |\n    apiVersion: v1\n    kind: Pod\n    spec: {containers: [{image: evil}]}\n", "", nil},
	{"a description", "argoproj.io/v1alpha1", "AppProject",
		"spec:\n  description: |\n    apiVersion: v1\n    kind: Pod\n    spec: {containers: [{image: evil}]}\n", "", nil},

	{"a list of what is allowed, in a kind of one's own", "acme.example/v1", "Rules",
		"spec: {allowedImages: [{image: 'quay.io/a/b:1'}], images: [{image: 'quay.io/a/c:1'}]}\n",
		"spec: {allowedImages: [{image: 'quay.io/a/b:1'}], images: [{image: 'quay.io/a/c:1§'}]}\n", []string{"quay.io/a/c:1", "?quay.io/a/b:1"}},
	{"what is called after a chain of blocks", "acme.example/v1", "Chain",
		"spec: {blockchainImages: [{image: 'quay.io/a/b:1'}]}\n", "spec: {blockchainImages: [{image: 'quay.io/a/b:1§'}]}\n", []string{"quay.io/a/b:1"}},
	{"calico's digests by name", "operator.tigera.io/v1", "ImageSet",
		"spec: {images: [{image: calico/node, digest: '" + digestA + "'}]}\n", "", nil},
	{"a machine image", "kops.k8s.io/v1alpha2", "InstanceGroup", "spec: {image: 099720109477/ubuntu/images/jammy}\n", "", nil},
	{"a picture", "acme.example/v1", "Page", "spec: {image: cdn.example.com/hero.png, heroImage: 'cdn.example.com/a.svg'}\n", "", nil},
	{"an image stream that follows a repository", "image.openshift.io/v1", "ImageStream",
		"spec: {dockerImageRepository: quay.io/a/b}\n", "", []string{"?quay.io/a/b"}},

	// Other names of fields.
	{"an image in a mapping", "crdb.cockroachlabs.com/v1alpha1", "CrdbCluster",
		"spec: {image: {name: 'cockroachdb/cockroach:v23'}, other: {name: 'a/b:v1'}}\n", "spec: {image: {name: 'cockroachdb/cockroach:v23§'}, other: {name: 'a/b:v1'}}\n",
		[]string{"cockroachdb/cockroach:v23"}},
	{"images by name", "planetscale.com/v2", "VitessCluster",
		"spec: {images: {vtgate: 'vitess/lite:v18', pull: Always}, names: {vtgate: 'a/b:v1'}}\n", "spec: {images: {vtgate: 'vitess/lite:v18§', pull: Always}, names: {vtgate: 'a/b:v1'}}\n",
		[]string{"vitess/lite:v18"}},
	{"an untagged name under another name", "acme.example/v1", "Thing", "spec: {profileImage: cdn.example.com/a/b}\n", "", []string{"?cdn.example.com/a/b"}},
	{"settings as text", "v1", "ConfigMap",
		"data:\n  config.toml: |\n    [runners.kubernetes]\n      image = \"alpine:3.18\"\n      cover = \"a:1\"\n      helper_image = \"quay.io/a/b:1\"\n", "",
		[]string{"?alpine:3.18", "?quay.io/a/b:1"}},
	{"a key that says which image", "acme.example/v1", "Thing",
		"spec: {imageEnvoy: 'envoyproxy/envoy:v1', imageURL: 'a/b:1', imagePullPolicy: Always, imageTag: v1}\n",
		"spec: {imageEnvoy: 'envoyproxy/envoy:v1§', imageURL: 'a/b:1', imagePullPolicy: Always, imageTag: v1}\n", []string{"envoyproxy/envoy:v1"}},

	// Objects in objects.
	{"argo workflows: a manifest as text", "argoproj.io/v1alpha1", "WorkflowTemplate",
		"spec:\n  templates:\n  - resource:\n      manifest: |\n        apiVersion: batch/v1\n        kind: Job\n        spec: {template: {spec: {containers: [{image: busybox:1.36}]}}}\n",
		"spec:\n  templates:\n  - resource:\n      manifest: |\n        apiVersion: batch/v1\n        kind: Job\n        spec: {template: {spec: {containers: [{image: busybox:1.36§}]}}}\n",
		[]string{"busybox:1.36"}},
	{"argo workflows: a manifest that is a template", "argoproj.io/v1alpha1", "WorkflowTemplate",
		"spec:\n  templates:\n  - resource:\n      manifest: |\n        apiVersion: v1\n        kind: Pod\n        metadata: {{x}}: y\n        spec:\n          containers:\n          - image: busybox:1.36\n          - image: {{y}}\n          - image: evil\n",
		"spec:\n  templates:\n  - resource:\n      manifest: |\n        apiVersion: v1\n        kind: Pod\n        metadata: {{x}}: y\n        spec:\n          containers:\n          - image: busybox:1.36§\n          - image: {{y}}\n          - image: evil\n",
		[]string{"busybox:1.36", "!evil", "?{{y}}"}},
	{"text of an object in any field", "acme.example/v1", "Thing",
		"spec:\n  payload: |\n    apiVersion: v1\n    kind: Pod\n    spec: {containers: [{image: evil}]}\n",
		"spec:\n  payload: |\n    apiVersion: v1\n    kind: Pod\n    spec: {containers: [{image: evil:latest§}]}\n", []string{"evil"}},
	{"JSON of an object in any field", "acme.example/v1", "Thing",
		"spec: {payload: '{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": \"evil:1\"}]}}'}\n",
		"spec: {payload: '{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": \"evil:1§\"}]}}'}\n", []string{"evil:1"}},
	{"tekton triggers: an object that is run", "triggers.tekton.dev/v1beta1", "TriggerTemplate",
		"spec: {resourcetemplates: [{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, spec: {image: prom}}]}\n",
		"spec: {resourcetemplates: [{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, spec: {image: prom:latest§}}]}\n", []string{"prom"}},
	{"an object in a field hides nothing", "argoproj.io/v1alpha1", "Workflow",
		"spec: {templates: [{container: {image: evil, apiVersion: kyverno.io/v1, kind: CustomResourceDefinition}}]}\n",
		"spec: {templates: [{container: {image: evil:latest§, apiVersion: kyverno.io/v1, kind: CustomResourceDefinition}}]}\n", []string{"evil"}},

	// Policies that bring images in.
	{"kyverno: mutate, generate, validate", "kyverno.io/v1", "ClusterPolicy",
		"spec:\n  rules:\n  - mutate: {patchStrategicMerge: {spec: {initContainers: [{image: vault:1.5}]}}}\n  - generate: {kind: Pod, data: {spec: {containers: [{image: evil}]}}}\n  - validate: {pattern: {spec: {containers: [{image: 'registry.example/*:*'}]}}}\n",
		"spec:\n  rules:\n  - mutate: {patchStrategicMerge: {spec: {initContainers: [{image: vault:1.5§}]}}}\n  - generate: {kind: Pod, data: {spec: {containers: [{image: evil:latest§}]}}}\n  - validate: {pattern: {spec: {containers: [{image: 'registry.example/*:*'}]}}}\n",
		[]string{"vault:1.5", "evil"}},
	{"kyverno: anchors", "kyverno.io/v1", "ClusterPolicy",
		"spec: {rules: [{mutate: {foreach: [{patchStrategicMerge: {spec: {containers: [{(image): '*:latest', +(image): 'a:1'}]}}}]}}]}\n",
		"spec: {rules: [{mutate: {foreach: [{patchStrategicMerge: {spec: {containers: [{(image): '*:latest', +(image): 'a:1§'}]}}}]}}]}\n",
		[]string{"a:1"}},
	{"kyverno: generates what the catalogue knows", "kyverno.io/v1", "ClusterPolicy",
		"spec: {rules: [{generate: {apiVersion: upgrade.cattle.io/v1, kind: Plan, data: {spec: {version: v1, upgrade: {image: rancher/k3s-upgrade}}}}}]}\n", "",
		[]string{"!rancher/k3s-upgrade:v1"}},
	{"kyverno: generates a policy", "kyverno.io/v1", "ClusterPolicy",
		"spec: {rules: [{generate: {apiVersion: kyverno.io/v1, kind: Policy, data: {spec: {rules: [{validate: {pattern: {spec: {containers: [{image: '*:latest'}]}}}}]}}}}]}\n", "", nil},
	{"kyverno: patches as text", "kyverno.io/v1", "ClusterPolicy",
		"spec:\n  rules:\n  - mutate:\n      patchesJson6902: |-\n        - {op: add, path: /spec/containers/-, value: {image: evil}}\n        - {op: replace, path: /spec/containers/0/imagePullPolicy, value: Always}\n",
		"spec:\n  rules:\n  - mutate:\n      patchesJson6902: |-\n        - {op: add, path: /spec/containers/-, value: {image: evil:latest§}}\n        - {op: replace, path: /spec/containers/0/imagePullPolicy, value: Always}\n",
		[]string{"evil"}},
	{"kyverno: an image that is worked out", "kyverno.io/v1", "ClusterPolicy",
		"spec: {rules: [{mutate: {patchStrategicMerge: {spec: {containers: [{image: 'evil.example/{{request.object.metadata.name}}:1'}]}}}}]}\n", "",
		[]string{"!?evil.example/{{request.object.metadata.name}}:1"}},
	{"kyverno: another registry for the object's own image", "kyverno.io/v1", "ClusterPolicy",
		"spec: {rules: [{mutate: {patchStrategicMerge: {spec: {containers: [{image: 'r.example/{{images.containers.x.path}}:{{images.containers.x.tag}}'}]}}}}]}\n", "",
		[]string{"?r.example/{{images.containers.x.path}}:{{images.containers.x.tag}}"}},
	{"gatekeeper: an image", "mutations.gatekeeper.sh/v1", "Assign",
		"spec: {location: 'spec.containers[name:*].image', parameters: {assign: {value: evil}}}\n",
		"spec: {location: 'spec.containers[name:*].image', parameters: {assign: {value: evil:latest§}}}\n", []string{"evil"}},
	{"gatekeeper: another field", "mutations.gatekeeper.sh/v1", "Assign",
		"spec: {location: 'spec.containers[name:*].imagePullPolicy', parameters: {assign: {value: Always}}}\n", "", nil},
	{"gatekeeper: containers", "mutations.gatekeeper.sh/v1", "Assign",
		"spec: {location: 'spec.initContainers[name:x]', parameters: {assign: {value: {name: x, image: evil}}}}\n",
		"spec: {location: 'spec.initContainers[name:x]', parameters: {assign: {value: {name: x, image: evil:latest§}}}}\n", []string{"evil"}},
	{"gatekeeper: a tag for all images", "mutations.gatekeeper.sh/v1alpha1", "AssignImage",
		"spec: {parameters: {assignDomain: r.example, assignTag: ':latest'}}\n", "", []string{"!?:latest"}},
	{"gatekeeper: a digest", "mutations.gatekeeper.sh/v1alpha1", "AssignImage",
		"spec: {parameters: {assignTag: '@" + digestA + "'}}\n", "", nil},
	{"kubewarden: a server", "policies.kubewarden.io/v1", "PolicyServer", "spec: {image: 'evil:1'}\n", "spec: {image: 'evil:1§'}\n", []string{"evil:1"}},
	{"kubewarden: modules", "policies.kubewarden.io/v1", "ClusterAdmissionPolicyGroup",
		"spec: {policies: {a: {module: 'registry://ghcr.io/k/a:v1', settings: {image: 'ghcr.io/*:v1'}}, b: {module: 'https://x.example/a.wasm'}}}\n",
		"spec: {policies: {a: {module: 'registry://ghcr.io/k/a:v1§', settings: {image: 'ghcr.io/*:v1'}}, b: {module: 'https://x.example/a.wasm'}}}\n",
		[]string{"ghcr.io/k/a:v1", "!?https://x.example/a.wasm"}},
	{"cel: an image in an object", "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy",
		"spec:\n  mutations:\n  - applyConfiguration:\n      expression: >-\n        Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: \"x\", image: \"evil\"}]}}\n",
		"spec:\n  mutations:\n  - applyConfiguration:\n      expression: >-\n        Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: \"x\", image: \"evil:latest§\"}]}}\n",
		[]string{"evil"}},
	{"cel: an image in a patch", "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy",
		"spec: {mutations: [{jsonPatch: {expression: '[JSONPatch{op: \"add\", path: \"/spec/containers/0/image\", value: \"evil:1\"}]'}}]}\n",
		"spec: {mutations: [{jsonPatch: {expression: '[JSONPatch{op: \"add\", path: \"/spec/containers/0/image\", value: \"evil:1§\"}]'}}]}\n",
		[]string{"evil:1"}},
	{"cel: two patches", "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy",
		"spec:\n  mutations:\n  - jsonPatch:\n      expression: |-\n        [JSONPatch{op: \"replace\", path: \"/spec/containers/\" + string(0) + \"/image\", value: \"evil\"},\n         JSONPatch{op: \"replace\", path: \"/spec/containers/0/imagePullPolicy\", value: \"Always\"}]\n",
		"spec:\n  mutations:\n  - jsonPatch:\n      expression: |-\n        [JSONPatch{op: \"replace\", path: \"/spec/containers/\" + string(0) + \"/image\", value: \"evil:latest§\"},\n         JSONPatch{op: \"replace\", path: \"/spec/containers/0/imagePullPolicy\", value: \"Always\"}]\n",
		[]string{"evil"}},
	{"cel: an object that is made", "policies.kyverno.io/v1alpha1", "GeneratingPolicy",
		"spec: {generate: [{expression: 'generator.Apply(ns, [dyn({\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": \"evil:1\"}]}})])'}]}\n",
		"spec: {generate: [{expression: 'generator.Apply(ns, [dyn({\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"image\": \"evil:1§\"}]}})])'}]}\n",
		[]string{"evil:1"}},
	{"cel: an image of two strings", "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy",
		"spec: {mutations: [{applyConfiguration: {expression: 'Object{image: \"evil\" + \":1\"}'}}]}\n", "", []string{"!?evil"}},
	{"cel: another field in a patch", "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy",
		"spec: {mutations: [{jsonPatch: {expression: '[JSONPatch{op: \"add\", path: \"/metadata/labels/image\" + \"s\", value: \"web:1\"}]'}}]}\n", "", nil},
	{"cel: an image that is worked out", "policies.kyverno.io/v1alpha1", "MutatingPolicy",
		"spec: {variables: [{name: v, expression: '\"evil.example/x:1\"'}], mutations: [{applyConfiguration: {expression: 'Object{image: variables.v, other: 1}'}}]}\n", "",
		[]string{"?evil.example/x:1", "!?variables.v, other: 1}"}},
	{"cel: the object's own image", "policies.kyverno.io/v1alpha1", "MutatingPolicy",
		"spec: {mutations: [{applyConfiguration: {expression: 'Object{containers: object.spec.containers.map(c, Object.x{name: c.name, image: c.image})}'}}]}\n", "", nil},
	{"cel: another registry for it", "admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy",
		"spec: {mutations: [{jsonPatch: {expression: '[JSONPatch{path: \"/spec/containers/0/image\", value: \"m.example/\" + object.spec.containers[0].image.replace(\"docker.io/\", \"\")}]'}}]}\n", "",
		[]string{"?m.example/"}},
	{"cel: a policy that compares", "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy",
		"spec: {validations: [{expression: 'object.spec.containers.all(c, c.image == \"nginx:1\")'}]}\n", "", nil},
}

func TestCatalogue(t *testing.T) {
	expand := strings.NewReplacer("§", "@"+digestA, "‡", digestA, "†", strings.TrimPrefix(digestA, "sha256:"))
	for _, c := range catalogueCases {
		t.Run(c.name, func(t *testing.T) {
			head := fmt.Sprintf("apiVersion: %s\nkind: %s\n", c.apiVersion, c.kind)
			file := NewScanner(Options{}).Scan("a.yaml", []byte(head+c.in))
			if file.Unreadable != nil {
				t.Fatalf("unreadable: %+v", file.Unreadable)
			}
			found := names(file.References)
			for _, r := range file.References {
				if !r.Editable && r.Why == "" {
					t.Errorf("%s is not editable, and does not say why", r.Reference)
				}
			}
			for _, r := range file.Remarks {
				sign := "?"
				if r.Severe {
					sign = "!?"
				}
				found = append(found, sign+r.Reference)
			}
			if diff := cmp.Diff(c.found, found); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			want := c.want
			if want == "" {
				want = c.in
			}
			got := pinAll(t, file, head+c.in, digestA)
			if diff := cmp.Diff(head+expand.Replace(want), got); diff != "" {
				t.Errorf("pinned (-want +got):\n%s", diff)
			}
		})
	}
}
