package manifest

import (
	"cmp"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// chartFields are the fields of an entry of helmCharts, or of the older
// helmChartInflationGenerator, as they are spelled in it.
type chartFields struct{ name, version, repository, home string }

var (
	helmChartFields = chartFields{name: "name", version: "version", repository: "repo"}
	inflationFields = chartFields{name: "chartName", version: "chartVersion",
		repository: "chartRepoUrl", home: "chartHome"}
)

// inflatedChart records a chart that kustomize pulls: of the version given, which may be a
// range, or else of the newest one. One without a repository lies in the tree.
//
// Where the folder at Source.Path is in the tree, kustomize takes the chart from there as it
// is found, whatever its version, and pulls nothing.
func (f *finder) inflatedChart(chart *yaml.Node, fields chartFields, home string) {
	repository := f.foldedText(chart, fields.repository)
	nameKey, place := f.foldedPair(chart, fields.name)
	_, name := str(place)
	if repository == "" || name == "" {
		return
	}
	version := fields.version
	if k, _ := f.foldedPair(chart, fields.version); k != nil {
		version = k.Value
	}
	s := Source{By: fields.version}
	s.locateChart(repository, name)
	why := f.chartVersion(&s, sourceField{owner: chart, key: version, behind: nameKey.Value})
	if s.Form == VersionRange && s.Follows == "" && f.foldedText(chart, "devel") == "true" {
		s.Follows = ">0.0.0-0" // helm pull --devel
		s.edits = f.pinField(sourceField{owner: chart, key: version, behind: nameKey.Value},
			s.Follows, writeVersion)
	}
	if s.URL == "" {
		why = "its " + fields.repository + " is not the URL of a chart repository"
	}
	s.Path = f.vendored(cmp.Or(f.foldedText(chart, fields.home), home, "charts"), name,
		f.foldedText(chart, fields.version))
	written := writtenSource(repository+"#"+name, f.followsWritten(&s, get(chart, version)))
	f.inField(nameKey.Value, func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}

// vendored is the folder of the tree that kustomize looks for a chart in: "" where that is
// not known, as for the configuration of a plugin, whose kustomization may lie elsewhere.
func (f *finder) vendored(home, name, version string) string {
	if roleOf(f.path) != kustomizationFile || f.text != f.file || path.IsAbs(home) ||
		templateIn(home+name+version) != "" {
		return ""
	}
	if version != "" {
		home = path.Join(home, name+"-"+version)
	}
	if dir := path.Join(path.Dir(f.path), home, name); !strings.HasPrefix(dir, "../") {
		return dir
	}
	return ""
}
