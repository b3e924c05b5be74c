package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOperators holds, for each project, fields that it reads images from, and
// for some a neighbour that it does not.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		name, apiVersion, kind, body string
		want                         []string
	}{
		{"image volume", "v1", "Pod", "spec: {volumes: [{name: v, image: {reference: quay.io/a/model:1}}, {name: r, rbd: {image: foo}}]}", []string{"quay.io/a/model:1"}},
		{"prometheus operator", "monitoring.coreos.com/v1", "Prometheus", "spec: {image: prom/prometheus, thanos: {image: 'quay.io/thanos/thanos:v1'}}", []string{"prom/prometheus", "quay.io/thanos/thanos:v1"}},
		{"its older form", "monitoring.coreos.com/v1", "Alertmanager", "spec: {baseImage: quay.io/prometheus/alertmanager, tag: v1, sha: ''}", []string{"quay.io/prometheus/alertmanager:v1"}},
		{"victoria metrics", "operator.victoriametrics.com/v1beta1", "VMCluster", "spec: {vminsert: {image: {repository: victoriametrics/vminsert, tag: v1}}, configReloaderImage: 'quay.io/a/b:1'}", []string{"victoriametrics/vminsert:v1", "quay.io/a/b:1"}},
		{"argo workflows", "argoproj.io/v1alpha1", "Workflow", "spec: {templates: [{container: {image: alpine}}, {script: {image: 'python:3', source: x}}, {containerSet: {containers: [{image: 'a:1'}]}}]}", []string{"alpine", "python:3", "a:1"}},
		{"argo workflow's parameter", "argoproj.io/v1alpha1", "Workflow", "spec: {arguments: {parameters: [{name: img, value: 'alpine:3'}]}, templates: [{container: {image: '{{workflow.parameters.img}}'}}]}", []string{"alpine:3"}},
		{"knative", "v1", "ConfigMap", "metadata: {name: config-deployment}\ndata: {queue-sidecar-image: 'gcr.io/knative/queue:v1', _example: 'queue-sidecar-image: gcr.io/knative/queue:v0'}", []string{"gcr.io/knative/queue:v1"}},
		{"kserve", "serving.kserve.io/v1beta1", "InferenceService", "spec: {predictor: {model: {image: kserve/sklearn}}}", []string{"kserve/sklearn"}},
		{"kserve's settings", "v1", "ConfigMap", "data: {storageInitializer: '{\"image\": \"kserve/storage-initializer:v0.11\"}'}", []string{"kserve/storage-initializer:v0.11"}},
		{"cloudnative-pg", "postgresql.cnpg.io/v1", "Cluster", "spec: {imageName: 'ghcr.io/cloudnative-pg/postgresql:16', postgresql: {extensions: [{name: x, image: {reference: 'ghcr.io/a/ext:1'}}]}}", []string{"ghcr.io/cloudnative-pg/postgresql:16", "ghcr.io/a/ext:1"}},
		{"its catalogue", "postgresql.cnpg.io/v1", "ImageCatalog", "spec: {images: [{major: 16, image: 'ghcr.io/cloudnative-pg/postgresql:16'}]}", []string{"ghcr.io/cloudnative-pg/postgresql:16"}},
		{"strimzi", "kafka.strimzi.io/v1beta2", "KafkaConnect", "spec: {image: 'quay.io/a/connect:1', build: {output: {type: docker, image: 'quay.io/a/pushed:1'}}}", []string{"quay.io/a/connect:1"}},
		{"crossplane", "pkg.crossplane.io/v1", "Provider", "spec: {package: 'xpkg.upbound.io/crossplane/provider:v1'}", []string{"xpkg.upbound.io/crossplane/provider:v1"}},
		{"olm", "operators.coreos.com/v1alpha1", "CatalogSource", "spec: {image: 'quay.io/a/catalog:v4'}", []string{"quay.io/a/catalog:v4"}},
		{"olm's related images", "operators.coreos.com/v1alpha1", "ClusterServiceVersion", "spec: {relatedImages: [{name: x, image: 'quay.io/a/b:1'}]}", []string{"quay.io/a/b:1"}},
		{"openshift", "image.openshift.io/v1", "ImageStream", "spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a/b:1'}}, {from: {kind: ImageStreamTag, name: 'c:1'}}]}", []string{"quay.io/a/b:1"}},
		{"openshift's template", "template.openshift.io/v1", "Template", "objects: [{apiVersion: v1, kind: Pod, spec: {containers: [{image: '${IMG}'}]}}]\nparameters: [{name: IMG, value: 'quay.io/a/b:1'}, {name: OTHER, value: 'quay.io/a/c:1'}]", []string{"quay.io/a/b:1"}},
		{"istio", "extensions.istio.io/v1alpha1", "WasmPlugin", "spec: {url: 'oci://ghcr.io/a/wasm:1'}", []string{"oci://ghcr.io/a/wasm:1"}},
		{"annotations", "apps/v1", "Deployment", "spec: {template: {metadata: {annotations: {sidecar.istio.io/proxyImage: 'istio/proxyv2:1', vault.hashicorp.com/agent-image: 'hashicorp/vault:1', argocd-image-updater.argoproj.io/image-list: 'a=b:1', config.linkerd.io/proxy-image: cr.l5d.io/linkerd/proxy, config.linkerd.io/proxy-version: v2}}}}", []string{"istio/proxyv2:1", "hashicorp/vault:1", "cr.l5d.io/linkerd/proxy:v2"}},
		{"rook", "ceph.rook.io/v1", "CephCluster", "spec: {cephVersion: {image: 'quay.io/ceph/ceph:v18'}}", []string{"quay.io/ceph/ceph:v18"}},
		{"rook's settings", "v1", "ConfigMap", "data: {ROOK_CSI_CEPH_IMAGE: 'quay.io/cephcsi/cephcsi:v3'}", []string{"quay.io/cephcsi/cephcsi:v3"}},
		{"image volume without a tag", "v1", "Pod", "spec: {volumes: [{name: v, image: {reference: model}}, {name: w, image: {reference: a/b}}]}", []string{"model", "a/b"}},
		{"an image that is no volume's", "v1", "Pod", "spec: {others: [{name: v, image: {reference: model}}]}", nil},
		{"kubevirt", "kubevirt.io/v1", "VirtualMachine", "spec: {template: {spec: {volumes: [{containerDisk: {image: 'quay.io/a/disk:1'}}]}}}", []string{"quay.io/a/disk:1"}},
		{"kubevirt's importer", "cdi.kubevirt.io/v1beta1", "DataVolume", "spec: {source: {registry: {url: 'docker://quay.io/a/disk:1'}}}", []string{"quay.io/a/disk:1"}},
		{"zalando", "acid.zalan.do/v1", "postgresql", "spec: {dockerImage: 'ghcr.io/zalando/spilo-16:3'}", []string{"ghcr.io/zalando/spilo-16:3"}},
		{"opentelemetry", "opentelemetry.io/v1alpha1", "Instrumentation", "spec: {java: {image: 'ghcr.io/a/java:1'}}", []string{"ghcr.io/a/java:1"}},
		{"nvidia", "nvidia.com/v1", "ClusterPolicy", "spec: {validator: {repository: nvcr.io/nvidia, image: validator, version: '550'}, toolkit: {repository: nvcr.io/nvidia, image: toolkit, version: 'sha256:" + strings.Repeat("a", 64) + "'}}", []string{"nvcr.io/nvidia/validator:550", "nvcr.io/nvidia/toolkit@" + digestA}},
		{"grafana", "grafana.integreatly.org/v1beta1", "GrafanaDashboard", "spec: {oci: {reference: 'ghcr.io/a/dash:1'}}", []string{"ghcr.io/a/dash:1"}},
		{"argo cd", "argoproj.io/v1alpha1", "Application", "spec: {source: {repoURL: 'oci://ghcr.io/a/app', targetRevision: v1, path: .}}", []string{"oci://ghcr.io/a/app:v1"}},
		{"argo cd's kustomize", "argoproj.io/v1alpha1", "Application", "spec: {source: {repoURL: 'https://example.com/x', kustomize: {images: ['a=quay.io/a/b:1', 'quay.io/a/c:2']}}}", []string{"quay.io/a/b:1", "quay.io/a/c:2"}},
		{"argo cd's helm", "argoproj.io/v1alpha1", "Application", "spec: {source: {helm: {values: 'image: {repository: quay.io/a/b, tag: v1}', valuesObject: {image: {repository: quay.io/a/c, tag: v2}}, parameters: [{name: x.image.repository, value: quay.io/a/d}, {name: x.image.tag, value: v3}]}}}", []string{"quay.io/a/b:v1", "quay.io/a/c:v2", "quay.io/a/d:v3"}},
		{"flux", "kustomize.toolkit.fluxcd.io/v1", "Kustomization", "spec: {images: [{name: a, newName: quay.io/a/b, newTag: v1}], patches: [{patch: '[{op: replace, path: /spec/image, value: \"quay.io/a/c:1\"}]'}]}", []string{"quay.io/a/b:v1", "quay.io/a/c:1"}},
		{"flux's post-renderer", "helm.toolkit.fluxcd.io/v2", "HelmRelease", "spec: {postRenderers: [{kustomize: {images: [{name: a, newTag: v1}]}}]}", []string{"a:v1"}},
		{"kyverno matches images", "kyverno.io/v1", "ClusterPolicy", "spec: {rules: [{verifyImages: [{imageReferences: ['ghcr.io/a/b:1']}]}]}", nil},
		{"flux scans images", "image.toolkit.fluxcd.io/v1beta2", "ImageRepository", "spec: {image: ghcr.io/a/b}", nil},
		{"a machine's image", "infrastructure.cluster.x-k8s.io/v1beta1", "HCloudMachineTemplate", "spec: {template: {spec: {imageName: ubuntu-22.04}}}", nil},
		{"restic's repository", "velero.io/v1", "Backup", "spec: {restic: {repository: 's3:http://x/y', tag: a}}", nil},
		{"a resource definition", "apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {x: {image: 'quay.io/a/b:1'}}", nil},
		{"what the cluster wrote", "v1", "Pod", "status: {containerStatuses: [{image: 'quay.io/a/b:1'}]}", nil},
	} {
		src := "apiVersion: " + c.apiVersion + "\nkind: " + c.kind + "\n" + c.body + "\n"
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		var got []string
		for _, r := range withoutSources(f.References) {
			if !r.Editable {
				t.Errorf("%s: %s is not editable: %s", c.name, r.Reference, r.Why)
			}
			got = append(got, r.Reference)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || f.Unreadable != nil {
			t.Errorf("%s: (-want +got):\n%s%+v %+v", c.name, diff, f.Unreadable, f.Remarks)
		}
	}
}
