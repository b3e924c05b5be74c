package manifest

import (
	"cmp"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// helmSource records the chart of a HelmRelease, or of a HelmChart, which a HelmRepository
// serves: its URL stands in that object (helm-controller, api/v2, HelmChartTemplateSpec).
// A chart in a GitRepository or a Bucket is of what they follow, and no input of its own.
// kind is that of the object; the steps lead to spec, the mapping with the chart.
func (f *finder) helmSource(spec *yaml.Node) {
	spec = target(spec)
	place, name := get(spec, "chart"), f.written(get(spec, "chart"))
	version := get(spec, "version")
	from := get(spec, "sourceRef")
	kind := field(from, "kind")
	switch {
	case !isMap(spec) || place == nil && version == nil:
		return
	case kind == "GitRepository" || kind == "Bucket":
		return
	}
	s := Source{}
	s.locateChart("", name)
	why := f.chartVersion(&s, sourceField{owner: spec, key: "version", behind: "chart"})
	written := writtenSource(name, f.followsWritten(&s, version))
	if templateIn(written) != "" {
		written = "#" + written // its repository is not known yet
	}
	at := "chart"
	switch {
	case place == nil: // a patch that moves the version
		place, at, written = version, "version", s.Follows
		why = cmp.Or(why, "the chart that it is of is named elsewhere")
	case kind != "HelmRepository":
		why = cmp.Or(why, "where its chart comes from is written elsewhere")
	default:
		s.link = sourceLink{name: field(from, "name"), why: why,
			namespace: cmp.Or(f.written(get(from, "namespace")), f.res.namespace)}
		why = "no HelmRepository " + s.link.name + " is in the tree to say where it comes from"
	}
	f.inField(at, func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}

// helmRepository records the URL of a HelmRepository, which names no content: what is pulled
// from it are the charts of releases.
func (f *finder) helmRepository(spec *yaml.Node) {
	place, url := get(spec, "url"), f.written(get(spec, "url"))
	if url == "" {
		return
	}
	s := Source{Fetch: url, URL: chartRepository(url), Repo: true, Holder: NotHeld}
	why := "a repository: what is pulled from it is locked by its releases"
	if s.URL == "" {
		why = "its URL is not that of a chart repository"
	}
	f.inField("url", func() { f.fromSource(place, lockfile.Chart, url, s, why) })
}

const whyBucket = "a Bucket cannot be pinned: its objects change in place; move them to a " +
	"GitRepository or an OCIRepository"

// bucket records a Bucket, whose objects change in place.
func (f *finder) bucket(spec *yaml.Node) {
	place, endpoint := get(spec, "endpoint"), f.written(get(spec, "endpoint"))
	if endpoint == "" {
		return
	}
	at := endpoint
	if !strings.Contains(at, "://") {
		at = "https://" + at
	}
	if name := field(spec, "bucketName"); name != "" {
		at = strings.TrimRight(at, "/") + "/" + name
	}
	if prefix := strings.Trim(field(spec, "prefix"), "/"); prefix != "" {
		at += "/" + prefix
	}
	s := Source{Fetch: at, URL: at, Listed: true, Holder: NotHeld}
	f.inField("endpoint", func() {
		f.fromSource(place, lockfile.URL, at, s, whyBucket)
	})
}

// sourceLink says which HelmRepository has the URL of a chart; the zero sourceLink is that of
// a source whose own object says where it comes from.
type sourceLink struct {
	namespace, name string
	why             string // why the chart cannot be pinned although its URL is known
	editable        bool   // it can be pinned, once its URL is known
}

// uneditable says of a reference why it cannot be pinned in place, now and once it is linked.
func (r *Reference) uneditable(why string) {
	r.Editable, r.Why = false, why
	if r.Source != nil && r.Source.link.name != "" {
		s := *r.Source // which a cache may have, too
		s.link.editable, s.link.why = false, why
		r.Source = &s
	}
}

// ownWhy is why a reference cannot be pinned in place, whatever else the tree says of it.
func (r *Reference) ownWhy() string {
	if r.Source != nil && r.Source.link.name != "" {
		return r.Source.link.why
	}
	return r.Why
}

// linkSources fills in the URLs of charts that stand in other objects of the tree.
func linkSources(files []File) {
	dropLocalCharts(files)
	var repositories map[string][]*Reference
	for i := range files {
		for j := range files[i].References {
			r := &files[i].References[j]
			if s := r.Source; s != nil && s.Repo && r.Kind == "HelmRepository" {
				if repositories == nil {
					repositories = map[string][]*Reference{}
				}
				repositories[r.Name] = append(repositories[r.Name], r)
			}
		}
	}
	for i := range files {
		cloned := false
		for j := range files[i].References {
			r := &files[i].References[j]
			if r.Source == nil || r.Source.link.name == "" || r.Source.URL != "" {
				continue
			}
			if !cloned { // a cache may have them, too
				files[i].References = append([]Reference(nil), files[i].References...)
				cloned = true
			}
			files[i].References[j].linkTo(repositories[r.Source.link.name])
		}
	}
}

// linkTo fills in the URL of a chart from the HelmRepositories of that name. Where an object
// has no namespace, what applies it may give it any.
func (r *Reference) linkTo(named []*Reference) {
	s := *r.Source
	var of *Reference
	for _, exact := range [...]bool{true, false} {
		for _, n := range named {
			fits := n.Namespace == s.link.namespace
			if !exact && !fits {
				fits = n.Namespace == "" || s.link.namespace == ""
			}
			switch {
			case !fits || n.Source.URL == "":
			case of == nil:
				of = n
			case of.Source.URL != n.Source.URL:
				r.Why = "more than one HelmRepository " + s.link.name + " is in the tree, with " +
					"different URLs: " + of.File + ", " + n.File
				return
			}
		}
		if of != nil {
			break
		}
	}
	if of == nil {
		return
	}
	s.locateChart(of.Source.Fetch, s.Chart)
	r.Source = &s
	r.Reference = writtenSource(s.Fetch+"#"+s.Chart, s.Follows)
	r.Tracked, r.Why, r.Editable = s.tracked(), s.link.why, s.link.editable
}
