package gotemplate

// Chart is what templates may know of their chart.
type Chart struct {
	Dir  string // where Chart.yaml lies
	Meta Value  // what it says
	Name string
}

// Dot is what a chart's templates are filled in with.
func Dot(c Chart, values Value) *Map {
	chart := NewMap()
	if meta, ok := c.Meta.(*Map); ok {
		for k, v := range meta.Entries {
			if k != "" {
				chart.Entries[upperFirst(k)] = v
			}
		}
	}
	chart.Entries["IsRoot"] = Unknown{"whether the chart is a dependency"}
	if values == nil {
		values = NewMap()
	}
	return NewMap("Values", values, "Chart", chart, "Files", chartFiles{c.Dir},
		"Release", NewMap("Service", literal("Helm"), "Name", Unknown{"the release's name"},
			"Namespace", Unknown{"the release's namespace"},
			"IsInstall", Unknown{"whether it is an installation"},
			"IsUpgrade", Unknown{"whether it is an upgrade"},
			"Revision", Unknown{"the release's revision"}),
		"Capabilities", Unknown{"what the cluster can do"},
		"Subcharts", Unknown{"what charts below have"},
		"Template", NewMap("Name", literal(c.Dir+"/templates/x"),
			"BasePath", literal(base(c.Dir)+"templates")))
}

// base is the prefix of files in a directory.
func base(dir string) string {
	if dir == "." || dir == "" {
		return ""
	}
	return dir + "/"
}

func upperFirst(s string) string {
	if s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
