package manifest

import (
	"cmp"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// fluxSync records what a FluxInstance applies, sync of its spec, or of instance in the values
// of the chart flux-instance. It makes a source of it that follows ref, which for git is a
// full ref, and for a registry a tag; there is no field for a commit or a digest
// (flux-operator, api/v1, Sync).
func (f *finder) fluxSync(sync *yaml.Node) {
	last := ""
	if n := len(f.steps); n > 0 {
		last = f.steps[n-1].key
	}
	if !(f.res.group == "fluxcd.controlplane.io" && f.kind == "FluxInstance" && last == "spec") &&
		!(f.values && last == "instance" && f.chartName == "flux-instance") {
		return
	}
	place, url := get(sync, "url"), f.written(get(sync, "url"))
	ref := f.written(get(sync, "ref"))
	if url == "" {
		return
	}
	s := Source{Fetch: url, Path: field(sync, "path"), Follows: ref, Form: refForm(ref),
		Holder: ByPlumbAlone, Listed: true}
	f.inField("sync", func() {
		f.inField("url", func() {
			switch cmp.Or(field(sync, "kind"), "GitRepository") {
			case "GitRepository":
				s.URL, _ = giturl.Canonical(url)
				f.fromSource(place, lockfile.Git, writtenSource(url, ref), s,
					"sync takes a ref and no commit; a GitRepository of its own takes one")
			case "OCIRepository":
				f.syncArtifact(place, url, ref)
			case "Bucket":
				s.URL, s.Follows, s.Form, s.Holder = url+"/"+ref, "", NoForm, NotHeld
				f.fromSource(place, lockfile.URL, s.URL, s, whyBucket)
			}
		})
	})
}

// syncArtifact records an artifact that a FluxInstance follows by a tag.
func (f *finder) syncArtifact(place *yaml.Node, url, ref string) {
	name, ok := strings.CutPrefix(url, "oci://")
	if !ok || f.claimed[place] {
		return
	}
	name = name + ":" + cmp.Or(ref, "latest")
	if f.template(place, name) {
		return
	}
	r := f.begin(place, lockfile.Artifact, "oci://"+name)
	r.target = nil
	r.Why = "sync takes a tag and no digest; an OCIRepository of its own takes one"
	f.end(r, name, site{})
}

// dashboard records the file that the Grafana operator fetches for a GrafanaDashboard, again
// and again while it runs: it is watched, and not pinned.
func (f *finder) dashboard(spec *yaml.Node) {
	if url := get(spec, "url"); url != nil {
		f.inField("spec", func() {
			f.inField("url", func() {
				f.fileSource(url, fileUse{watched: true, listed: "the Grafana operator fetches it while it runs; " +
					"plumb watches it and does not edit it"})
			})
		})
	}
}
