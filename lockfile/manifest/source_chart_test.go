package manifest

import (
	"strings"
	"testing"
)

func TestKustomizeCharts(t *testing.T) {
	const head = "helmCharts:\n  - name: web # ours\n    repo: https://Charts.example.org/\n"
	const name = "https://charts.example.org#web"
	const plugin = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\n" +
		"name: web\nrepo: oci://ghcr.io/acme\n"
	const older = "helmChartInflationGenerator:\n  - chartName: web\n" +
		"    chartRepoUrl: https://charts.example.org\n"
	file := "a/kustomization.yaml"
	checkSources(t, []sourceCase{
		{name: "exact", file: file, src: head + "    version: 1.2.3\n", tracked: name + "@1.2.3",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, want: head + "    version: 1.14.4\n"},
		{name: "a range", file: file, src: head + "    version: ^1\n", tracked: name + "@^1",
			form: VersionRange, holder: ByPlumbAlone,
			want: head + "    version: 1.14.4 # plumb: ^1\n"},
		{name: "two numbers", file: file, src: head + "    version: \"1.2\" # old\n",
			tracked: name + "@1.2", form: VersionRange, holder: ByPlumbAlone,
			want: head + "    version: \"1.14.4\" # plumb: 1.2; old\n"},
		{name: "pinned", file: file, src: head + "    version: 1.2.0 # plumb: ^1\n",
			tracked: name + "@^1", pin: "1.2.0", form: VersionRange, holder: ByPlumbAlone,
			want: head + "    version: 1.14.4 # plumb: ^1\n"},
		{name: "a version that the range has not", file: file,
			src: head + "    version: 2.0.0 # plumb: ^1\n", tracked: name + "@2.0.0", pin: "2.0.0",
			form: Version, holder: ByPlumbAlone, want: head + "    version: 1.14.4 # plumb: ^1\n"},
		{name: "none", file: file, src: head, tracked: name + "@*", form: VersionRange,
			holder: ByPlumbAlone, want: "helmCharts:\n  - name: web # ours\n" +
				"    version: 1.14.4 # plumb: *\n    repo: https://Charts.example.org/\n"},
		{name: "none, with devel", file: file, src: head + "    devel: true\n",
			tracked: name + "@>0.0.0-0", form: VersionRange, holder: ByPlumbAlone,
			want: "helmCharts:\n  - name: web # ours\n    version: 1.14.4 # plumb: >0.0.0-0\n" +
				"    repo: https://Charts.example.org/\n    devel: true\n"},
		{name: "a registry", file: "plugin.yaml", src: plugin + "version: 1.0.0\n",
			tracked: "oci://ghcr.io/acme#web@1.0.0", pin: "1.0.0", form: Version,
			holder: ByPlumbAlone, want: plugin + "version: 1.14.4\n"},
		{name: "the older field", file: file, src: older + "    chartVersion: ~1\n",
			tracked: name + "@~1", form: VersionRange, holder: ByPlumbAlone,
			want: older + "    chartVersion: 1.14.4 # plumb: ~1\n"},
		{name: "no repository of charts", file: file,
			src:  "helmCharts:\n  - name: web\n    repo: ./charts\n    version: 1.0.0\n",
			form: Version, pin: "1.0.0", holder: ByPlumbAlone, why: "is not the URL"},
		{name: "no version", file: file, src: head + "    version: newest\n", tracked: name + "@newest",
			holder: ByPlumbAlone, why: "neither a version nor a range"},
	})
}

func TestChartsThatLieInTheTree(t *testing.T) {
	for src, want := range map[string]string{
		"helmCharts: [{name: web, repo: https://a.example, version: 1.0.0}]":                                         "a/charts/web-1.0.0/web",
		"helmCharts: [{name: web, repo: https://a.example}]":                                                         "a/charts/web",
		"helmGlobals: {chartHome: ../vendor}\nhelmCharts: [{name: web, repo: https://a.example, version: 1.0.0}]":    "vendor/web-1.0.0/web",
		"helmGlobals: {chartHome: ../../vendor}\nhelmCharts: [{name: web, repo: https://a.example, version: 1.0.0}]": "",
		"helmGlobals: {chartHome: /vendor}\nhelmCharts: [{name: web, repo: https://a.example, version: 1.0.0}]":      "",
	} {
		f := NewScanner(Options{}).Scan("a/kustomization.yaml", []byte(src+"\n"))
		if r := oneSource(t, &f); r == nil || r.Source.Path != want {
			t.Errorf("%s: %+v", src, r)
		}
	}
	for _, src := range []string{"helmCharts: [{name: web, version: 1.0.0}]",
		"helmCharts: [{repo: https://a.example, version: 1.0.0}]"} {
		f := NewScanner(Options{}).Scan("a/kustomization.yaml", []byte(src+"\n"))
		for _, r := range f.References {
			t.Errorf("%s is none: %+v", strings.TrimSpace(src), r)
		}
	}
}
