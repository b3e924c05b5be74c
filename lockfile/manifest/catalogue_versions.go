package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// notInVersion is why a version that is a tag takes no digest.
const notInVersion = "the operator compares the version, which takes no digest; " +
	"name the image under images in plumb.yaml"

// versionPlaces are images whose tag is a version that stands beside them or in the object.
func versionPlaces() []rule {
	return []rule{
		// argocd-operator: argoutil.CombineImageTag takes a version with a colon for a digest,
		// so that TAG@DIGEST would become NAME@TAG@DIGEST.
		{group: "argoproj.io", kinds: "ArgoCD", path: "spec", means: digestVersion},
		{group: "argoproj.io", kinds: "ArgoCD", path: "spec.*", means: digestVersion},
		{group: "argoproj.io", kinds: "ArgoCD", path: "spec.sso.*", means: digestVersion},
		// tidb-operator: TidbCluster.PDImage and the like join baseImage and version, their own or
		// the cluster's.
		{group: "pingcap.com", path: "spec.*", means: tidbImage},
		// scylla-operator and hazelcast-platform-operator: ImageForCluster.
		{group: "scylla.scylladb.com", kinds: "ScyllaCluster", path: "spec", means: scyllaImages},
		{group: "hazelcast.com", path: "spec", means: repositoryVersion},
		// temporal-operator: image and version of the cluster, its UI and its tools.
		{group: "temporal.io", path: "spec", means: versionedUnknown},
		{group: "temporal.io", path: "spec.*", means: versionedUnknown},
		// kamaji: addons by kubeadm's names; konnectivity's images are image:version.
		{group: "kamaji.clastix.io", path: "spec.addons.coreDNS", means: kubeadmAddon},
		{group: "kamaji.clastix.io", path: "spec.addons.kubeProxy", means: kubeadmAddon},
		{group: "kamaji.clastix.io", path: "spec.addons.konnectivity.*", means: versionedUnknown},
		// grafana-operator: getGrafanaImage takes a version with one of ":/@" for an image.
		{group: "grafana.integreatly.org", kinds: "Grafana", path: "spec.version",
			means: grafanaVersion},
		// datadog-operator: images.AssembleImage completes a name without a tag with the registry,
		// the tag and "-jmx".
		{group: "datadoghq.com", kinds: "DatadogAgent", path: "spec.override.*.image",
			means: datadogImage},
		{group: "datadoghq.com", kinds: "DatadogAgent", path: "spec.*.image", means: datadogImage},
		// intel-device-plugins: validatePluginImage takes a semantic version or a digest.
		{group: "deviceplugin.intel.com", path: "spec.image", means: tagOrDigest},
		{group: "deviceplugin.intel.com", path: "spec.initImage", means: tagOrDigest},
		// operator-controller: catalogd resolves ref with containers/image, and the API refuses a
		// digest beside pollIntervalMinutes.
		{group: "olm.operatorframework.io", kinds: "ClusterCatalog", path: "spec.source.image",
			means: catalogRef},
	}
}

// digestVersion is an image whose version is a tag or a digest.
func digestVersion(f *finder, s spot) bool {
	m := target(s.v)
	image, version := get(m, "image"), get(m, "version")
	_, name := str(image)
	_, tag := str(version)
	if name == "" || f.claimed[image] || templateIn(name+tag) != "" || tagged(name) && tag == "" {
		return false
	}
	if tag == "" || strings.Contains(tag, ":") {
		return f.imageVersion(m, "")
	}
	f.inField("image", func() {
		r := f.begin(image, lockfile.Image, name+":"+tag)
		r.Policy = f.markerOf(image, version)
		r.target = target(version)
		r.alias = version.Kind == yaml.Alias
		var st site
		if !f.mustQuote(r.target) {
			st.keep, st.ok = f.valueSlot(version)
		}
		st.only, st.tag.state = st.keep, tagReplaced
		f.end(r, name+":"+tag, st)
	})
	f.claim(version)
	return false
}

// fixedTag records the image of repository and tag, in which no digest can be written.
func (f *finder) fixedTag(m, repository, tag *yaml.Node, key, why string) {
	if _, repo := str(repository); repo == "" || f.claimed[repository] {
		return
	}
	f.inField(key, func() {
		f.splitReference(parts{m: m, repository: repository, tag: tag, fixed: why})
	})
}

// tidbImage is a component of a cluster.
func tidbImage(f *finder, s spot) bool {
	base, version := get(s.v, "baseImage"), get(s.v, "version")
	if _, text := str(base); text == "" {
		return false
	}
	if version == nil {
		version = at(f.root, "spec", "version")
	}
	if _, tag := str(version); tag == "" {
		f.inField("baseImage", func() { f.containerImage(base) })
		return false
	}
	f.fixedTag(target(s.v), base, version, "baseImage", notInVersion)
	return false
}

// scyllaImages are those of the database and of its agent.
func scyllaImages(f *finder, s spot) bool {
	m := target(s.v)
	f.fixedTag(m, get(m, "agentRepository"), get(m, "agentVersion"), "agentRepository", notInVersion)
	return repositoryVersion(f, s)
}

// repositoryVersion is an image of repository:version.
func repositoryVersion(f *finder, s spot) bool {
	m := target(s.v)
	f.fixedTag(m, get(m, "repository"), get(m, "version"), "repository", notInVersion)
	return false
}

// kubeadmAddon is an image that is named as kubeadm does.
func kubeadmAddon(f *finder, s spot) bool {
	if isMap(s.v) {
		image, atDefault := "coredns", "coredns/coredns"
		if s.key == "kubeProxy" {
			image, atDefault = "kube-proxy", "kube-proxy"
		}
		f.kubeadmImage(s.v, nil, image, atDefault)
	}
	return false
}

// grafanaVersion is a version, or an image.
func grafanaVersion(f *finder, s spot) bool {
	if _, text := str(s.v); !strings.ContainsAny(text, ":/@") {
		return true
	}
	return verbatim(f, s)
}

// datadogImage is a mapping with the name of an image.
func datadogImage(f *finder, s spot) bool {
	name := get(s.v, "name")
	_, text := str(name)
	if text == "" || f.claimed[name] {
		return false
	}
	f.claim(get(s.v, "tag"))
	f.inField("name", func() {
		f.wholly(name, nameUse{input: lockfile.Image,
			bare: "the operator completes it with its registry, tag and -jmx; write NAME:TAG"})
	})
	return false
}

// tagOrDigest is an image that has a tag or a digest, never both.
func tagOrDigest(f *finder, s spot) bool {
	return f.wholly(s.v, nameUse{input: lockfile.Image, either: true})
}

// catalogRef is the image of a catalogue, which may be polled.
func catalogRef(f *finder, s spot) bool {
	u := nameUse{input: lockfile.Image, either: true}
	if get(s.v, "pollIntervalMinutes") != nil {
		u.fixed = "pollIntervalMinutes polls its tag, and takes no digest beside it"
	}
	if ref := get(s.v, "ref"); ref != nil {
		f.inField("ref", func() { f.wholly(ref, u) })
	}
	return false
}
