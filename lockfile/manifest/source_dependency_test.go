package manifest

import (
	"strings"
	"testing"
)

func TestChartDependency(t *testing.T) {
	const (
		head = "apiVersion: v2\nname: web\nversion: 0.1.0\nhome: https://example.org\n" +
			"sources: [https://github.com/acme/web]\ndependencies:\n- name: db\n" +
			"  repository: https://Charts.Example.org/\n"
		name = "https://charts.example.org#db"
		oci  = "dependencies:\n- name: db\n  version: ~1.2\n  repository: oci://r.example.org/charts\n"
	)
	checkSources(t, []sourceCase{
		{name: "exact", file: "web/Chart.yaml", src: head + "  version: 1.2.3 # ours\n",
			tracked: name + "@1.2.3", pin: "1.2.3", form: Version, holder: ByPlumbAlone,
			want: head + "  version: 1.14.4 # ours\n"},
		{name: "a range", file: "Chart.yaml", src: head + "  version: ^1 # ours\n  alias: main\n",
			tracked: name + "@^1", form: VersionRange, holder: ByPlumbAlone,
			want: head + "  version: 1.14.4 # plumb: ^1; ours\n  alias: main\n"},
		{name: "two numbers are a range", file: "Chart.yaml", src: head + "  version: \"1.2\"\n",
			tracked: name + "@1.2", form: VersionRange, holder: ByPlumbAlone,
			want: head + "  version: \"1.14.4\" # plumb: 1.2\n"},
		{name: "a range that was pinned", file: "Chart.yaml",
			src: head + "  version: 1.2.3 # plumb: ^1\n", tracked: name + "@^1", pin: "1.2.3",
			form: VersionRange, holder: ByPlumbAlone, want: head + "  version: 1.14.4 # plumb: ^1\n"},
		{name: "a version that the range does not have", file: "Chart.yaml",
			src: head + "  version: 2.0.0 # plumb: ^1\n", tracked: name + "@2.0.0", pin: "2.0.0",
			form: Version, holder: ByPlumbAlone, want: head + "  version: 1.14.4 # plumb: ^1\n"},
		{name: "none is the newest", file: "Chart.yaml", src: head, tracked: name + "@*",
			form: VersionRange, holder: ByPlumbAlone, want: strings.Replace(head, "- name: db\n",
				"- name: db\n  version: 1.14.4 # plumb: *\n", 1)},
		{name: "no version", file: "Chart.yaml", src: head + "  version: latest\n",
			tracked: name + "@latest", holder: ByPlumbAlone, why: "neither a version nor a range"},
		{name: "a registry", file: "requirements.yaml", src: oci,
			tracked: "oci://r.example.org/charts#db@~1.2", form: VersionRange, holder: ByPlumbAlone,
			want: strings.Replace(oci, "~1.2", "1.14.4 # plumb: ~1.2", 1)},
		{name: "a name of the user's", file: "Chart.yaml",
			src: strings.Replace(oci, "oci://r.example.org/charts", "'@acme'", 1), form: VersionRange,
			holder: ByPlumbAlone, why: "configuration of helm"},
		{name: "an alias of the user's", file: "Chart.yaml",
			src: strings.Replace(oci, "oci://r.example.org/charts", "alias:acme", 1), form: VersionRange,
			holder: ByPlumbAlone, why: "configuration of helm"},
		{name: "a scheme of a plugin's", file: "Chart.yaml",
			src: strings.Replace(oci, "oci://r.example.org/charts", "s3://charts", 1), form: VersionRange,
			holder: ByPlumbAlone, why: "not the URL of a chart repository"},
	})
	f := NewScanner(Options{}).Scan("apps/web/Chart.yaml", []byte(head))
	if p := f.References[0].Source.Path; p != "apps/web/charts/db" {
		t.Errorf("the chart is looked for in %s", p)
	}
}

// What lies in the tree is no external input, nor are charts that no Chart.yaml names.
func TestNoChartDependency(t *testing.T) {
	const remote = "dependencies:\n- name: db\n  version: 1.2.3\n  repository: https://example.org\n"
	for name, c := range map[string]struct{ file, src string }{
		"a path":            {"Chart.yaml", strings.Replace(remote, "https://", "file://../", 1)},
		"no repository":     {"Chart.yaml", "dependencies:\n- name: db\n  version: 1.2.3\n"},
		"an empty one":      {"Chart.yaml", "dependencies:\n- {name: db, repository: ''}\n"},
		"another file":      {"deps.yaml", remote},
		"a lock of helm":    {"Chart.lock.yaml", remote},
		"Ansible":           {"requirements.yaml", "collections:\n- name: a.b\n"},
		"a chart's sources": {"Chart.yaml", "name: a\nsources: [https://example.org/a]\n"},
	} {
		f := NewScanner(Options{}).Scan(c.file, []byte(c.src))
		if len(f.References) > 0 || f.Unreadable != nil {
			t.Errorf("%s: %v", name, f.References)
		}
	}
	f := NewScanner(Options{}).Scan("Chart.yaml", []byte(remote))
	if len(f.References) != 1 {
		t.Errorf("the twin has %d references", len(f.References))
	}
}
