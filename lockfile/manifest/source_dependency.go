package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// chartKind is the kind that a chart's own references are listed under.
const chartKind = "Chart"

// chartDependencies records the charts that a chart depends on, by its Chart.yaml or by the
// requirements.yaml of Helm 2. Without a version, Helm takes the newest one.
//
// One without a repository lies in the chart's folder charts, and one at file:// elsewhere in
// the tree: these are no external inputs.
func (f *finder) chartDependencies(root *yaml.Node) {
	f.res = resource{kind: chartKind, name: f.written(get(root, "name"))}
	f.eachOf(root, "dependencies", f.chartDependency)
}

func (f *finder) chartDependency(d *yaml.Node) {
	place, name := get(d, "name"), f.written(get(d, "name"))
	repository := f.written(get(d, "repository"))
	if repository == "" || name == "" || strings.HasPrefix(repository, "file://") {
		return
	}
	s := Source{ownLock: chartLock}
	if path.Base(f.path) == "requirements.yaml" {
		s.ownLock = requirementsLock
	}
	s.locateChart(repository, name)
	why := f.chartVersion(&s, sourceField{owner: d, key: "version", behind: "name"})
	s.Path = path.Join(path.Dir(f.path), "charts", name)
	switch {
	case strings.HasPrefix(repository, "@"), strings.HasPrefix(repository, "alias:"):
		why = "the user's configuration of helm says where " + repository + " is; write the " +
			"URL of the repository"
	case s.URL == "":
		why = "its repository is not the URL of a chart repository"
	}
	written := writtenSource(repository+"#"+name, f.followsWritten(&s, get(d, "version")))
	f.inField("name", func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}
