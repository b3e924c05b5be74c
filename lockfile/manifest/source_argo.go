package manifest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// argoField searches the field k of an Argo CD Application or ApplicationSet, at any depth:
// sources stand in templates, and generators in one another.
func (f *finder) argoField(k *yaml.Node) {
	if f.res.group != "argoproj.io" || f.kind != "Application" && f.kind != "ApplicationSet" ||
		slices.Contains(f.steps, step{"templatePatch", -1}) {
		return
	}
	switch k.Value {
	case "source", "drySource":
		f.inField(k.Value, func() { f.argoSource(k.Next) })
	case "sources":
		f.inField(k.Value, func() {
			items(k.Next, func(i int, n *yaml.Node) { f.inIndex(i, func() { f.argoSource(n) }) })
		})
	case "git":
		if get(k.Next, "repoURL") != nil {
			f.inField("git", func() { f.argoGit(k.Next, "revision", "") })
		}
	case "templatePatch":
		f.templatePatch(k.Next)
	}
}

// argoSource searches a source of an Application, which is a chart, a git repository, or an
// OCI artifact (argo-cd, pkg/apis/application/v1alpha1, ApplicationSource).
func (f *finder) argoSource(m *yaml.Node) {
	m = target(m)
	repository := f.written(get(m, "repoURL"))
	switch {
	case !isMap(m):
	case f.written(get(m, "chart")) != "":
		f.argoChart(m)
	case strings.HasPrefix(repository, "oci://"):
		// an artifact, which special finds
	case repository != "" || field(m, "targetRevision") != "":
		f.argoGit(m, "targetRevision", f.res.kind+" "+f.res.namespace+"/"+f.res.name+
			"#"+strconv.Itoa(f.root.Start)+" ")
	}
}

// argoForm is how Argo CD reads a revision of a git repository: a range that is no version
// itself means the newest tag in it (argo-cd, util/git, lsRemote; util/versions).
func argoForm(name string) Form {
	if _, ok := versionNumbers(name); !ok && strings.ContainsAny(name, "*xX<>=!~^|, ") &&
		isRange(name) {
		return TagRange
	}
	return gitForm(name)
}

// argoGit records the git repository at m's repoURL, of which key is the revision: without
// one it is HEAD. together tells apart the objects whose sources must have one commit.
func (f *finder) argoGit(m *yaml.Node, key, together string) {
	m = target(m)
	place, url := get(m, "repoURL"), f.written(get(m, "repoURL"))
	s := Source{Fetch: url, Path: field(m, "path")}
	s.URL, _ = giturl.Canonical(url)
	why := f.revision(&s, sourceField{owner: m, key: key, behind: "repoURL", missing: "HEAD",
		form: argoForm})
	if together != "" && s.URL != "" {
		s.Together = together + giturl.Key(s.URL)
	}
	at := "repoURL"
	switch {
	case url == "":
		place, at = get(m, key), key
		why = "the repository that it is of is named elsewhere"
	case s.URL == "":
		why = "its URL is not that of a git repository"
	}
	written := writtenSource(url, f.followsWritten(&s, get(m, key)))
	f.inField(at, func() { f.fromSource(place, lockfile.Git, written, s, why) })
}

// followsWritten is what s follows as it is shown: as people wrote it where it is filled in.
func (f *finder) followsWritten(s *Source, n *yaml.Node) string {
	if t := target(n); t != nil && t.Kind == yaml.Scalar {
		if original, cut := f.masked(t); cut {
			return original
		}
	}
	return s.Follows
}

// argoChart records a chart. A repository without a scheme is a registry (argo-cd, util/helm,
// IsHelmOciRepo).
func (f *finder) argoChart(m *yaml.Node) {
	place := get(m, "chart")
	repository, name := f.written(get(m, "repoURL")), f.written(place)
	fetched := repository
	if repository != "" && !strings.Contains(repository, "://") {
		fetched = "oci://" + repository
	}
	s := Source{}
	s.locateChart(fetched, name)
	why := f.chartVersion(&s, sourceField{owner: m, key: "targetRevision", behind: "chart"})
	if s.URL == "" && repository != "" {
		why = "its repoURL is not that of a chart repository"
	}
	written := writtenSource(repository+"#"+name, f.followsWritten(&s, get(m, "targetRevision")))
	f.inField("chart", func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}

// templatePatch remarks on a patch of an ApplicationSet that may change a source: it is text
// that Argo CD fills in for each Application.
func (f *finder) templatePatch(n *yaml.Node) {
	t, text := str(n)
	for _, key := range [...]string{"targetRevision", "repoURL", "chart:"} {
		if strings.Contains(text, key) {
			f.inField("templatePatch", func() {
				f.remark(t, "uneditable", "templatePatch", "sets "+strings.Trim(key, ":")+
					" in a text that is filled in for each Application; "+
					"set it in spec.template instead", true)
			})
			return
		}
	}
}
