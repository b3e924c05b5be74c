package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What stands beside an image's parts in Helm values decides where its digest goes, and
// whether there is a place for it: § is the digest, a name with ! cannot be edited.
func TestChartKeys(t *testing.T) {
	for _, c := range []struct{ name, in, want, ref string }{
		{"a digest that is switched off", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", useDigest: false}\n",
			"image: {repository: quay.io/a/b, tag: v1@§, digest: \"\", useDigest: false}\n", "quay.io/a/b:v1"},
		{"off, with a digest that the chart ignores", "image: {repository: quay.io/a/b, tag: v1, digest: sha256:" + strings.Repeat("0", 64) + ", useDigest: no}\n",
			"image: {repository: quay.io/a/b, tag: v1@§, digest: sha256:" + strings.Repeat("0", 64) + ", useDigest: no}\n", "quay.io/a/b:v1"},
		{"switched on", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", useDigest: true}\n",
			"image: {repository: quay.io/a/b, tag: v1, digest: \"§\", useDigest: true}\n", "quay.io/a/b:v1"},
		{"a text is no false", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", useDigest: \"false\"}\n",
			"image: {repository: quay.io/a/b, tag: v1, digest: \"§\", useDigest: \"false\"}\n", "quay.io/a/b:v1"},
		{"switched on, without a digest", "image: {repository: quay.io/a/b, tag: v1, useDigest: true}\n", "", "!quay.io/a/b:v1"},
		{"distroless, with a digest", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", distroless: true}\n",
			"image: {repository: quay.io/a/b, tag: v1, digest: \"§\", distroless: true}\n", "quay.io/a/b:v1 -> quay.io/a/b:v1-distroless"},
		{"distroless, without", "image: {repository: quay.io/a/b, tag: v1, distroless: true}\n", "", "!quay.io/a/b:v1 -> quay.io/a/b:v1-distroless"},
		{"not distroless", "image: {repository: quay.io/a/b, tag: v1, distroless: false}\n",
			"image: {repository: quay.io/a/b, tag: v1@§, distroless: false}\n", "quay.io/a/b:v1"},
		{"a suffix that is known", "image: {repository: quay.io/a/b, tag: v1, sha: \"\", tagSuffix: -fips}\n",
			"image: {repository: quay.io/a/b, tag: v1, sha: \"hex\", tagSuffix: -fips}\n", "quay.io/a/b:v1 -> quay.io/a/b:v1-fips"},
		{"a suffix that is not", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", tagSuffix: jmx}\n", "", "!quay.io/a/b:v1 -> "},
		{"a suffix of all", "image: {repository: quay.io/a/b, tag: v1}\nglobal: {image: {tagSuffix: -fips}}\n", "", "!quay.io/a/b:v1 -> quay.io/a/b:v1-fips"},
		{"a digest that is off for all", "image: {repository: quay.io/a/b, tag: v1, digest: \"\"}\nglobal: {useDigest: false}\n",
			"image: {repository: quay.io/a/b, tag: v1@§, digest: \"\"}\nglobal: {useDigest: false}\n", "quay.io/a/b:v1"},
		{"a variant", "image: {repository: quay.io/a/b, tag: v1, digest: \"\", variant: scratch}\n", "", "!quay.io/a/b:v1 -> "},
		{"no variant", "image: {repository: quay.io/a/b, tag: v1, variant: \"\", flavour: ~}\n",
			"image: {repository: quay.io/a/b, tag: v1@§, variant: \"\", flavour: ~}\n", "quay.io/a/b:v1"},
		{"a digest that the suffix follows", "image: {repository: quay.io/a/b, tag: v1@sha256:" + strings.Repeat("0", 64) + ", distroless: true}\n", "",
			"!quay.io/a/b:v1@sha256:" + strings.Repeat("0", 64) + " -> "},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewScanner(Options{}).scanValues("values.yaml", []byte(c.in))
			if len(f.References) != 1 {
				t.Fatalf("found %+v", f.References)
			}
			r := f.References[0]
			got := names(f.References)[0]
			if r.Tracked != r.Reference {
				got += " -> " + r.Tracked
			}
			if got != c.ref || !r.Editable && r.Why == "" {
				t.Errorf("found %s (%s), want %s", got, r.Why, c.ref)
			}
			want := strings.NewReplacer("§", digestA, "hex", strings.TrimPrefix(digestA, "sha256:")).Replace(c.want)
			if c.want == "" {
				want = c.in
			}
			if diff := cmp.Diff(want, pinAll(t, f, c.in, digestA)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// In Helm values, a name that has no tag is none of latest: the tag stands elsewhere.
func TestValuesWithoutTag(t *testing.T) {
	for _, c := range []struct {
		in   string
		refs []string
	}{
		{"main: {image: registry.example/a/b, version: v3}\n", []string{"!registry.example/a/b"}},
		{"main: {image: acme/b, appVersion: v3}\n", []string{"!acme/b"}},
		{"main: {repository: registry.example/a/b, version: v3}\n", []string{"!registry.example/a/b"}},
		{"main: {repository: registry.example/a/b, chart: c, version: v3}\n", nil},
		{"agent: {image: acme/b, tag: \"\"}\n", []string{"!acme/b"}},
		{"image: {name: registry.example/a/b, version: v3}\n", []string{"!registry.example/a/b"}},
		{"image: {name: b}\n", nil},
		{"image: {repository: \"\", tag: v3}\n", []string{"!:v3"}},
		{"image: {repo: quay.io/a/b, tag: v3}\n", []string{"!:v3"}},
		{"agent: {image: registry.example/a/b}\n", []string{"!registry.example/a/b"}},
		{"sidecarImage: registry.example/a/b\nsidecarImageTag: v1\n", []string{"!registry.example/a/b"}},
		{"main: {image: registry.example/a/b:v1, version: v3}\n", []string{"registry.example/a/b:v1"}},
		{"extraContainers: [{name: a, image: busybox}]\n", []string{"busybox"}}, // which kubelet reads
		{"image: {tag: \"2.0\"}\n", []string{"!:2.0"}},
		{"image: {tag: v2, pullPolicy: Always}\n", []string{"!:v2"}},
		{"web: {imageTag: v2}\n", []string{"!:v2"}},
		{"global: {hub: docker.io/istio, tag: 1.25.1}\n", []string{"!:1.25.1"}},
		{"controllerImageTag: v2\n", []string{"!:v2"}},
		{"image: {tag: v2@" + digestA + "}\n", nil},
		{"image: {tag: v2, digest: " + digestA + "}\n", nil},
		{"image: {tag: v2, digest: " + digestA + ", useDigest: false}\n", []string{"!:v2"}},
		{"controllerImageTag: v2@" + digestA + "\n", nil},
		{"image: {tag: \"\"}\n", nil},
		{"git: {tag: v1}\n", nil},
		{"tag: v1\n", []string{"!:v1"}},
		{"global: {tag: v1}\n", []string{"!:v1"}},
		{"image: {override: quay.io/a/b:v1}\n", []string{"quay.io/a/b:v1"}},
		{"cluster: {override: a:b}\n", nil},
		{"imageK8S: a/b:1\nimageEnvoy: envoy:v1\n", []string{"a/b:1", "envoy:v1"}},
		{"imagePullSecret: a:b\nimageRegistry: reg:5000\nimageURL: a:b\nimages: {web: \"a/b:1\", pull: x}\nimagery: a:b\n", []string{"a/b:1"}},
	} {
		f := NewScanner(Options{}).scanValues("values.yaml", []byte(c.in))
		if diff := cmp.Diff(c.refs, names(f.References)); diff != "" {
			t.Errorf("%s(-want +got):\n%s", c.in, diff)
		}
		for _, r := range f.References {
			if !r.Editable && r.Why == "" {
				t.Errorf("%s: nothing says why", c.in)
			}
		}
	}
}
