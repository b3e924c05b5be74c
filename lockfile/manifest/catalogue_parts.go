package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// nodeOS is why an image's tag is not the one that is pulled.
const nodeOS = "the operator appends the operating system of each node to the version; " +
	"write version: sha256:…, or name what the nodes run under images in plumb.yaml"

const kubeadmTag = "kubeadm refuses a digest in imageTag; name it under images in plumb.yaml"

// partPlaces are mappings that spell an image out in parts which their consumer joins in
// a way of its own.
func partPlaces() []rule {
	return []rule{
		// gpu-operator: resolveDriverTag, and NVIDIADriverSpec.GetImagePath, append "-OS" unless the
		// image has a digest. Other operands are repository/image:version, or @version for
		// "sha256:…" (image.ImagePath).
		{group: "nvidia.com", kinds: "ClusterPolicy", path: "spec.driver", means: appended, why: nodeOS},
		{group: "nvidia.com", kinds: "ClusterPolicy", path: "spec.gds", means: appended, why: nodeOS},
		{group: "nvidia.com", kinds: "ClusterPolicy", path: "spec.gdrcopy", means: appended,
			why: nodeOS},
		{group: "nvidia.com", kinds: "ClusterPolicy", path: "spec.vgpuManager", means: appended,
			why: nodeOS},
		{group: "nvidia.com", kinds: "NVIDIADriver", path: "spec", means: appended, why: nodeOS},
		{group: "nvidia.com", kinds: "NVIDIADriver", path: "spec.gds", means: appended, why: nodeOS},
		{group: "nvidia.com", kinds: "NVIDIADriver", path: "spec.gdrcopy", means: appended,
			why: nodeOS},
		{group: "mellanox.com", kinds: "NicClusterPolicy", path: "spec.ofedDriver", means: appended,
			why: nodeOS},
		// amd-gpu operator: DriversImageName appends the tag of OS, kernel and driver.
		{group: "amd.com", kinds: "DeviceConfig", path: "spec.driver.image", means: fixed,
			why: "the operator appends the node's system and the driver's version as its tag"},
		{group: "amd.com", kinds: "DeviceConfig", path: "spec.driver.version", means: nothing},
		// kernel-module-management: what a build makes and what modprobe loads; a template of the
		// kernel's version.
		{group: "kmm.sigs.x-k8s.io", path: "**.containerImage", means: kernelImage},
		// k0s: ImageSpec.URI joins image:version; Validate takes a digest behind the version.
		{group: "k0s.k0sproject.io", kinds: "ClusterConfig", path: "spec.images.*", means: versioned},
		{group: "k0s.k0sproject.io", kinds: "ClusterConfig", path: "spec.images.*.*", means: versioned},
		// airflow-on-k8s-operator: image and version of each component.
		{group: "airflow.k8s.io", path: "spec.*", means: versionedUnknown},
		{group: "airflow.apache.org", path: "spec.*", means: versionedUnknown},
		// prometheus-operator: operator.BuildImagePath. A tag goes through reference.WithTag, which
		// refuses a digest; sha wins over tag and version.
		{group: "monitoring.coreos.com", kinds: "Prometheus Alertmanager ThanosRuler PrometheusAgent",
			path: "spec", means: prometheusBase},
		{group: "monitoring.coreos.com", kinds: "Prometheus", path: "spec.thanos",
			means: prometheusBase},
		// system-upgrade-controller: container.WithLatestTag takes the plan's version for a name
		// without a tag.
		{group: "upgrade.cattle.io", kinds: "Plan", path: "spec.upgrade", means: planImage},
		{group: "upgrade.cattle.io", kinds: "Plan", path: "spec.prepare", means: planImage},
		// kubeadm, cmd/kubeadm/app/images: GetDNSImage, GetEtcdImage.
		{group: "kubeadm.k8s.io", kinds: "ClusterConfiguration", path: "", means: kubeadm},
		{group: "controlplane.cluster.x-k8s.io", path: "**.clusterConfiguration", means: kubeadm},
		{group: "bootstrap.cluster.x-k8s.io", path: "**.clusterConfiguration", means: kubeadm},
		// k8ssandra-operator, pkg/images: registry/repository/name:tag.
		{group: "k8ssandra.io", path: "**.containerImage", means: namedParts},
		{group: "k8ssandra.io", path: "**.initContainerImage", means: namedParts},
		{group: "k8ssandra.io", path: "**.jmxInitContainerImage", means: namedParts},
		{group: "k8ssandra.io", path: "**.initContainer.image", means: namedParts},
		{group: "medusa.k8ssandra.io", path: "**.containerImage", means: namedParts},
		{group: "reaper.k8ssandra.io", path: "**.containerImage", means: namedParts},
		// kubevirt: the operator puts imageRegistry and imageTag around the names of its own images.
		{group: "kubevirt.io", kinds: "KubeVirt", path: "spec.imageTag", means: ownImages},
		// istio: hub and tag without an image are those of all of the mesh's images.
		{group: "install.istio.io", kinds: "IstioOperator", path: "spec.tag", means: ownImages},
	}
}

// kubeadm is a ClusterConfiguration, an object or a field of one.
func kubeadm(f *finder, s spot) bool {
	if !isMap(s.v) {
		return false
	}
	repo := get(s.v, "imageRepository")
	f.claim(repo)
	if dns := get(s.v, "dns"); isMap(dns) {
		f.inField("dns", func() { f.kubeadmImage(dns, repo, "coredns", "coredns/coredns") })
	}
	if local := at(s.v, "etcd", "local"); isMap(local) {
		f.inField("etcd", func() {
			f.inField("local", func() { f.kubeadmImage(local, repo, "etcd", "etcd") })
		})
	}
	return false
}

// kubeadmRegistry is the registry that kubeadm takes if none is written; there the name
// of CoreDNS has another part.
const kubeadmRegistry = "registry.k8s.io"

// kubeadmImage records the image of which m has the tag. outer is the repository of those
// that have none of their own; image is the last part of the name, at the default
// registry atDefault is.
func (f *finder) kubeadmImage(m, outer *yaml.Node, image, atDefault string) {
	repoNode, tagNode := get(m, "imageRepository"), get(m, "imageTag")
	_, repo := str(repoNode)
	_, tag := str(tagNode)
	if repo == "" {
		_, repo = str(outer)
	}
	f.claim(repoNode, tagNode)
	if tag == "" {
		return // kubeadm's own, for its version
	}
	if repo == "" {
		repo = kubeadmRegistry
	}
	if strings.TrimSuffix(repo, "/") == kubeadmRegistry {
		image = atDefault
	}
	full := strings.TrimSuffix(repo, "/") + "/" + image + ":" + tag
	f.inField("imageTag", func() {
		if f.placeholder(tagNode, full) {
			return
		}
		r := f.begin(tagNode, lockfile.Image, full)
		r.Why = kubeadmTag
		f.end(r, full, site{})
	})
}

// imageParts are the parts repository, image and version, as NVIDIA's operators have them.
func imageParts(m *yaml.Node) (parts, bool) {
	p := parts{m: m, repository: get(m, "repository"), image: get(m, "image"),
		tag: get(m, "version")}
	_, repo := str(p.repository)
	_, image := str(p.image)
	return p, repo != "" && image != "" && (p.tag == nil || scalarText(p.tag))
}

// appended is an image to whose version the operator appends something.
func appended(f *finder, s spot) bool {
	p, ok := imageParts(s.v)
	if !ok || f.claimed[p.repository] {
		return false
	}
	if _, version := str(p.tag); !strings.Contains(version, "sha256:") {
		p.fixed = s.why
	}
	f.splitReference(p)
	return false
}

// kernelImage is an image whose name has the kernel's version in it, or one that is
// built in the cluster.
func kernelImage(f *finder, s spot) bool {
	_, text := str(s.v)
	if strings.Contains(text, "KERNEL") {
		s.why = "its tag is the version of each node's kernel"
		return fixed(f, s)
	}
	return f.wholly(s.v, nameUse{input: lockfile.Image})
}

// versioned is an image and, beside it, the version that is its tag and takes a digest.
func versioned(f *finder, s spot) bool { return f.imageVersion(s.v, "") }

// versionedUnknown is one of which it is not known whether it takes a digest.
func versionedUnknown(f *finder, s spot) bool {
	return f.imageVersion(s.v, "its tag is that of version beside it, and plumb does not know "+
		"whether its consumer takes a digest there")
}

// imageVersion records the image of m, whose tag is m's version.
func (f *finder) imageVersion(m *yaml.Node, why string) bool {
	p := parts{m: m, repository: get(m, "image"), tag: get(m, "version"), fixed: why}
	_, image := str(p.repository)
	_, version := str(p.tag)
	if image == "" || f.claimed[p.repository] || version == "" && tagged(image) {
		return false
	}
	if version == "" {
		p.fixed = "it has no version: its consumer's own decides; write version beside it"
	}
	f.inField("image", func() { f.splitReference(p) })
	return false
}

// prometheusBase is a baseImage with tag, sha or version beside it, which image overrules.
func prometheusBase(f *finder, s spot) bool {
	m := target(s.v)
	baseKey, base := lookup(m, "baseImage")
	_, text := str(base)
	if text == "" || f.claimed[base] {
		return false
	}
	tagNode, sha := get(m, "tag"), get(m, "sha")
	if _, t := str(tagNode); t == "" {
		tagNode = get(m, "version")
	}
	if _, image := str(get(m, "image")); image != "" {
		f.claim(base, get(m, "tag"), sha) // the operator reads none of them
		return false
	}
	f.inField("baseImage", func() {
		switch _, tag := str(tagNode); {
		case tagged(text):
			f.wholly(base, nameUse{input: lockfile.Image})
		case sha != nil || tag == "" || templateIn(text+tag) != "":
			p := parts{m: m, repository: base, tag: tagNode, digest: sha, bare: true}
			if tag == "" && field(m, "sha") == "" {
				p.fixed = "it has no tag: the operator's version decides; write version beside it"
			}
			f.splitReference(p)
		default:
			f.shaBehind(m, baseKey, base, tagNode)
		}
	})
	f.claim(get(m, "tag"), sha)
	return false
}

// shaBehind records the image of a baseImage and its tag, pinned by a key called sha that
// is not there yet.
func (f *finder) shaBehind(m, key, base, tag *yaml.Node) {
	full := target(base).Value + ":" + target(tag).Value
	r := f.begin(base, lockfile.Image, full)
	r.Policy = f.markerOf(base, tag)
	r.target = nil
	var st site
	st.keep, st.ok = f.after(m, key, base, addition{key: "sha"})
	st.keep.bare = true
	st.only, st.tag = st.keep, f.tagScalar(m, tag)
	f.end(r, full, st)
}

// planImage is the image of a step of an upgrade, of which the plan has the tag.
func planImage(f *finder, s spot) bool {
	v := get(s.v, "image")
	_, text := str(v)
	if text == "" || tagged(text) || f.claimed[v] {
		return false
	}
	why := "the controller takes the version that the plan's channel tells for its tag; " +
		"write NAME:TAG"
	version := field(f.root, "spec", "version")
	if version != "" {
		text += ":" + strings.ReplaceAll(version, "+", "-")
		why = "the controller takes the plan's version for its tag; write NAME:TAG"
	}
	f.inField("image", func() {
		if f.placeholder(v, text) {
			return
		}
		r := f.begin(v, lockfile.Image, text)
		if r.Why = why; version == "" {
			f.found = append(f.found, r)
			return
		}
		f.end(r, text, site{})
	})
	return false
}

// namedParts is an image whose last part stands in name.
func namedParts(f *finder, s spot) bool {
	p := parts{m: s.v, registry: get(s.v, "registry"), repository: get(s.v, "repository"),
		image: get(s.v, "name"), tag: get(s.v, "tag")}
	_, repo := str(p.repository)
	_, name := str(p.image)
	if repo == "" || name == "" || f.claimed[p.repository] {
		return false
	}
	if _, tag := str(p.tag); tag == "" {
		p.fixed = "it has no tag: the operator's own decides; write tag beside it"
	}
	f.splitReference(p)
	return false
}

// ownImages is the tag of all images of an operator, whose names it has itself.
func ownImages(f *finder, s spot) bool {
	if _, text := str(s.v); text != "" && templateIn(text) == "" {
		f.claim(s.v)
		f.remark(s.v, "uneditable", text,
			"is the tag of images whose names the operator has; name them under images in plumb.yaml",
			false)
	}
	return true
}
