package manifest

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

const (
	fluxInstance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nspec:\n"
	fluxSyncGit  = "  sync:\n    kind: GitRepository\n    url: https://github.com/acme/fleet\n" +
		"    ref: refs/heads/main\n    path: clusters/a\n"
	instanceChart = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n" +
		"  chartRef: {kind: OCIRepository, name: flux-instance}\n  values:\n   instance:\n"
)

func TestFluxInstances(t *testing.T) {
	const name = "https://github.com/acme/fleet@refs/heads/main"
	inValues := strings.ReplaceAll(fluxSyncGit, "  ", "    ")
	checkSources(t, []sourceCase{
		{name: "git", src: fluxInstance + fluxSyncGit, tracked: name, form: FullRef,
			holder: ByPlumbAlone, why: "takes a ref and no commit"},
		{name: "the chart's values", src: instanceChart + inValues, tracked: name, form: FullRef,
			holder: ByPlumbAlone, why: "takes a ref and no commit"},
		{name: "a bucket", src: fluxInstance +
			"  sync: {kind: Bucket, url: https://s3.example.com, ref: fleet}\n",
			tracked: "https://s3.example.com/fleet", holder: NotHeld, why: "cannot be pinned"},
	})
	f := NewScanner(Options{}).Scan("a.yaml", []byte(fluxInstance+
		"  sync: {kind: OCIRepository, url: \"oci://ghcr.io/acme/fleet\", ref: v1}\n"))
	if len(f.References) != 1 || f.References[0].Tracked != "ghcr.io/acme/fleet:v1" ||
		f.References[0].Input != lockfile.Artifact || f.References[0].Editable ||
		!strings.Contains(f.References[0].Why, "no digest") {
		t.Errorf("%+v", f.References)
	}
	for _, src := range []string{
		strings.Replace(fluxInstance, "fluxcd.controlplane.io", "acme.io", 1) + fluxSyncGit,
		strings.Replace(instanceChart, "name: flux-instance", "name: other", 1) + inValues,
		fluxInstance + "  storage:\n  " + strings.ReplaceAll(fluxSyncGit, "\n", "\n  ") + "\n",
		fluxInstance + "  sync: {kind: GitRepository, ref: refs/heads/main}\n",
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			t.Errorf("%s\nis no source: %+v", src, r)
		}
	}
}

func TestDashboards(t *testing.T) {
	const head = "apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDashboard\nspec:\n  "
	const raw = "https://raw.githubusercontent.com/acme/app/"
	commit := strings.Repeat("1", 40)
	checkSources(t, []sourceCase{
		{name: "a file", src: head + "url: https://grafana.com/api/dashboards/1/revisions/2/download\n",
			tracked: "https://grafana.com/api/dashboards/1/revisions/2/download", form: OneFile,
			holder: ByPlumbAlone, why: "fetches it while it runs"},
		{name: "a branch", src: head + "url: " + raw + "main/a.json\n", tracked: raw + "main/a.json",
			form: BranchOrTag, holder: ByPlumbAlone, why: "fetches it while it runs"},
		{name: "a commit", src: head + "url: " + raw + commit + "/a.json\n", pin: commit,
			tracked: raw + commit + "/a.json", form: Commit, holder: ByConsumer,
			why: "fetches it while it runs"},
	})
	for _, src := range []string{head + "grafanaCom: {id: 1}\n",
		strings.Replace(head, "GrafanaDashboard", "GrafanaDatasource", 1) + "url: " + raw + "main/a\n",
		strings.Replace(head, "grafana.integreatly.org", "acme.io", 1) + "url: " + raw + "main/a\n",
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			t.Errorf("%s\nis no source: %+v", src, r)
		}
	}
}
