package manifest

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// isHelmfile reports whether helmfile reads a file of this name by itself, or those who use
// it call a file that they name to it so (helmfile, pkg/app, findDesiredStateFiles).
func isHelmfile(name, base string) bool {
	base = strings.TrimSuffix(base, ".gotmpl")
	switch path.Ext(base) {
	case ".yaml", ".yml":
	default:
		return false
	}
	stem := base[:strings.LastIndexByte(base, '.')]
	if stem == "helmfile" || strings.HasSuffix(stem, ".helmfile") {
		return true
	}
	return strings.Contains(name, "helmfile.d/") && path.Base(path.Dir(name)) == "helmfile.d"
}

// whyHelmfile says why plumb leaves what is found in a helmfile as it is.
const whyHelmfile = "plumb locks what a helmfile names, and does not edit it: write the version " +
	"or commit yourself"

// helmfile searches a document of a helmfile, and reports whether it is of one: the charts of
// its releases and of what they inherit from, and the helmfiles that it takes from git.
// https://helmfile.readthedocs.io/en/latest/configuration/
func (f *finder) helmfile(root *yaml.Node) bool {
	is := false
	for _, key := range [...]string{"releases", "repositories", "templates", "helmfiles", "bases",
		"environments", "helmDefaults"} {
		is = is || get(root, key) != nil
	}
	if !is {
		return false
	}
	f.res = resource{group: "helmfile", kind: "helmfile"}
	f.eachOf(root, "releases", f.helmfileRelease)
	if templates := target(get(root, "templates")); isMap(templates) {
		f.inField("templates", func() {
			for k := templates.FirstChild; k != nil; k = k.Next.Next {
				f.inField(k.Value, func() { f.helmfileRelease(k.Next) })
			}
		})
	}
	for _, list := range [...]string{"helmfiles", "bases"} {
		f.eachOf(root, list, func(n *yaml.Node) {
			if isMap(n) {
				f.inField("path", func() { f.helmfileGit(get(n, "path")) })
				return
			}
			f.helmfileGit(n)
		})
	}
	return true
}

// helmfileRelease records the chart of a release and those that helmfile adds to it. What is
// not installed is not fetched.
func (f *finder) helmfileRelease(m *yaml.Node) {
	if !isMap(m) || field(m, "installed") == "false" {
		return
	}
	f.res.name, f.res.namespace = f.written(get(m, "name")), f.written(get(m, "namespace"))
	f.helmfileChart(m)
	f.eachOf(m, "dependencies", f.helmfileChart)
	f.res.name, f.res.namespace = "", ""
}

// helmfileChart records the chart of m. A name of two or three parts is of a repository that
// the helmfile lists; any other without a scheme is a folder (helmfile, pkg/state, util.go).
func (f *finder) helmfileChart(m *yaml.Node) {
	place, chart := get(m, "chart"), f.written(get(m, "chart"))
	repository, name, _ := strings.Cut(chart, "/")
	switch {
	case place == nil && get(m, "version") != nil:
		version := get(m, "version")
		s, why := f.helmfileVersion(m, Source{})
		f.inField("version", func() {
			f.fromSource(version, lockfile.Chart, f.followsWritten(&s, version), s,
				cmp.Or(why, "the chart that it is of is named elsewhere"))
		})
	case chart == "":
	case strings.HasPrefix(chart, registryScheme):
		s, written, why := f.registrySource(m, "chart")
		s.Listed, s.edits = true, nil
		f.inField("chart", func() {
			f.fromSource(place, lockfile.Chart, written, s, cmp.Or(why, whyHelmfile))
		})
	case strings.Contains(chart, "://"):
		f.inField("chart", func() {
			if !f.helmfileGit(place) && !f.fileSource(place, fileUse{listed: whyHelmfile}) {
				f.fromSource(place, lockfile.URL, chart, Source{Fetch: chart, Listed: true},
					"plumb does not read addresses of this form")
			}
		})
	case templateIn(chart) == "" && (name == "" || strings.HasPrefix(chart, ".") ||
		strings.HasPrefix(chart, "/") || strings.Count(chart, "/") > 2):
	default:
		f.helmfileNamed(m, place, repository, name)
	}
}

// helmfileNamed records a chart that is in a repository of the helmfile by that name.
func (f *finder) helmfileNamed(m, place *yaml.Node, repository, name string) {
	url, missing := f.helmfileRepository(repository)
	s := Source{}
	s.locateChart(url, name)
	s, why := f.helmfileVersion(m, s)
	if url == "" && f.text == f.file {
		s.Path = path.Join(path.Dir(f.path), repository, name)
	}
	shown := url + "#" + name
	if url == "" {
		shown = f.written(place)
	}
	written := writtenSource(shown, f.followsWritten(&s, get(m, "version")))
	f.inField("chart", func() {
		f.fromSource(place, lockfile.Chart, written, s, cmp.Or(why, missing, whyHelmfile))
	})
}

// helmfileVersion fills in a chart's version.
func (f *finder) helmfileVersion(m *yaml.Node, s Source) (Source, string) {
	why := f.chartVersion(&s, sourceField{owner: m, key: "version", behind: "chart"})
	if s.Form == VersionRange && s.Follows == "" && field(m, "devel") == "true" {
		s.Follows = ">0.0.0-0"
	}
	s.Listed, s.edits = true, nil
	return s, why
}

// helmfileRepository is the URL of the repository of that name in any document of the file,
// "" and why if there is none, or not one alone.
func (f *finder) helmfileRepository(name string) (found, why string) {
	for _, d := range f.docs {
		items(get(d.Root, "repositories"), func(_ int, r *yaml.Node) {
			url := f.written(get(r, "url"))
			switch {
			case f.written(get(r, "name")) != name:
				return
			case field(r, "oci") == "true" && !strings.Contains(url, "://"):
				url = registryScheme + url
			}
			if found != "" && found != url {
				why = "repositories has more than one URL for " + name
			}
			found = url
		})
	}
	switch {
	case why != "":
		return "", why
	case found == "":
		return "", "repositories has no " + name + ", and no such folder is in the tree: list it"
	case chartRepository(found) == "":
		return "", "the URL of " + name + " in repositories is not that of a chart repository"
	}
	return found, ""
}

// helmfileGit records what a helmfile takes from a git repository, and reports whether n is
// that: "git::https://HOST/REPOSITORY@PATH?ref=REF", without ref of the remote's HEAD
// (helmfile, pkg/remote, Parse).
func (f *finder) helmfileGit(n *yaml.Node) bool {
	_, text := str(n)
	rest, ok := strings.CutPrefix(text, "git::")
	scheme := strings.Index(rest, "://")
	if !ok || scheme < 0 {
		return false
	}
	q := entryQuery{text: text, start: len(text)}
	if i := strings.IndexByte(text, '?'); i >= 0 {
		q.start = i
	}
	clone := rest[:len(rest)-(len(text)-q.start)]
	from := scheme + len("://")
	from += strings.IndexByte(clone[from:]+"/", '/')
	s := Source{Holder: ByPlumbAlone, By: "ref", Listed: true, Follows: q.value("ref")}
	if from < len(clone) {
		at := strings.IndexByte(clone[from:], '@')
		if double := strings.Index(clone[from:], "//"); at < 0 {
			at = double
		}
		if at >= 0 {
			s.Path = strings.Trim(clone[from+at+1:], "/")
			clone = clone[:from+at]
		}
	}
	s.Fetch, s.Form = clone, refForm(s.Follows)
	s.URL, _ = giturl.Canonical(clone)
	switch s.Form {
	case Head:
		s.Follows = ""
	case Commit:
		s.Pin, s.Holder = strings.ToLower(s.Follows), ByConsumer
		if name := f.followedName(n); name != "" {
			s.Follows, s.Form = name, refForm(name)
		}
	}
	why := whyHelmfile
	if s.URL == "" {
		why = "its URL is not that of a git repository"
	}
	f.fromSource(n, lockfile.Git, text, s, why)
	return true
}

// dropLocalCharts takes back the charts of helmfiles that no repository has, and that are
// folders of the tree.
func dropLocalCharts(files []File) {
	var charts map[string]bool
	local := func(r Reference) bool {
		return r.Kind == "helmfile" && r.Source != nil && r.Source.URL == "" &&
			r.Source.Path != "" && r.Input == lockfile.Chart && charts[r.Source.Path]
	}
	for i := range files {
		if files[i].role != helmfileFile {
			continue
		}
		if charts == nil {
			charts = map[string]bool{}
			for j := range files {
				if files[j].role == chartFile {
					charts[path.Dir(files[j].Path)] = true
				}
			}
		}
		if slices.ContainsFunc(files[i].References, local) { // a cache may have them, too
			files[i].References = slices.DeleteFunc(slices.Clone(files[i].References), local)
		}
	}
}
