package manifest

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

const (
	fluxRelease = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n" +
		"metadata:\n  name: web\n  namespace: apps\nspec:\n  chart:\n    spec:\n      chart: web\n"
	fromAcme      = "      sourceRef: {kind: HelmRepository, name: acme}\n"
	fluxHelmChart = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\n" +
		"metadata:\n  name: web\n  namespace: apps\nspec:\n  chart: web\n" +
		"  sourceRef:\n    kind: HelmRepository\n    name: acme\n"
)

// helmRepositoryIn is a HelmRepository called acme.
func helmRepositoryIn(namespace, url string) string {
	return "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n" +
		"  name: acme\n  namespace: " + namespace + "\nspec:\n  url: " + url + "\n"
}

// scanFilled scans texts, called a.yaml, b.yaml and so on, and follows them. As a cache
// would, it encodes and decodes all but the first.
func scanFilled(t *testing.T, texts ...string) []File {
	t.Helper()
	s := NewScanner(Options{})
	var files []File
	for i, text := range texts {
		f := s.Scan(string(rune('a'+i))+".yaml", []byte(text))
		if i > 0 {
			decoded, _, err := DecodeFile(string(AppendFile(nil, &f)))
			if err != nil {
				t.Fatal(err)
			}
			f = decoded
		}
		files = append(files, f)
	}
	Fill(files, Options{})
	return files
}

func TestChartsOfReleases(t *testing.T) {
	const name = "https://charts.example.org#web"
	repository := helmRepositoryIn("apps", "https://charts.example.org/")
	for _, c := range []struct {
		name, src, other string
		tracked          string
		form             Form
		want, why        string
	}{
		{"exact", fluxRelease + "      version: 1.2.3\n" + fromAcme, repository, name + "@1.2.3",
			Version, fluxRelease + "      version: 1.14.4\n" + fromAcme, ""},
		{"a range", fluxRelease + "      version: 1.x\n" + fromAcme, repository, name + "@1.x",
			VersionRange, fluxRelease + "      version: 1.14.4 # plumb: 1.x\n" + fromAcme, ""},
		{"none", fluxRelease + fromAcme, repository, name + "@*", VersionRange,
			fluxRelease + "      version: 1.14.4 # plumb: *\n" + fromAcme, ""},
		{"pinned", fluxRelease + "      version: 1.2.0 # plumb: 1.x\n" + fromAcme, repository,
			name + "@1.x", VersionRange,
			fluxRelease + "      version: 1.14.4 # plumb: 1.x\n" + fromAcme, ""},
		{"a HelmChart", fluxHelmChart + "  version: \"1.*\"\n", repository, name + "@1.*",
			VersionRange, fluxHelmChart + "  version: \"1.14.4\" # plumb: 1.*\n", ""},
		{"a registry", fluxRelease + "      version: 1.2.3\n" + fromAcme,
			helmRepositoryIn("apps", "oci://ghcr.io/Acme"), "oci://ghcr.io/Acme#web@1.2.3", Version,
			fluxRelease + "      version: 1.14.4\n" + fromAcme, ""},
		{"a repository without a namespace", fluxRelease + "      version: 1.2.3\n" + fromAcme,
			strings.Replace(repository, "  namespace: apps\n", "", 1), name + "@1.2.3", Version,
			fluxRelease + "      version: 1.14.4\n" + fromAcme, ""},
		{"a namespace given", fluxRelease + "      version: 1.2.3\n" +
			"      sourceRef: {kind: HelmRepository, name: acme, namespace: flux}\n",
			helmRepositoryIn("flux", "https://charts.example.org") + "---\n" +
				helmRepositoryIn("apps", "https://other.example.org"), name + "@1.2.3", Version,
			fluxRelease + "      version: 1.14.4\n" +
				"      sourceRef: {kind: HelmRepository, name: acme, namespace: flux}\n", ""},
		{"another namespace", fluxRelease + "      version: 1.2.3\n" + fromAcme,
			helmRepositoryIn("flux", "https://charts.example.org"), "", Version, "",
			"no HelmRepository acme"},
		{"no repository", fluxRelease + "      version: 1.2.3\n" + fromAcme, "", "", Version, "",
			"no HelmRepository acme"},
		{"two that differ", fluxRelease + "      version: 1.2.3\n" + fromAcme,
			helmRepositoryIn("apps", "https://a.example.org") + "---\n" +
				helmRepositoryIn("apps", "https://b.example.org"), "", Version, "", "more than one"},
		{"two that are the same", fluxRelease + "      version: 1.2.3\n" + fromAcme,
			repository + "---\n" + repository, name + "@1.2.3", Version,
			fluxRelease + "      version: 1.14.4\n" + fromAcme, ""},
		{"no version", fluxRelease + "      version: newest\n" + fromAcme, repository,
			name + "@newest", NoForm, "", "neither a version nor a range"},
		{"a part of a release", fluxRelease + "      version: 1.2.3\n", repository, "", Version, "",
			"is written elsewhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := scanFilled(t, c.src, c.other)
			r := oneSource(t, &files[0])
			if r == nil {
				return
			}
			if r.Tracked != c.tracked || r.Source.Form != c.form || r.Input != lockfile.Chart ||
				r.Editable != (c.want != "") || !strings.Contains(r.Why, c.why) ||
				(r.Why == "") != (c.want != "") {
				t.Errorf("%+v %+v", r, r.Source)
			}
			got, err := Apply([]byte(c.src), r.PinSource(examplePin))
			if want := c.want; err != nil || want != "" && string(got) != want ||
				want == "" && string(got) != c.src {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
}

// The release's file may come from a cache, and the cache's memory stays as it was.
func TestChartOfACachedRelease(t *testing.T) {
	files := scanFilled(t, helmRepositoryIn("apps", "https://charts.example.org"),
		fluxRelease+"      version: 1.2.3\n"+fromAcme)
	r := oneSource(t, &files[1])
	if r.Tracked != "https://charts.example.org#web@1.2.3" || !r.Editable || r.Why != "" ||
		r.Reference != "https://charts.example.org#web@1.2.3" || r.Field != "spec.chart.spec.chart" {
		t.Errorf("%+v", r)
	}
	f := NewScanner(Options{}).Scan("b.yaml", []byte(fluxRelease+"      version: 1.2.3\n"+fromAcme))
	cached := f
	tree := []File{f, NewScanner(Options{}).Scan("a.yaml",
		[]byte(helmRepositoryIn("apps", "https://charts.example.org")))}
	tree[0].Uneditable("it is elsewhere")
	Fill(tree, Options{})
	if r := oneSource(t, &tree[0]); r.Editable || r.Why != "it is elsewhere" || r.Tracked == "" {
		t.Errorf("%+v", r)
	}
	if s := cached.References[0].Source; s.URL != "" && s == tree[0].References[0].Source {
		t.Errorf("what a cache has was changed: %+v", s)
	}
}

func TestHelmRepositoriesAndBuckets(t *testing.T) {
	checkSources(t, []sourceCase{
		{name: "repository", src: helmRepositoryIn("a", "https://Charts.example.org/x/"),
			tracked: "https://charts.example.org/x", holder: NotHeld, why: "a repository"},
		{name: "registry", src: helmRepositoryIn("a", "oci://GHCR.io/acme"),
			tracked: "oci://ghcr.io/acme", holder: NotHeld, why: "a repository"},
		{name: "no repository", src: helmRepositoryIn("a", "charts"), holder: NotHeld,
			why: "not that of a chart repository"},
		{name: "bucket", src: "apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\nspec:\n" +
			"  endpoint: minio.example.com:9000\n  bucketName: apps\n",
			tracked: "https://minio.example.com:9000/apps", holder: NotHeld, why: "cannot be pinned"},
	})
}

// Charts of git repositories and buckets, of other groups, and what only names other objects.
func TestChartsThatAreNoSources(t *testing.T) {
	for _, src := range []string{
		fluxRelease + "      sourceRef: {kind: GitRepository, name: acme}\n",
		fluxRelease + "      sourceRef: {kind: Bucket, name: acme}\n",
		strings.Replace(fluxHelmChart, "kind: HelmRepository", "kind: GitRepository", 1),
		strings.Replace(fluxHelmChart, "source.toolkit.fluxcd.io", "acme.io", 1),
		strings.Replace(fluxRelease, "helm.toolkit.fluxcd.io", "acme.io", 1) + fromAcme,
		strings.Replace(helmRepositoryIn("a", "https://a.example"), "source.toolkit", "acme", 1),
		"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chartRef:\n" +
			"    kind: OCIRepository\n    name: web\n",
	} {
		files := scanFilled(t, src)
		for _, r := range files[0].References {
			t.Errorf("%s\nis no source: %+v", src, r)
		}
	}
}
