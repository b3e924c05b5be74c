package manifest

import (
	"path"
	"strings"
)

// role is what a file is by its name, or by what other files say of it.
type role uint8

const (
	plain role = iota
	kustomizationFile
	chartFile
	chartTemplate
	valuesFile
	argoSource
	fleetFile
	helmfileFile
	requirementsFile
	jsonnetFile
	werfFile
)

func roleOf(name string) role {
	switch base := path.Base(name); {
	case base == "kustomization.yaml", base == "kustomization.yml", base == "Kustomization":
		return kustomizationFile
	case base == "Chart.yaml":
		return chartFile
	case base == "fleet.yaml":
		return fleetFile
	case isHelmfile(name, base):
		return helmfileFile
	case strings.HasPrefix(name, "templates/") || strings.Contains(name, "/templates/"):
		return chartTemplate
	case base == "requirements.yaml":
		return requirementsFile
	case base == "jsonnetfile.json":
		return jsonnetFile
	case base == "werf-includes.yaml":
		return werfFile
	}
	if _, ok := argoOverride(name); ok {
		return argoSource
	}
	return plain
}
