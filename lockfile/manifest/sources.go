package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// special searches mappings whose meaning their keys give away, and reports
// whether nothing is left in them.
func (f *finder) special(m *yaml.Node, key string) bool {
	var done bool
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		switch k.Value {
		case "op":
			done = done || f.operation(m) && onlyOperation(m)
		case "bundle":
			if strings.HasSuffix(key, "Ref") {
				f.inField("bundle", func() { f.artifact(k.Next) })
			}
		case "resolver":
			_, resolver := str(k.Next)
			f.tektonRef(m, key, resolver)
		case "kustomize":
			if f.res.group == "argoproj.io" {
				f.inField("kustomize", func() { f.argoImages(k.Next) })
			}
		case "patches", "patchesJson6902", "patchesStrategicMerge":
			if f.kustomizeOwner() {
				f.patches(m)
			}
		case "images":
			if f.kustomizeOwner() {
				f.inField("images", func() { f.imageTransforms(k.Next) })
			}
		case "sync":
			f.fluxSync(k.Next)
		case "repoURL":
			f.argoOCI(m)
		case "source", "sources", "drySource", "git", "templatePatch":
			f.argoField(k)
		case "artifacts":
			f.workflowArtifacts(key, k.Next)
		case "gitRepo":
			f.gitRepoVolume(k.Next)
		case "helm":
			if f.res.group == "argoproj.io" {
				f.inField("helm", func() { f.argoHelm(m, k.Next) })
			}
		case "chart", "chartRef", "set", "valuesFrom":
			f.helmRelease(m, k)
		case "valuesFiles":
			items(k.Next, func(_ int, n *yaml.Node) {
				if _, s := str(n); s != "" {
					f.use(n, "/"+strings.TrimPrefix(s, "./"), asValues)
				}
			})
		}
	}
	return done
}

// helmRelease searches the field k of m, in an object that may stand for a Helm release.
func (f *finder) helmRelease(m, k *yaml.Node) {
	flux := f.res.group == "helm.toolkit.fluxcd.io"
	switch {
	case k.Value == "chart" && flux && isMap(k.Next):
		f.fluxChart(get(k.Next, "spec"))
		f.inField("chart", func() {
			f.inField("spec", func() { f.helmSource(get(k.Next, "spec")) })
		})
	case k.Value == "chart" && f.res.group == "helm.cattle.io":
		f.chartIs(field(m, "chart"))
	case k.Value == "chartRef" && flux:
		f.release("")
		f.chartIs(field(k.Next, "name"))
	case k.Value == "set" && f.helmOwner():
		f.inField("set", func() { f.parameterItems(k.Next) })
	case k.Value == "valuesFrom" && f.helmOwner():
		f.valuesFrom(m)
	}
}

// fluxChart notes where the chart of a HelmRelease lies, if it is in a git repository: this
// one, if there is such a chart here.
func (f *finder) fluxChart(spec *yaml.Node) {
	chart := field(spec, "chart")
	f.release("")
	if field(spec, "sourceRef", "kind") != "HelmRepository" && chart != "" {
		f.release(strings.TrimPrefix(path.Clean("/"+chart), "/"))
	}
	f.chartIs(chart)
}

// kustomizeOwner reports whether the object at hand takes kustomize's fields.
func (f *finder) kustomizeOwner() bool {
	switch f.res.group {
	case "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "argoproj.io", "fleet.cattle.io":
		return true
	}
	return false
}

// helmOwner reports whether the object at hand carries Helm values.
func (f *finder) helmOwner() bool {
	switch f.res.group {
	case "helm.toolkit.fluxcd.io", "argoproj.io", "helm.cattle.io", "fleet.cattle.io",
		"addons.cluster.x-k8s.io",
		"helm.crossplane.io", "kustomize.config.k8s.io", "source.toolkit.fluxcd.io",
		"apps.open-cluster-management.io", "config.projectsveltos.io":
		return true
	}
	return false
}

// embedsValues reports whether a string under this key is Helm values as text.
func embedsValues(key string) bool {
	return key == "values" || key == "valuesContent" || key == "valuesTemplate" ||
		key == "valuesYaml"
}

// artifact records an OCI artifact that one scalar names.
func (f *finder) artifact(n *yaml.Node) {
	if _, s := str(n); s != "" && !f.claimed[n] {
		f.whole(n, lockfile.Artifact)
	}
}

// bundleParam searches the parameters of a Tekton bundle resolver.
func (f *finder) bundleParam(ref *yaml.Node) {
	f.each(ref, "params", func(p *yaml.Node) {
		if field(p, "name") == "bundle" {
			f.inField("value", func() { f.artifact(get(p, "value")) })
		}
	})
}

// argoImages searches kustomize.images of an Argo CD source: strings such as
// "old=new:tag", "old:tag" or "new@sha256:…".
func (f *finder) argoImages(kustomize *yaml.Node) {
	f.each(kustomize, "images", func(n *yaml.Node) {
		t, s := str(n)
		if s == "" {
			return
		}
		i := strings.IndexByte(s, '=') + 1
		if f.claim(n); templateIn(s) != "" || tagged(s[i:]) {
			f.inline(n, i, len(s), lockfile.Image)
			return
		}
		r := f.begin(n, lockfile.Image, t.Value)
		r.Inherits = true
		r.Why = "it only renames: tag and digest come from the manifests it is applied to"
		f.found = append(f.found, r)
	})
}

// argoOCI records an Argo CD source that is an OCI artifact; its
// targetRevision takes a tag or a digest, never both.
func (f *finder) argoOCI(m *yaml.Node) {
	repoNode := get(m, "repoURL")
	_, repo := str(repoNode)
	revision, rev := str(get(m, "targetRevision"))
	name, ok := strings.CutPrefix(repo, "oci://")
	if !ok || rev == "" || get(m, "chart") != nil {
		return
	}
	sep := ":"
	if strings.HasPrefix(rev, "sha256:") {
		sep = "@"
	}
	f.inField("repoURL", func() {
		if f.placeholder(repoNode, repo+sep+rev) {
			return
		}
		r := f.begin(repoNode, lockfile.Artifact, repo+sep+rev)
		r.Policy = f.markerOf(repoNode, revision)
		f.claim(revision)
		var s site
		s.keep, s.ok = f.valueSlot(revision)
		s.only = s.keep
		s.tag.state = tagReplaced
		r.target = revision
		f.end(r, name+sep+rev, s)
	})
}

// argoHelm searches the Helm values of an Argo CD source.
func (f *finder) argoHelm(source, helm *yaml.Node) {
	base := f.sourceDirectory(source)
	f.release("")
	if chart := field(source, "chart"); chart != "" {
		f.chartIs(chart)
	} else if base != "" {
		f.release(path.Clean(base))
	}
	f.eachOf(helm, "valueFiles", func(n *yaml.Node) {
		_, s := str(n)
		switch {
		case s == "":
		case isFileURL(s): // which Argo CD fetches (util/helm, value file schemes)
			f.fileSource(n, fileUse{})
		case strings.HasPrefix(s, "$"):
			// "$ref/path": a path from the root of another source's repository,
			// most often this one.
			if _, rest, ok := strings.Cut(s, "/"); ok {
				f.use(n, "/"+rest, asValues)
			}
		case strings.HasPrefix(s, "/"):
			f.use(n, s, asValues)
		default:
			f.use(n, "/"+path.Join(base, s), asValues)
		}
	})
	f.inField("parameters", func() { f.parameterItems(get(helm, "parameters")) })
	f.each(helm, "fileParameters", func(p *yaml.Node) {
		if name := field(p, "name"); parameterOf(name).image() {
			f.unknownParameter(get(p, "name"), name, "is read from the file "+field(p, "path"))
		}
	})
}

// ociRepository records what a Flux OCIRepository names: spec.url, and the
// tag and digest of spec.ref, of which the digest wins.
func (f *finder) ociRepository(root *yaml.Node) {
	spec := get(root, "spec")
	urlKey, urlNode := lookup(spec, "url")
	_, url := str(urlNode)
	name, ok := strings.CutPrefix(url, "oci://")
	if !ok {
		return
	}
	ref := target(get(spec, "ref"))
	tagKey, tagNode := lookup(ref, "tag")
	tag, digest := field(ref, "tag"), field(ref, "digest")
	full, written := name, url
	if tag != "" {
		full, written = full+":"+tag, written+":"+tag
	}
	if digest != "" {
		full, written = full+"@"+digest, written+"@"+digest
	}
	outer := f.steps
	f.steps = append(f.steps, step{"spec", -1}, step{"url", -1})
	defer func() { f.steps = outer }()
	f.claim(tagNode, get(ref, "digest"))
	if f.placeholder(urlNode, written) {
		return
	}
	r := f.begin(urlNode, lockfile.Artifact, written)
	r.Policy = f.markerOf(urlNode, tagNode, get(ref, "digest"))
	if r.target = nil; field(ref, "semver") != "" && digest == "" {
		r.Why = "ref.semver chooses a tag at run time; write ref.tag, or ref.digest beside it"
		f.found = append(f.found, r)
		return
	}
	var s site
	switch {
	case get(ref, "digest") != nil:
		s.keep, s.ok = f.valueSlot(get(ref, "digest"))
	case tag != "":
		s.keep, s.ok = f.after(ref, tagKey, tagNode, addition{key: "digest"})
	case ref == nil && target(spec).Kind == yaml.Mapping:
		s.keep, s.ok = f.after(target(spec), urlKey, urlNode, addition{key: "digest", under: "ref",
			above: []string{"tag: latest"}})
	}
	s.only, s.tag = s.keep, f.tagScalar(ref, tagNode)
	if r.Why = noString(tagNode); r.Why != "" {
		s = site{}
	}
	f.end(r, full, s)
}
