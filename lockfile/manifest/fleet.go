package manifest

import "github.com/plumb-dev/plumb/lockfile/yaml"

// fleet searches a fleet.yaml, which tells Rancher Fleet how to deploy the folder that it
// lies in: its chart and the Helm values for it, for all clusters and for some.
// https://fleet.rancher.io/ref-fleet-yaml
func (f *finder) fleet(root *yaml.Node) {
	f.res = resource{group: "fleet.cattle.io", kind: "fleet.yaml",
		name: field(root, "name")}
	f.fleetCharts(root)
	f.fleetHelm(root)
	for _, list := range [...]string{"targetCustomizations", "targets"} {
		f.each(root, list, f.fleetHelm)
	}
}

// fleetHelm searches the Helm values of a fleet.yaml, or of one of its targets.
func (f *finder) fleetHelm(m *yaml.Node) {
	helm := get(m, "helm")
	f.inField("helm", func() {
		f.helmValues(get(helm, "values"), "values")
		items(get(helm, "valuesFiles"), func(_ int, n *yaml.Node) {
			_, name := str(n)
			f.use(n, name, asValues)
		})
	})
}
