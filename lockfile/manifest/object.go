package manifest

import (
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// imageGroups are the API groups whose fields called image hold images to
// run, even when they look like "nginx" and nothing more. A group stands for
// those below it.
var imageGroups = sync.OnceValue(func() groupSet {
	return newGroupSet([]string{
		"", "apps", "batch", "extensions", "acid.zalan.do", "actions.github.com",
		"actions.summerwind.dev", "agent.k8s.elastic.co", "argoproj.io", "cache.k8s.io",
		"cdi.kubevirt.io", "ceph.rook.io", "cloud.google.com", "crunchydata.com",
		"databases.spotahome.com", "dragonflydb.io", "eck.k8s.elastic.co",
		"elasticsearch.k8s.elastic.co", "flink.apache.org", "gateway.envoyproxy.io", "k8s.elastic.co",
		"k8s.mariadb.com", "kafka.strimzi.io", "keda.sh", "kubeflow.org", "kubevirt.io", "longhorn.io",
		"min.io", "minio.min.io", "monitoring.coreos.com", "mongodbcommunity.mongodb.com",
		"mongodb.com", "nvidia.com", "opentelemetry.io", "operator.victoriametrics.com",
		"operators.coreos.com", "percona.com", "pkg.crossplane.io", "postgres-operator.crunchydata.com",
		"postgresql.cnpg.io", "psmdb.percona.com", "pxc.percona.com", "ray.io",
		"redis.redis.opstreelabs.in", "rabbitmq.com", "serving.knative.dev", "serving.kserve.io",
		"sparkoperator.k8s.io", "tekton.dev", "triggers.tekton.dev", "image.openshift.io",
		"workspace.devfile.io", "kpt.dev", "k8ssandra.io", "grafana.integreatly.org",
		"logging.banzaicloud.io", "loki.grafana.com", "tempo.grafana.com", "jaegertracing.io",
		"cassandra.datastax.com", "clickhouse.altinity.com", "hazelcast.com", "infinispan.org",
		"keycloak.org", "k8s.keycloak.org", "camel.apache.org", "eventing.knative.dev",
		"sources.knative.dev", "fluentbit.fluent.io", "nats.io", "jenkins.io", "gitlab.com",
		"apps.kruise.io", "apps.openshift.io", "kamaji.clastix.io", "agones.dev",
		"batch.volcano.sh", "chaos-mesh.org", "core.oam.dev", "core.spinoperator.dev",
		"couchbase.com", "datadoghq.com", "deviceplugin.intel.com", "druid.apache.org",
		"executor.testkube.io", "fission.io", "jobset.x-k8s.io", "k6.io", "kiali.io",
		"litmuschaos.io", "nfd.kubernetes.io", "nfd.openshift.io", "nuclio.io",
		"olm.operatorframework.io", "openfaas.com", "pingcap.com", "scylla.scylladb.com",
		"solr.apache.org", "temporal.io", "tests.testkube.io", "upgrade.cattle.io",
		"vault.banzaicloud.com",
	})
})

// foreignGroups are API groups whose fields called image match or describe
// images, or are read by a tool outside of the cluster.
var foreignGroups = newGroupSet([]string{
	"kyverno.io", "policies.kyverno.io", "policy.sigstore.dev", "admissionregistration.k8s.io",
	"gatekeeper.sh", "image.toolkit.fluxcd.io", "apiextensions.k8s.io", "skaffold", "plumb.dev",
	"kind.x-k8s.io", "k3d.io", "rbac.authorization.k8s.io", "wgpolicyk8s.io",
	"aquasecurity.github.io", "kubewarden.io", "policies.kubewarden.io", "imagepolicy.k8s.io",
	"connaisseur.sse-secure-systems.github.io", "config.ratify.deislabs.io",
})

// groupSet is a set of API groups that holds the groups below each as well.
type groupSet map[string]bool

func newGroupSet(groups []string) groupSet {
	set := make(groupSet, len(groups))
	for _, g := range groups {
		set[g] = true
	}
	return set
}

func (s groupSet) has(group string) bool {
	if s[group] {
		return true
	}
	for {
		_, below, ok := strings.Cut(group, ".")
		if !ok {
			return false
		}
		if s[below] {
			return true
		}
		group = below
	}
}

// scope is what is known of the object that is being searched.
type scope struct {
	res    resource
	kind   string     // of the object that fields belong to, which may be one inside of res
	root   *yaml.Node // that object
	base   int        // how many of steps lead to it
	places []rulePath
	policy bool // these fields are put into other objects by a policy
	steps  []step
	known  bool            // an API whose fields called image are images, whatever they look like
	sealed string          // why nothing here may be edited, "" if it may
	params map[string]bool // template parameters that stand for images
}

// object searches a Kubernetes object.
func (f *finder) object(root *yaml.Node) {
	outer, list := f.scope, f.list
	defer func() { f.scope, f.list = outer, list }()

	version, kind := f.typeOf(root)
	group := groupOf(version)
	f.scope = scope{sealed: outer.sealed, steps: outer.steps[len(outer.steps):],
		res: resource{group: group, kind: kind,
			namespace: f.written(at(root, "metadata", "namespace")),
			name:      f.written(at(root, "metadata", "name"))}}
	if isMap(get(root, "sops")) && field(root, "sops", "mac") != "" {
		f.sealed = "the file is encrypted by SOPS, and an edit would break its seal"
	}
	f.search(root, version, kind)
}

// groupOfObject is the API group of an object.
func groupOfObject(root *yaml.Node) string { return groupOf(field(root, "apiVersion")) }

// within searches an object that stands in a field of another, which is the one that
// references are reported for.
func (f *finder) within(root *yaml.Node) {
	root = target(root)
	if root == nil || root.Kind != yaml.Mapping || f.members >= maxMembers {
		return
	}
	version, kind := field(root, "apiVersion"), field(root, "kind")
	if kind == "" || version == "" {
		f.fields(root, "")
		return
	}
	if f.visits++; f.visits >= f.limit() {
		return
	}
	f.members++
	outer, list := f.scope, f.list
	f.res.group, f.base, f.policy = groupOf(version), len(f.steps), false
	f.search(root, version, kind)
	f.scope, f.list = outer, list
	f.members--
}

// search searches an object of a kind.
func (f *finder) search(root *yaml.Node, version, kind string) {
	group := groupOf(version)
	f.kind, f.root = kind, root
	f.places = placesOf(group, kind)
	f.known = imageGroups().has(group)
	f.catalogued(nil, "", root)
	f.listItems(root)
	switch {
	case f.kustomized(root, version, kind):
	case kind == "CustomResourceDefinition" && group == "apiextensions.k8s.io":
		// a schema, whose descriptions are full of examples
	case foreignGroups.has(group):
		f.suspects(root)
	case kind == "Template" && (group == "" || group == "template.openshift.io") &&
		target(get(root, "objects")) != nil:
		f.openshiftTemplate(root)
	case (kind == "ConfigMap" || kind == "Secret") && group == "":
		f.configMap(root)
	default:
		f.workload(root, kind)
	}
	f.configured(root)
	f.offered(root)
}

// maxMembers is how deep Lists in Lists are followed.
const maxMembers = 64

// member searches an object that another holds.
func (f *finder) member(item *yaml.Node) {
	if n := target(item); n != nil && n.Kind == yaml.Mapping {
		if f.visits++; f.visits < f.limit() && f.members < maxMembers {
			f.members++
			f.object(n)
			f.members--
		}
	}
}

// openshiftTemplate searches the objects of a Template, and the values of
// those parameters that stand for images.
func (f *finder) openshiftTemplate(root *yaml.Node) {
	params := map[string]bool{}
	items(get(root, "objects"), func(_ int, item *yaml.Node) {
		before := len(f.remarks)
		f.member(item)
		for _, r := range f.remarks[before:] {
			if name, ok := strings.CutPrefix(r.Reference, "${"); ok &&
				r.Input == "" && strings.HasSuffix(name, "}") {
				params[strings.Trim(name, "{}")] = true
			}
		}
	})
	f.params = params
	f.inField("parameters", func() { f.parameters(get(root, "parameters")) })
}

// workload searches any other object.
func (f *finder) workload(root *yaml.Node, kind string) {
	if kind == "OCIRepository" {
		f.ociRepository(root)
	}
	f.fluxSource(root, kind)
	f.fields(root, "")
	f.parameters(root)
}

// configured searches the places that plumb.yaml's fields add.
func (f *finder) configured(root *yaml.Node) {
	for _, c := range f.scanner.opts.Fields {
		if c.APIGroup != "" && c.APIGroup != f.res.group || c.Kind != "" && c.Kind != f.kind {
			continue
		}
		f.steps = f.steps[:f.base]
		f.follow(root, strings.Split(c.Path, "."), c)
	}
}

// follow searches what path, whose parts may end in [] or be *, leads to.
func (f *finder) follow(n *yaml.Node, path []string, c Field) {
	n = target(n)
	f.visits++
	if n == nil || f.visits > f.limit() {
		return
	}
	if len(path) == 0 {
		f.configuredField(n, c)
		return
	}
	key, list := strings.CutSuffix(path[0], "[]")
	down := func(key string, v *yaml.Node) {
		f.inField(key, func() {
			if !list {
				f.follow(v, path[1:], c)
				return
			}
			items(v, func(i int, item *yaml.Node) {
				f.inIndex(i, func() { f.follow(item, path[1:], c) })
			})
		})
	}
	if key != "*" {
		if v := get(n, key); v != nil {
			down(key, v)
		}
		return
	}
	if n.Kind == yaml.Mapping {
		for k := n.FirstChild; k != nil; k = k.Next.Next {
			down(k.Value, k.Next)
		}
	}
}

func (f *finder) configuredField(n *yaml.Node, c Field) {
	switch {
	case c.Repository == "":
		f.containerImage(n)
	case n.Kind == yaml.Mapping:
		p := parts{m: n, repository: get(n, c.Repository)}
		if _, s := str(p.repository); s == "" || f.claimed[p.repository] {
			return
		}
		for key, at := range map[string]**yaml.Node{c.Registry: &p.registry, c.Tag: &p.tag,
			c.Digest: &p.digest} {
			if key != "" {
				*at = get(n, key)
			}
		}
		p.bare = c.Digest == "sha" || c.Digest == "sha256"
		f.splitReference(p)
	}
}
