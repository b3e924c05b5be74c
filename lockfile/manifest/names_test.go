package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNamedValues holds what plumb makes of a value by the name of its flag, variable, entry
// or annotation: a reference, one that cannot be pinned ("!"), a remark ("?"), or nothing.
func TestNamedValues(t *testing.T) {
	variable := "v1 Pod spec: {containers: [{image: 'a@" + digestA + "', env: [{name: NAME, value: 'VALUE'}]}]}"
	flag := "v1 Pod spec: {containers: [{image: 'a@" + digestA + "', args: ['--NAME=VALUE']}]}"
	two := "v1 Pod spec: {containers: [{image: 'a@" + digestA + "', args: [--NAME, 'VALUE']}]}"
	entry := "v1 ConfigMap data: {NAME: 'VALUE'}"
	annotation := "v1 Pod metadata: {annotations: {NAME: 'VALUE'}}"
	for _, c := range []struct{ name, in, value, want string }{
		{"SIDECAR_IMAGE", variable, "quay.io/a/b:1", "quay.io/a/b:1"},
		{"SIDECAR_IMAGE", variable, "busybox:1.36", "busybox:1.36"},
		{"SIDECAR_IMAGE", variable, "quay.io/a/b", "?quay.io/a/b"},
		{"RELATED_IMAGE_X", variable, "quay.io/a/b", "!quay.io/a/b"},
		{"RELATED_IMAGE_X", variable, "web:1", "web:1"},
		{"RELATED_IMAGE_X", variable, "web", "!web"},
		{"SIDECAR_IMAGE", variable, "web", "?web"},
		{"SIDECAR_IMAGE", variable, "true", ""},
		{"HERO_IMAGE", variable, "web", ""},
		{"ROOK_CSI_CEPH_IMAGE", variable, "cephcsi/cephcsi:v3", "cephcsi/cephcsi:v3"},
		{"HERO_IMAGE", variable, "cdn.example.com/hero.png", ""},
		{"HERO_IMAGE", variable, "cdn.example.com/hero.png:2", "?cdn.example.com/hero.png:2"},
		{"HERO_IMAGE", variable, "hero:2", ""},
		{"IMAGE_SERVICE", variable, "imgproxy:8080", ""},
		{"IMAGE_SERVICE", variable, "imgproxy.example.com:8080", ""},
		{"IMAGE", variable, "quay.io/a/b:1", "quay.io/a/b:1"},
		{"IMAGE", variable, "web:1", ""},
		{"ALLOWED_IMAGES", variable, "quay.io/a/b:1", "?quay.io/a/b:1"},
		{"TARGET_IMAGE", variable, "quay.io/a/b:1", ""},

		{"image", flag, "photo:1", ""},
		{"image", two, "photo:1", ""},
		{"image", two, "quay.io/a/b:1", "quay.io/a/b:1"},
		{"reloader-image", flag, "a/b:1", "a/b:1"},
		{"prometheus-config-reloader", flag, "quay.io/a/b:1", "quay.io/a/b:1"},
		{"prometheus-default-base-image", flag, "quay.io/a/b", "?quay.io/a/b"},
		{"shell-image", two, "cgr.dev/a/b", "?cgr.dev/a/b"},
		{"hero-image", two, "cgr.dev/a/b", ""},
		{"prometheus-default-base-image", flag, "quay.io/a/b:1", "quay.io/a/b:1"},
		{"target-allocator-image", flag, "ghcr.io/otel/ta:1", "ghcr.io/otel/ta:1"},
		{"target-image", flag, "ghcr.io/otel/ta:1", ""},
		{"sidecarlogresults-image", two, "ghcr.io/tekton/s:1", "ghcr.io/tekton/s:1"},
		{"destination", flag, "quay.io/a/b:1", ""},
		{"exempt-image", flag, "quay.io/a/b:1", "?quay.io/a/b:1"},

		{"queue-sidecar-image", entry, "gcr.io/knative/queue:v1", "gcr.io/knative/queue:v1"},
		{"hero-image", entry, "cdn.example.com/hero.png", ""},
		{"trusted-images", entry, "quay.io/a/b:1", "?quay.io/a/b:1"},
		{"imageK8S", entry, "quay.io/a/b:1", "quay.io/a/b:1"},

		{"sidecar.istio.io/proxyImage", annotation, "evil", "!evil"},
		{"sidecar.istio.io/proxyImage", annotation, "evil:1", "!evil:1"},
		{"sidecar.istio.io/proxyImage", annotation, "evil/x", "evil/x"},
		{"sidecar.istio.io/proxyImage", annotation, "docker.io/istio/proxyv2:1", "docker.io/istio/proxyv2:1"},
		{"vault.hashicorp.com/agent-image", annotation, "vault", "vault"},
		{"config.linkerd.io/proxy-image", annotation, "cr.l5d.io/linkerd/proxy", "!cr.l5d.io/linkerd/proxy"},
		{"admission.datadoghq.com/java-lib.custom-image", annotation, "dd-lib", "dd-lib"},
		{"client.knative.dev/user-image", annotation, "quay.io/a/b:1", ""},
		{"example.com/hero-image", annotation, "cdn.example.com/hero.png", ""},
		{"example.com/sidecar-image", annotation, "a/b:1", "a/b:1"},
	} {
		version, rest, _ := strings.Cut(c.in, " ")
		kind, body, _ := strings.Cut(rest, " ")
		body = strings.NewReplacer("NAME", c.name, "VALUE", c.value).Replace(body)
		file := NewScanner(Options{}).Scan("a.yaml", []byte("apiVersion: "+version+"\nkind: "+kind+"\n"+body+"\n"))
		found := names(file.References)
		if kind == "Pod" && len(found) > 0 && strings.HasPrefix(found[0], "a@") {
			found = found[1:]
		}
		for _, r := range file.Remarks {
			found = append(found, "?"+r.Reference)
		}
		if diff := cmp.Diff(c.want, strings.Join(found, " ")); diff != "" {
			t.Errorf("%s=%s (-want +got):\n%s", c.name, c.value, diff)
		}
	}
}
