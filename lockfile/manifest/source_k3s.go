package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// k3sChart records the chart of a HelmChart of k3s and RKE2: an archive at a URL, a chart in
// a registry, or one in a repository, the newest where no version is given (helm-controller,
// pkg/controllers/chart). With chartContent the archive itself lies in the tree.
func (f *finder) k3sChart(spec *yaml.Node) {
	place, chart := get(spec, "chart"), f.written(get(spec, "chart"))
	if field(spec, "chartContent") != "" || chart == "" && get(spec, "version") == nil {
		return
	}
	switch {
	case strings.Contains(chart, "%{KUBERNETES_API}%"):
		f.inField("chart", func() {
			f.fromSource(place, lockfile.URL, chart, Source{Fetch: chart, Form: OneFile, Listed: true},
				"the server has the chart among its own files; plumb cannot read it")
		})
	case strings.HasPrefix(chart, registryScheme):
		f.registryChart(spec, "chart")
	case isFileURL(chart):
		f.inField("chart", func() { f.fileSource(place, fileUse{}) })
	case strings.HasPrefix(chart, "/"), strings.HasPrefix(chart, "."):
		f.inField("chart", func() {
			f.fromSource(place, lockfile.URL, chart, Source{Fetch: chart, Form: OneFile, Listed: true},
				"the chart is in the image of the Job that runs helm; plumb cannot read it")
		})
	default:
		f.repositoryChart(spec, spec)
	}
}
