package manifest

import "testing"

func TestK3sChart(t *testing.T) {
	const (
		head = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata:\n  name: web\nspec:\n"
		http = head + "  repo: https://Charts.Example.org/stable/\n  chart: web # ours\n"
		name = "https://charts.example.org/stable#web"
		oci  = head + "  chart: oci://ghcr.io/acme/charts/web"
		ours = "oci://ghcr.io/acme/charts#web"
		file = "https://charts.example.org/web-1.0.0.tgz"
	)
	checkSources(t, []sourceCase{
		{name: "exact", src: http + "  version: 1.2.3\n", tracked: name + "@1.2.3", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, want: http + "  version: 1.14.4\n"},
		{name: "a range", src: http + "  version: ^1\n", tracked: name + "@^1", form: VersionRange,
			holder: ByPlumbAlone, want: http + "  version: 1.14.4 # plumb: ^1\n"},
		{name: "pinned", src: http + "  version: 1.2.3 # plumb: ^1\n", tracked: name + "@^1",
			pin: "1.2.3", form: VersionRange, holder: ByPlumbAlone,
			want: http + "  version: 1.14.4 # plumb: ^1\n"},
		{name: "none", src: http, tracked: name + "@*", form: VersionRange, holder: ByPlumbAlone,
			want: http + "  version: 1.14.4 # plumb: *\n"},
		{name: "no version", src: http + "  version: latest\n", tracked: name + "@latest",
			holder: ByPlumbAlone, why: "neither a version nor a range"},
		{name: "no repository", src: head + "  chart: stable/web\n  version: 1.2.3\n", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, why: "does not say where it comes from"},
		{name: "a repository that is none", src: head + "  chart: web\n  repo: ./charts\n  version: 1.2.3\n",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, why: "not the URL of a chart repository"},
		{name: "in a registry", src: oci + "\n  version: ~1.2\n", tracked: ours + "@~1.2",
			form: VersionRange, holder: ByPlumbAlone, want: oci + "\n  version: 1.14.4 # plumb: ~1.2\n"},
		{name: "in a registry, the newest", src: oci + "\n", tracked: ours + "@*", form: VersionRange,
			holder: ByPlumbAlone, want: oci + "\n  version: 1.14.4 # plumb: *\n"},
		{name: "in a registry, with a tag", src: oci + ":1.2.3\n", tracked: ours + "@1.2.3", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, want: oci + ":1.14.4\n"},
		{name: "in a registry, with a tag that is no version", src: oci + ":latest\n",
			tracked: ours + "@latest", holder: ByPlumbAlone, why: "is no version"},
		{name: "in a registry, with tag and digest", src: oci + ":1.2.3@" + examplePin.Digest + "\n",
			tracked: ours + "@1.2.3", pin: "1.2.3", form: Version, holder: ByPlumbAlone, why: "moves with it"},
		{name: "in a registry, by digest", src: oci + "@" + examplePin.Digest + "\n", tracked: ours,
			pin: examplePin.Digest, holder: ByPlumbAlone, why: "does not say its version"},
		{name: "an archive", src: head + "  chart: " + file + "\n  version: 2.0.0\n", tracked: file,
			form: OneFile, holder: ByPlumbAlone, why: "no place for a commit"},
		{name: "the server's own", src: head + "  chart: https://%{KUBERNETES_API}%/static/charts/web.tgz\n",
			form: OneFile, holder: ByPlumbAlone, why: "among its own files"},
		{name: "a path", src: head + "  chart: /charts/web.tgz\n", form: OneFile, holder: ByPlumbAlone,
			why: "in the image"},
	})
}

// A chart whose archive is in the object, values for one, and objects of another group name
// no chart that is fetched.
func TestK3sChartIsNone(t *testing.T) {
	for _, src := range []string{
		"apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec: {chartContent: SGVsbG8=, chart: web, repo: https://a.example}\n",
		"apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nspec: {chart: web, repo: https://a.example, version: 1.0.0}\n",
		"apiVersion: acme.io/v1\nkind: HelmChart\nspec: {chart: web, repo: https://a.example, version: 1.0.0}\n",
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			t.Errorf("%s: %s is a source", src, r.Reference)
		}
	}
}
