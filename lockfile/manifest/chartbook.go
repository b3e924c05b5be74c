package manifest

import (
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/chartuse"
)

// chartRule is what a chart that many use does with the image in its values at path,
// where it differs from what the keys say.
type chartRule struct {
	chart, path string // "*" stands for one part of the path, and a "*" in front for any
	does        chartDoes
	key         string // the key of the digest, where one is wanted
}

// chartDoes is what a chart does with an image's parts.
type chartDoes uint8

const (
	// hasDigest: it prints a digest of its own unless the values have one.
	hasDigest chartDoes = iota + 1
	// readsTag: it takes the tag as a version, too.
	readsTag
	// wantsPrefix: its sha takes "sha256:" and the hex digits.
	wantsPrefix
	// ignoresDigest: its sha has no effect.
	ignoresDigest
	// appendsNothing: distroless changes no tag.
	appendsNothing
	// appendsRootless: it appends "-rootless" unless rootless is false.
	appendsRootless
)

// chartRules is read in the charts' templates and values, of the versions named.
var chartRules = []chartRule{
	// cilium 1.20.0, values.yaml: useDigest is true beside each digest.
	{"cilium", "*.image", hasDigest, "digest"},
	// ingress-nginx 4.15.1, values.yaml.
	{"ingress-nginx", "controller.image", hasDigest, "digest"},
	{"ingress-nginx", "controller.admissionWebhooks.patch.image", hasDigest, "digest"},
	{"ingress-nginx", "controller.extraModules.*.image", appendsNothing, ""},
	// kube-prometheus-stack 88.3.0, templates: spec.version is the tag.
	{"kube-prometheus-stack", "prometheus.prometheusSpec.image", readsTag, "sha"},
	{"kube-prometheus-stack", "alertmanager.alertmanagerSpec.image", readsTag, "sha"},
	{"kube-prometheus-stack", "thanosRuler.thanosRulerSpec.image", readsTag, "sha"},
	{"kube-prometheus-stack", "crds.upgradeJob.image.busybox", ignoresDigest, ""},
	// kube-state-metrics 8.2.0, templates/_helpers.tpl.
	{"kube-state-metrics", "image", wantsPrefix, ""},
	{"kube-state-metrics", "kubeRBACProxy.image", wantsPrefix, ""},
	// prometheus-node-exporter 4.56.1, templates/daemonset.yaml: semverCompare.
	{"prometheus-node-exporter", "image", readsTag, "digest"},
	// gitea, templates/_helpers.tpl and values.yaml.
	{"gitea", "image", appendsRootless, ""},
}

// named reports whether the rule is for the image at a path in the values of a release
// of chart; or in those of any, below the key that dependencies have their values under.
func (r *chartRule) named(chart, at string) bool {
	if chart == r.chart && r.matches(at) {
		return true
	}
	if !strings.Contains(at, r.chart) {
		return false
	}
	parts := strings.Split(at, ".")
	i := slices.Index(parts, r.chart)
	return i >= 0 && r.matches(strings.Join(parts[i+1:], "."))
}

func (r *chartRule) matches(at string) bool {
	if tail, ok := strings.CutPrefix(r.path, "*."); ok {
		return at == tail || strings.HasSuffix(at, "."+tail)
	}
	return chartuse.Match(r.path, at)
}

// chartIs notes the name of the chart whose values follow: that of a reference to it, such
// as oci://registry.example/charts/cilium.
func (f *finder) chartIs(name string) { f.chartName = strings.TrimPrefix(path.Base(name), ".") }

// byBook changes what is known of an image's parts by the rules of its chart.
func (f *finder) byBook(p *parts) {
	if f.chart != nil || p.base == "" {
		return
	}
	for i := range chartRules {
		r := &chartRules[i]
		if !r.named(f.chartName, p.base) {
			continue
		}
		switch r.does {
		case wantsPrefix:
			p.bare = false
		case ignoresDigest:
			p.chart.digestOff = true
		case appendsNothing:
			p.chart = chartKeys{}
		case appendsRootless:
			if get(p.m, "rootless") == nil {
				p.chart.appends, p.chart.appended = "rootless", "-rootless"
			}
		case hasDigest, readsTag:
			p.chart.rule = r
		}
	}
}

// why says why a tag cannot carry the digest, by the rule of its chart.
func (r *chartRule) why() string {
	if r.does == hasDigest {
		return "the chart " + r.chart + " has a digest of its own; write " + r.key +
			" beside the tag"
	}
	return "the chart " + r.chart + " reads the tag as a version, too; write " + r.key +
		" beside it"
}
