package manifest

import (
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// fluxSource searches an object of Flux, or of another operator, that names a source.
func (f *finder) fluxSource(root *yaml.Node, kind string) {
	switch f.res.group {
	case "source.toolkit.fluxcd.io":
	case "kpt.dev":
		if kind == "Kptfile" {
			f.kptfile(root)
		}
		return
	case "vendir.k14s.io":
		if kind == "Config" {
			f.vendir(root)
		}
		return
	case "", "build.openshift.io":
		if kind == "BuildConfig" || kind == "Build" {
			f.buildSource(root)
		}
		return
	case "grafana.integreatly.org", "integreatly.org":
		if kind == "GrafanaDashboard" {
			f.dashboard(get(root, "spec"))
		}
		return
	case "helm.cattle.io":
		if kind == "HelmChart" {
			f.inField("spec", func() { f.k3sChart(get(root, "spec")) })
		}
		return
	case "fleet.cattle.io":
		f.fleetObject(root, kind)
		return
	default:
		return
	}
	spec := get(root, "spec")
	f.inField("spec", func() {
		switch kind {
		case "GitRepository":
			f.gitRepository(spec)
		case "HelmRepository":
			f.helmRepository(spec)
		case "HelmChart":
			f.helmSource(spec)
		case "Bucket":
			f.bucket(spec)
		}
	})
}

// gitRepository records what a GitRepository of Flux follows. Of spec.ref, commit wins over
// name, name over semver, semver over tag, and tag over branch; without any it is the branch
// master, whatever the remote's HEAD names (source-controller, api/v1,
// GitRepositoryRef, and pkg/git/gogit).
func (f *finder) gitRepository(spec *yaml.Node) {
	urlKey, urlNode := lookup(target(spec), "url")
	_, url := str(urlNode)
	if url == "" {
		return
	}
	ref := target(get(spec, "ref"))
	s := Source{Fetch: url, By: "ref.commit", Holder: ByConsumer}
	s.URL, _ = giturl.Canonical(url)
	var followed pair
	switch {
	case field(ref, "name") != "":
		s.Form, s.Follows = FullRef, field(ref, "name")
		followed.key, followed.value = lookup(ref, "name")
	case field(ref, "semver") != "":
		s.Form, s.Follows = TagRange, field(ref, "semver")
		followed.key, followed.value = lookup(ref, "semver")
	case field(ref, "tag") != "":
		s.Form, s.Follows, s.OnBranch = Tag, field(ref, "tag"), true
		followed.key, followed.value = lookup(ref, "tag")
	default:
		s.Form, s.Follows = Branch, "master"
		if branch := field(ref, "branch"); branch != "" {
			s.Follows = branch
			followed.key, followed.value = lookup(ref, "branch")
		}
	}
	commit := get(ref, "commit")
	if _, s.Pin = str(commit); s.Pin != "" && followed.key == nil {
		s.Form, s.Follows = Commit, s.Pin
	}
	why := ""
	switch mode := field(spec, "verify", "mode"); {
	case mode == "Tag" || mode == "TagAndHEAD":
		s.Holder, s.By = ByPlumbAlone, ""
		why = "verify.mode " + mode + " needs the tag, which ref.commit takes away"
	case commit != nil:
		s.edits = f.replace(commit, writeCommit)
	case followed.key != nil:
		s.edits = f.addKey(ref, followed.key, followed.value, addition{key: "commit"}, writeCommit)
	case ref == nil:
		s.edits = f.addKey(target(spec), urlKey, urlNode, addition{key: "commit", under: "ref",
			above: []string{"branch: master"}}, writeCommit)
	}
	written := url
	if s.Follows != "" {
		written += "@" + s.Follows
	}
	f.inField("url", func() { f.fromSource(urlNode, lockfile.Git, written, s, why) })
}
