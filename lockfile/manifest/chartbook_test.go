package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The charts that many use are known by their names, wherever their values stand.
func TestChartBook(t *testing.T) {
	flux := func(chart, values string) string {
		return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: " + chart +
			", sourceRef: {kind: HelmRepository, name: x}}}\n  values:\n    " + values + "\n"
	}
	const noDigest = "image: {repository: quay.io/a/b, tag: v1}"
	const digest = "image: {repository: quay.io/a/b, tag: v1, digest: \"§\"}"
	const sha = "image: {repository: quay.io/a/b, tag: v1, sha: \"§\"}"
	for _, c := range []struct {
		name, in string
		editable bool
		pinned   string // how the digest is written
	}{
		{"a digest of its own", flux("cilium", noDigest), false, ""},
		{"a digest of its own, with one in the values", flux("cilium", digest), true, `"` + digestA},
		{"a digest of its own, off", flux("cilium", strings.Replace(noDigest, "}", ", useDigest: false}", 1)), true, "v1@" + digestA},
		{"deeper", flux("cilium", "hubble: {ui: {backend: {"+noDigest+"}}}"), false, ""},
		{"another chart", flux("other", noDigest), true, "v1@" + digestA},
		{"by a reference to it", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chartRef: {kind: OCIRepository, name: cilium}\n  values: {" + noDigest + "}\n",
			false, ""},
		{"in k3s", "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  chart: oci://quay.io/cilium/charts/cilium\n  valuesContent: |\n    " + noDigest + "\n", false, ""},
		{"in Argo CD", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: cilium\n    helm: {valuesObject: {" + noDigest + "}}\n", false, ""},
		{"a version", flux("kube-prometheus-stack", "prometheus: {prometheusSpec: {"+noDigest+"}}"), false, ""},
		{"a version, with a digest", flux("kube-prometheus-stack", "prometheus: {prometheusSpec: {"+sha+"}}"), true, `sha: "` + strings.TrimPrefix(digestA, "sha256:")},
		{"a dependency", flux("kube-prometheus-stack", "prometheus-node-exporter: {"+noDigest+"}"), false, ""},
		{"a sha with its prefix", flux("kube-prometheus-stack", "kube-state-metrics: {"+sha+"}"), true, `"` + digestA},
		{"a sha without", flux("kube-prometheus-stack", "grafana: {"+sha+"}"), true, "sha: \"" + strings.TrimPrefix(digestA, "sha256:")},
		{"a sha that is ignored", flux("kube-prometheus-stack", "crds: {upgradeJob: {image: {busybox: {repository: busybox, tag: v1, sha: \"\"}}}}"), true, "v1@" + digestA},
		{"a suffix by default", flux("gitea", noDigest), false, ""},
		{"no suffix", flux("gitea", strings.Replace(noDigest, "}", ", rootless: false}", 1)), true, "v1@" + digestA},
		{"distroless without a suffix", flux("ingress-nginx", "controller: {extraModules: [{image: {image: a/b, tag: v1, distroless: true}}]}"), true, "v1@" + digestA},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := strings.ReplaceAll(c.in, "§", "")
			f := NewScanner(Options{}).Scan("a.yaml", []byte(in))
			f.References = withoutSources(f.References)
			if len(f.References) != 1 || f.References[0].Editable != c.editable || !c.editable && f.References[0].Why == "" {
				t.Fatalf("found %+v", f.References)
			}
			got := pinAll(t, f, in, digestA)
			if !c.editable {
				if diff := cmp.Diff(in, got); diff != "" {
					t.Error(diff)
				}
			} else if strings.Count(got, c.pinned) != 1 {
				t.Errorf("got %s", got)
			}
		})
	}
}
