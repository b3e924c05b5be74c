package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

const registryScheme = "oci://"

// registryChart records the chart in a registry that key of m names in full, as helm takes
// it: "oci://HOST/PATH/NAME", with a tag and a digest if it likes. Without a tag, version of
// m says which.
func (f *finder) registryChart(m *yaml.Node, key string) {
	s, written, why := f.registrySource(m, key)
	f.inField(key, func() { f.fromSource(get(m, key), lockfile.Chart, written, s, why) })
}

// registrySource is the source of registryChart, how it is shown and why it cannot be pinned.
func (f *finder) registrySource(m *yaml.Node, key string) (s Source, written, why string) {
	place := get(m, key)
	v, text := str(place)
	name, digest, _ := strings.Cut(text, "@")
	slash := strings.LastIndexByte(name, '/')
	base, tag, _ := strings.Cut(name[slash+1:], ":")
	s = Source{By: key, Holder: ByPlumbAlone}
	s.locateChart(name[:slash], base)
	var version *yaml.Node
	switch {
	case tag != "":
		s.Form, s.Follows, s.Pin = Version, tag, tag
		if !exactVersion(strings.ReplaceAll(tag, "_", "+")) {
			s.Form, s.Pin, why = NoForm, "", "its tag "+tag+" is no version"
		} else if digest == "" && place.Kind == yaml.Scalar && f.plainText(v) {
			from := slash + 1 + len(base) + 1
			s.edits = f.replaceIn(v, from, from+len(tag), writeVersion)
		} else if digest != "" {
			why = "a digest stands behind its version, and moves with it"
		}
	case digest != "":
		s.Pin, why = digest, "a digest alone does not say its version: write NAME:VERSION@DIGEST"
	default:
		s.By = ""
		version = get(m, "version")
		why = f.chartVersion(&s, sourceField{owner: m, key: "version", behind: key})
	}
	if s.URL == "" || base == "" {
		s.URL, why = "", "it names no chart in a registry"
	}
	return s, writtenSource(s.Fetch+"#"+base, f.followsWritten(&s, version)), why
}

// repositoryChart records the chart that m's field chart names in the repository at m's repo;
// version says which. of is the mapping that has chart and repo where m itself does not.
func (f *finder) repositoryChart(m, of *yaml.Node) {
	place, at := get(m, "chart"), "chart"
	name, repository := f.written(get(of, "chart")), f.written(get(of, "repo"))
	if place == nil {
		place, at = get(m, "version"), "version"
	}
	s := Source{}
	s.locateChart(repository, name)
	why := f.chartVersion(&s, sourceField{owner: m, key: "version", behind: "chart"})
	if s.URL == "" && repository != "" {
		why = "its repo is not the URL of a chart repository"
	}
	written := writtenSource(repository+"#"+name, f.followsWritten(&s, get(m, "version")))
	f.inField(at, func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}
