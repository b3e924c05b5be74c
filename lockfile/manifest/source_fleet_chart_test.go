package manifest

import (
	"strings"
	"testing"
)

func TestFleetCharts(t *testing.T) {
	const (
		http  = "helm:\n  chart: web # ours\n  repo: https://Charts.Example.org/\n"
		name  = "https://charts.example.org#web"
		oci   = "helm:\n  chart: oci://ghcr.io/acme/web\n"
		git   = "helm:\n  chart: git::https://github.com/acme/bases.git//charts/web"
		file  = "https://charts.example.org/web-1.0.0.tgz"
		local = "helm: {chart: ./web}\ntargetCustomizations:\n- name: prod\n  helm:\n"
	)
	commit, sum := examplePin.Commit, examplePin.Digest
	old := "sha256:" + strings.Repeat("0", 64)
	cases := []sourceCase{
		{name: "exact", src: http + "  version: 1.2.3\n", tracked: name + "@1.2.3", pin: "1.2.3",
			form: Version, holder: ByPlumbAlone, want: http + "  version: 1.14.4\n"},
		{name: "a range", src: http + "  version: 1.x\n", tracked: name + "@1.x", form: VersionRange,
			holder: ByPlumbAlone, want: http + "  version: 1.14.4 # plumb: 1.x\n"},
		{name: "the newest", src: http, tracked: name + "@*", form: VersionRange, holder: ByPlumbAlone,
			want: strings.Replace(http, "ours\n", "ours\n  version: 1.14.4 # plumb: *\n", 1)},
		{name: "a path for a repository", src: "helm: {chart: web, repo: ./charts, version: 1.0.0}\n",
			pin: "1.0.0", form: Version, holder: ByPlumbAlone, why: "not the URL of a chart repository"},
		{name: "in a registry", src: oci + "  version: 1.2.3\n", tracked: "oci://ghcr.io/acme#web@1.2.3",
			pin: "1.2.3", form: Version, holder: ByPlumbAlone, want: oci + "  version: 1.14.4\n"},
		{name: "an archive", src: "helm:\n  chart: " + file + " # ours\n", tracked: file, form: OneFile,
			holder: ByConsumer, want: "helm:\n  chart: " + file + "?checksum=" + sum + " # ours\n"},
		{name: "an archive with a query", src: "helm: {chart: '" + file + "?a=b'}\n", tracked: file + "?a=b",
			form: OneFile, holder: ByConsumer, want: "helm: {chart: '" + file + "?a=b&checksum=" + sum + "'}\n"},
		{name: "an archive with its checksum", src: "helm: {chart: '" + file + "?checksum=" + old + "'}\n",
			tracked: file, pin: old, form: OneFile, holder: ByConsumer,
			want: "helm: {chart: '" + file + "?checksum=" + sum + "'}\n"},
		{name: "a checksum before others", src: "helm: {chart: '" + file + "?checksum=" + old + "&a=b'}\n",
			tracked: file + "?checksum=" + old + "&a=b", form: OneFile, holder: ByPlumbAlone, why: "behind the other"},
		{name: "a weak checksum", src: "helm: {chart: '" + file + "?checksum=md5:00'}\n",
			tracked: file + "?checksum=md5:00", form: OneFile, holder: ByPlumbAlone, why: "alone"},
		{name: "an archive where a query needs quotes", src: "helm: {chart: " + file + "}\n", tracked: file,
			form: OneFile, holder: ByConsumer, why: "cannot be edited safely"},
		{name: "a folder of an archive", src: "helm: {chart: '" + file + "//web'}\n", form: OneFile,
			holder: ByPlumbAlone, why: "folders of archives"},
		{name: "an archive on a branch", src: "helm:\n  chart: https://gitlab.com/a/b/-/raw/main/c.tgz\n",
			tracked: "https://gitlab.com/a/b/-/raw/main/c.tgz", form: BranchOrTag, holder: ByConsumer,
			want: "helm:\n  chart: https://gitlab.com/a/b/-/raw/" + commit + "/c.tgz # plumb: main\n"},
		{name: "git", src: git + "?ref=v1\n", tracked: bases + "@v1", form: BranchOrTag, holder: ByConsumer,
			want: git + "?ref=" + commit + " # plumb: v1\n"},
		{name: "git, pinned", src: git + "?ref=" + strings.Repeat("1a", 20) + " # plumb: v1\n",
			tracked: bases + "@v1", pin: strings.Repeat("1a", 20), form: BranchOrTag, holder: ByConsumer,
			want: git + "?ref=" + commit + " # plumb: v1\n"},
		{name: "git, HEAD", src: git + "\n", tracked: bases + "@HEAD", form: Head, holder: ByConsumer,
			want: git + "?ref=" + commit + " # plumb: HEAD\n"},
		{name: "git, shallow", src: git + "?ref=v1&depth=1\n", tracked: bases + "@v1", form: BranchOrTag,
			holder: ByPlumbAlone, why: "depth"},
		{name: "git by the host's name", src: "helm: {chart: 'github.com/acme/bases//web?ref=v1'}\n",
			tracked: bases + "@v1", form: BranchOrTag, holder: ByConsumer,
			want: "helm: {chart: 'github.com/acme/bases//web?ref=" + commit + "'}\n"},
		{name: "git over ssh", src: "helm:\n  chart: git@github.com:acme/bases.git\n",
			tracked: "ssh://github.com/acme/bases.git@HEAD", form: Head, holder: ByConsumer,
			want: "helm:\n  chart: git@github.com:acme/bases.git?ref=" + commit + " # plumb: HEAD\n"},
		{name: "a bucket", src: "helm: {chart: 's3::https://s3.amazonaws.com/a/web.tgz'}\n",
			holder: ByPlumbAlone, why: "does not read addresses"},
		{name: "a target's chart", src: local + "    chart: web\n    repo: https://charts.example.org\n    version: ^1\n",
			tracked: name + "@^1", form: VersionRange, holder: ByPlumbAlone,
			want: local + "    chart: web\n    repo: https://charts.example.org\n    version: 1.14.4 # plumb: ^1\n"},
	}
	for i := range cases {
		cases[i].file = "apps/web/fleet.yaml"
	}
	checkSources(t, cases)
}

func TestFleetTargetsVersion(t *testing.T) {
	src := "helm: {chart: web, repo: https://a.example, version: 1.0.0}\ntargets:\n- helm: {version: ^2}\n" +
		"- helm: {values: {a: b}}\n"
	f := NewScanner(Options{}).Scan("fleet.yaml", []byte(src))
	if len(f.References) != 2 || f.References[1].Tracked != "https://a.example#web@^2" ||
		f.References[1].Field != "targets[0].helm.version" || f.References[1].Line != 3 {
		t.Errorf("found %+v", f.References)
	}
}

func TestHelmOp(t *testing.T) {
	const head = "apiVersion: fleet.cattle.io/v1alpha1\nkind: HelmOp\nmetadata: {name: a}\nspec:\n  helm:\n"
	const oci, http = head + "    repo: oci://ghcr.io/acme/web\n", head + "    chart: web\n    repo: https://a.example\n"
	checkSources(t, []sourceCase{
		{name: "in a registry", src: oci + "    version: ^1\n", tracked: "oci://ghcr.io/acme#web@^1",
			form: VersionRange, holder: ByPlumbAlone, want: oci + "    version: 1.14.4 # plumb: ^1\n"},
		{name: "in a repository", src: http + "    version: 1.0.0\n", tracked: "https://a.example#web@1.0.0",
			pin: "1.0.0", form: Version, holder: ByPlumbAlone, want: http + "    version: 1.14.4\n"},
		{name: "in a registry without a path", src: head + "    repo: oci://acme\n    version: 1.0.0\n", pin: "1.0.0",
			form: Version, holder: ByPlumbAlone, why: "names no chart"},
	})
}

// A chart in the tree is no source, and files that are no fleet.yaml have none.
func TestFleetChartIsNone(t *testing.T) {
	for src, file := range map[string]string{
		"helm: {chart: ./web, version: 1.0.0}\n":                                         "fleet.yaml",
		"helm: {chart: web}\ntargets: [{helm: {version: 1.0.0}}]\n":                      "fleet.yaml",
		"helm: {repo: https://a.example}\n":                                              "fleet.yaml",
		"helm: {chart: 'file:///charts/web'}\n":                                          "fleet.yaml",
		"helm: {chart: web, repo: https://a.example, version: 1.0.0}\n":                  "my-fleet.yaml",
		"apiVersion: fleet.cattle.io/v1alpha1\nkind: Bundle\nspec: {helm: {chart: x}}\n": "a.yaml",
	} {
		f := NewScanner(Options{}).Scan(file, []byte(src))
		for _, r := range f.References {
			t.Errorf("%s: %s is a source", src, r.Reference)
		}
	}
}
