package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// pod is a Pod with one container whose fields are given.
func pod(container string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    " +
		strings.ReplaceAll(container, "\n", "\n    ") + "\n"
}

// rewriteCases give a text and what it becomes when all that can be pinned is
// pinned. In want, A stands for "@" and digestA. refs lists what is
// found, with a "!" before those that are not editable.
var rewriteCases = []struct {
	name string
	file string // manifest.yaml if empty
	in   string
	want string
	refs []string
}{
	{
		name: "plain",
		in:   pod("image: nginx:1.27"),
		want: pod("image: nginx:1.27§"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "what Argo CD Image Updater writes for kustomize",
		file: "apps/web/.argocd-source-web.yaml",
		in: "kustomize:\n  images:\n  - ghcr.io/acme/web:v1.4\n  - a=quay.io/acme/b:v2\n" +
			"  - old=quay.io/acme/c\n",
		want: "kustomize:\n  images:\n  - ghcr.io/acme/web:v1.4§\n  - a=quay.io/acme/b:v2§\n" +
			"  - old=quay.io/acme/c\n",
		refs: []string{"ghcr.io/acme/web:v1.4", "quay.io/acme/b:v2", "!old=quay.io/acme/c"},
	}, {
		name: "what Argo CD Image Updater writes for Helm",
		file: ".argocd-source-team_web.yaml",
		in: "helm:\n  parameters:\n  - name: image.name\n    value: ghcr.io/acme/web\n" +
			"    forcestring: true\n  - name: image.tag\n    value: v1.4\n    forcestring: true\n" +
			"  - name: side.image.repository\n    value: ghcr.io/acme/side\n" +
			"  - name: side.image.tag\n    value: \"2\"\n",
		want: "helm:\n  parameters:\n  - name: image.name\n    value: ghcr.io/acme/web\n" +
			"    forcestring: true\n  - name: image.tag\n    value: v1.4§\n    forcestring: true\n" +
			"  - name: side.image.repository\n    value: ghcr.io/acme/side\n" +
			"  - name: side.image.tag\n    value: \"2§\"\n",
		refs: []string{"ghcr.io/acme/web:v1.4", "ghcr.io/acme/side:2"},
	}, {
		name: "no tag gets the tag that it means",
		in:   pod("image: nginx"),
		want: pod("image: nginx:latest§"),
		refs: []string{"nginx"},
	}, {
		name: "many documents",
		in:   pod("image: a:1") + "---\n" + pod("image: b:1") + "---\n---\n# nothing\n---\n" + pod("image: c:1") + "...\n",
		want: pod("image: a:1§") + "---\n" + pod("image: b:1§") + "---\n---\n# nothing\n---\n" + pod("image: c:1§") + "...\n",
		refs: []string{"a:1", "b:1", "c:1"},
	}, {
		name: "comments everywhere",
		in:   "# head\napiVersion: v1 # v\nkind: Pod\n# between\nspec: # s\n  containers:\n  # before\n  -\n    # between dash and key\n    name: web\n    image:   nginx:1.27   # after {\"$imagepolicy\": \"flux-system:web\"}\n    # last\n# end\n",
		want: "# head\napiVersion: v1 # v\nkind: Pod\n# between\nspec: # s\n  containers:\n  # before\n  -\n    # between dash and key\n    name: web\n    image:   nginx:1.27§   # after {\"$imagepolicy\": \"flux-system:web\"}\n    # last\n# end\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "single quotes",
		in:   pod("image: 'nginx:1.27'"),
		want: pod("image: 'nginx:1.27§'"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "double quotes",
		in:   pod(`image: "nginx:1.27" # c`),
		want: pod(`image: "nginx:1.27§" # c`),
		refs: []string{"nginx:1.27"},
	}, {
		name: "escapes in double quotes",
		in:   pod(`image: "nginx\x3a1.27"`),
		want: pod(`image: "nginx\x3a1.27§"`),
		refs: []string{"nginx:1.27"},
	}, {
		name: "folded double quotes",
		in:   pod("image: \"nginx\\\n  :1.27\""),
		want: pod("image: \"nginx\\\n  :1.27§\""),
		refs: []string{"nginx:1.27"},
	}, {
		name: "anchor and alias that want the same pin",
		in:   pod("image: &web nginx:1.27\n") + "  initContainers:\n  - name: init\n    image: *web\n",
		want: pod("image: &web nginx:1.27§\n") + "  initContainers:\n  - name: init\n    image: *web\n",
		refs: []string{"nginx:1.27", "nginx:1.27"},
	}, {
		name: "anchor that serves a label as well",
		in:   "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    image: &web nginx:1.27\nspec:\n  containers:\n  - name: web\n    image: *web\n",
		want: "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    image: &web nginx:1.27\nspec:\n  containers:\n  - name: web\n    image: *web\n",
		refs: []string{"!nginx:1.27"},
	}, {
		name: "merge key",
		in:   "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &base\n    name: a\n    image: nginx:1.27\n  - <<: *base\n    name: b\n",
		want: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &base\n    name: a\n    image: nginx:1.27§\n  - <<: *base\n    name: b\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "merge key under an own image",
		in:   "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &base\n    name: a\n    image: nginx:1.27\n  - <<: *base\n    image: redis:7\n",
		want: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &base\n    name: a\n    image: nginx:1.27§\n  - <<: *base\n    image: redis:7§\n",
		refs: []string{"nginx:1.27", "redis:7"},
	}, {
		name: "redefined anchor",
		in:   "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: &i nginx:1\n    name: a\n  - image: *i\n    name: b\n  - image: &i redis:7\n    name: c\n  - image: *i\n    name: d\n",
		want: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: &i nginx:1§\n    name: a\n  - image: *i\n    name: b\n  - image: &i redis:7§\n    name: c\n  - image: *i\n    name: d\n",
		refs: []string{"nginx:1", "nginx:1", "redis:7", "redis:7"},
	}, {
		name: "tag !!str",
		in:   pod("image: !!str nginx:1.27"),
		want: pod("image: !!str nginx:1.27§"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "other tag",
		in:   pod("image: !secret nginx:1.27"),
		want: pod("image: !secret nginx:1.27"),
		refs: []string{"!nginx:1.27"},
	}, {
		name: "literal block",
		in:   pod("image: |-\n  nginx:1.27\nports: []"),
		want: pod("image: |-\n  nginx:1.27§\nports: []"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "folded block with an indentation indicator",
		in:   pod("image: >2-\n  nginx:1.27\nports: []"),
		want: pod("image: >2-\n  nginx:1.27§\nports: []"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "flow on one line",
		in:   "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx:1.27}, {image: 'redis:7', name: b}]}\n",
		want: "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: nginx:1.27§}, {image: 'redis:7§', name: b}]}\n",
		refs: []string{"nginx:1.27", "redis:7"},
	}, {
		name: "KYAML",
		in:   "---\n{\n  apiVersion: \"v1\",\n  kind: \"Pod\",\n  spec: {\n    containers: [{\n      name: \"web\",\n      image: \"nginx:1.27\",\n    }],\n  },\n}\n",
		want: "---\n{\n  apiVersion: \"v1\",\n  kind: \"Pod\",\n  spec: {\n    containers: [{\n      name: \"web\",\n      image: \"nginx:1.27§\",\n    }],\n  },\n}\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "JSON",
		file: "pod.json",
		in:   "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"spec\": {\"containers\": [{\"name\": \"web\", \"image\": \"nginx:1.27\"}]}\n}\n",
		want: "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"spec\": {\"containers\": [{\"name\": \"web\", \"image\": \"nginx:1.27§\"}]}\n}\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "tab after the colon",
		in:   pod("image:\tnginx:1.27\t# c"),
		want: pod("image:\tnginx:1.27§\t# c"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "emoji and accents on the same line",
		in:   "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: \"é🚀\", image: nginx:1.27, x: \"ü\"}]}\n",
		want: "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: \"é🚀\", image: nginx:1.27§, x: \"ü\"}]}\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "U+2028 and NEL in comments",
		in:   "# a\u2028b\n" + pod("image: nginx:1.27 # x\u0085y"),
		want: "# a\u2028b\n" + pod("image: nginx:1.27§ # x\u0085y"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "a line of 200 KiB",
		in:   "# " + strings.Repeat("x", 200<<10) + "\n" + pod("image: nginx:1.27\ncommand: [\""+strings.Repeat("y", 200<<10)+"\"]"),
		want: "# " + strings.Repeat("x", 200<<10) + "\n" + pod("image: nginx:1.27§\ncommand: [\""+strings.Repeat("y", 200<<10)+"\"]"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "complex key",
		in:   pod("image: nginx:1.27\n? [a, b]\n: c"),
		want: pod("image: nginx:1.27§\n? [a, b]\n: c"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "quoted keys",
		in:   "\"apiVersion\": v1\n'kind': Pod\nspec:\n  \"containers\":\n  - 'name': web\n    \"image\": nginx:1.27\n",
		want: "\"apiVersion\": v1\n'kind': Pod\nspec:\n  \"containers\":\n  - 'name': web\n    \"image\": nginx:1.27§\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "duplicate keys",
		in:   pod("image: nginx:1.26\nimage: nginx:1.27"),
		want: pod("image: nginx:1.26\nimage: nginx:1.27§"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "separator and manifest inside a ConfigMap",
		in:   "apiVersion: v1\nkind: ConfigMap\ndata:\n  pod.yaml: |\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: a\n        image: nginx:1.27\n    ---\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: b\n        image: redis:7 # c\n",
		want: "apiVersion: v1\nkind: ConfigMap\ndata:\n  pod.yaml: |\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: a\n        image: nginx:1.27§\n    ---\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: b\n        image: redis:7§ # c\n",
		refs: []string{"nginx:1.27", "redis:7"},
	}, {
		name: "image that is a map in a custom resource",
		in:   "apiVersion: example.com/v1\nkind: App\nspec:\n  image:\n    repository: quay.io/acme/app\n    tag: v1\n",
		want: "apiVersion: example.com/v1\nkind: App\nspec:\n  image:\n    repository: quay.io/acme/app\n    tag: v1§\n",
		refs: []string{"quay.io/acme/app:v1"},
	}, {
		name: "empty and null images",
		in:   "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: \"\"\n    name: a\n  - image:\n    name: b\n  - image: null\n    name: c\n  - image: ~\n    name: d\n",
		want: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: \"\"\n    name: a\n  - image:\n    name: b\n  - image: null\n    name: c\n  - image: ~\n    name: d\n",
	}, {
		name: "nested List",
		in:   "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - image: nginx:1.27\n        name: a\n",
		want: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - image: nginx:1.27§\n        name: a\n",
		refs: []string{"nginx:1.27"},
	}, {
		name: "directives",
		in:   "%YAML 1.1\n---\n" + pod("image: nginx:1.27"),
		want: "%YAML 1.1\n---\n" + pod("image: nginx:1.27§"),
		refs: []string{"nginx:1.27"},
	}, {
		name: "split values with a numeric tag",
		in:   "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: nginx\n      tag: 1.25\n    side:\n      image: {repository: redis, tag: 7}\n",
		want: "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: nginx\n      tag: 1.25§\n    side:\n      image: {repository: redis, tag: 7§}\n",
		refs: []string{"nginx:1.25", "redis:7"},
	}, {
		name: "split values with digest keys",
		in:   "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    a: {image: {registry: ghcr.io, repository: acme/a, tag: v1, digest: \"\"}}\n    b:\n      image:\n        registry: ghcr.io\n        repository: acme/b\n        tag: v1\n        sha: \"\"\n    c:\n      image:\n        repository: acme/c\n        tag: v1\n        digest:\n",
		want: "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    a: {image: {registry: ghcr.io, repository: acme/a, tag: v1, digest: \"‡\"}}\n    b:\n      image:\n        registry: ghcr.io\n        repository: acme/b\n        tag: v1\n        sha: \"†\"\n    c:\n      image:\n        repository: acme/c\n        tag: v1\n        digest: ‡\n",
		refs: []string{"ghcr.io/acme/a:v1", "ghcr.io/acme/b:v1", "acme/c:v1"},
	}, {
		name: "kustomization",
		file: "kustomization.yaml",
		in:   "resources: [a.yaml]\nimages:\n- name: app\n  newName: ghcr.io/acme/app\n  newTag: v1 # tag\n- newTag: v2\n  name: other\n- {name: flow, newTag: v3}\n- name: renamed\n  newName: mirror.example.com/renamed\n",
		want: "resources: [a.yaml]\nimages:\n- name: app\n  newName: ghcr.io/acme/app\n  newTag: v1 # tag\n  digest: ‡\n- newTag: v2\n  digest: ‡\n  name: other\n- {name: flow, newTag: v3, digest: ‡}\n- name: renamed\n  newName: mirror.example.com/renamed\n",
		refs: []string{"ghcr.io/acme/app:v1", "other:v2", "flow:v3", "!mirror.example.com/renamed"},
	}, {
		name: "OCIRepository",
		in:   "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  ref:\n    tag: 1.0.0\n  url: oci://ghcr.io/acme/chart\n",
		want: "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  ref:\n    tag: 1.0.0\n    digest: ‡\n  url: oci://ghcr.io/acme/chart\n",
		refs: []string{"oci://ghcr.io/acme/chart:1.0.0"},
	}, {
		name: "OCIRepository without ref",
		in:   "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/acme/chart\n  interval: 1h\n",
		want: "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/acme/chart\n  ref:\n    tag: latest\n    digest: ‡\n  interval: 1h\n",
		refs: []string{"oci://ghcr.io/acme/chart"},
	}, {
		name: "arguments in both forms",
		in:   pod("image: nginx:1.27\nargs: [\"--sidecar-image=quay.io/a/b:1\", --x, -entrypoint-image, \"quay.io/a/c:2\"]"),
		want: pod("image: nginx:1.27§\nargs: [\"--sidecar-image=quay.io/a/b:1§\", --x, -entrypoint-image, \"quay.io/a/c:2§\"]"),
		refs: []string{"nginx:1.27", "quay.io/a/b:1", "quay.io/a/c:2"},
	}, {
		name: "environment",
		in:   pod("image: nginx:1.27\nenv:\n- name: RELATED_IMAGE_X\n  value: quay.io/a/b:1\n- name: TARGET_IMAGE\n  value: quay.io/a/pushed:1\n- name: STRIMZI_KAFKA_IMAGES\n  value: |\n    3.6.0=quay.io/strimzi/kafka:a\n    3.7.0=quay.io/strimzi/kafka:b"),
		want: pod("image: nginx:1.27§\nenv:\n- name: RELATED_IMAGE_X\n  value: quay.io/a/b:1§\n- name: TARGET_IMAGE\n  value: quay.io/a/pushed:1\n- name: STRIMZI_KAFKA_IMAGES\n  value: |\n    3.6.0=quay.io/strimzi/kafka:a§\n    3.7.0=quay.io/strimzi/kafka:b§"),
		refs: []string{"nginx:1.27", "quay.io/a/b:1", "quay.io/strimzi/kafka:a", "quay.io/strimzi/kafka:b"},
	}, {
		name: "inline patches",
		file: "kustomization.yaml",
		in:   "patches:\n- patch: |-\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: nginx:1.27\n  target: {kind: Deployment}\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: x}\n    spec: {template: {spec: {containers: [{name: a, image: redis:7}]}}}\n",
		want: "patches:\n- patch: |-\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: nginx:1.27§\n  target: {kind: Deployment}\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: x}\n    spec: {template: {spec: {containers: [{name: a, image: redis:7§}]}}}\n",
		refs: []string{"nginx:1.27", "redis:7"},
	}, {
		name: "invalid names",
		in:   "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a, image: \"docker://nginx:1\"}\n  - {name: b, image: ghcr.io/Acme/app:1}\n  - {name: c, image: scratch}\n",
		want: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: a, image: \"docker://nginx:1\"}\n  - {name: b, image: ghcr.io/Acme/app:1}\n  - {name: c, image: scratch}\n",
		refs: []string{"!docker://nginx:1", "!ghcr.io/Acme/app:1", "!scratch"},
	}, {
		name: "Helm template",
		file: "chart/templates/web.yaml",
		in:   "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    {{- include \"x\" . | nindent 4 }}\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image }}\n  - name: b\n    image: busybox:1.36 # literal\n{{- end }}\n",
		want: "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    {{- include \"x\" . | nindent 4 }}\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image }}\n  - name: b\n    image: busybox:1.36§ # literal\n{{- end }}\n",
		refs: []string{"busybox:1.36"},
	}, {
		name: "SOPS",
		in:   pod("image: nginx:1.27") + "sops:\n  mac: ENC[AES256_GCM,data:x]\n",
		want: pod("image: nginx:1.27") + "sops:\n  mac: ENC[AES256_GCM,data:x]\n",
		refs: []string{"!nginx:1.27"},
	},
}

// forms are the ways in which the same text can lie on a disk.
var forms = []struct {
	name  string
	apply func(string) string
}{
	{"lf", func(s string) string { return s }},
	{"crlf", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
	{"bom", func(s string) string { return "\ufeff" + s }},
	{"no final newline", func(s string) string { return strings.TrimRight(s, "\n") }},
}

func TestRewrite(t *testing.T) {
	expand := strings.NewReplacer("§", "@"+digestA, "‡", digestA, "†", strings.TrimPrefix(digestA, "sha256:"))
	for _, c := range rewriteCases {
		for _, form := range forms {
			t.Run(c.name+"/"+form.name, func(t *testing.T) {
				file := c.file
				if file == "" {
					file = "manifest.yaml"
				}
				in := form.apply(c.in)
				want := form.apply(expand.Replace(c.want))
				checkRewrite(t, file, in, want, c.refs)
			})
		}
	}
}

func checkRewrite(t *testing.T, file, in, want string, wantRefs []string) {
	t.Helper()
	s := NewScanner(Options{})
	found := s.Scan(file, []byte(in))
	if found.Unreadable != nil {
		t.Fatalf("unreadable: %+v", *found.Unreadable)
	}
	var refs []string
	for _, r := range found.References {
		name := r.Reference
		if !r.Editable {
			name = "!" + name
			if r.Why == "" {
				t.Errorf("%s is not editable, and does not say why", name)
			}
		}
		refs = append(refs, name)
	}
	if diff := cmp.Diff(wantRefs, refs); diff != "" {
		t.Errorf("references (-want +got):\n%s\nremarks: %+v", diff, found.Remarks)
	}
	got := pinAll(t, found, in, digestA)
	if got != want {
		t.Fatalf("rewritten (-want +got):\n%s", cmp.Diff(want, got))
	}
	again := s.Scan(file, []byte(got))
	for _, r := range again.References {
		if r.Editable && r.Digest != digestA {
			t.Errorf("%s:%d: %s: still not pinned", file, r.Line, r.Reference)
		}
	}
	if second := pinAll(t, again, got, digestA); second != got {
		t.Errorf("pinning twice changed the text:\n%s", cmp.Diff(got, second))
	}
	moved := pinAll(t, again, got, digestB)
	if back := pinAll(t, s.Scan(file, []byte(moved)), moved, digestA); back != got {
		t.Errorf("moving a pin there and back changed the text:\n%s", cmp.Diff(got, back))
	}
}

func pinAll(t *testing.T, f File, src, digest string) string {
	t.Helper()
	var edits []Edit
	for _, r := range f.References {
		if !r.Editable {
			if _, err := r.Pin(digest, TagAndDigest); err == nil && r.Digest != digest {
				t.Errorf("%s is not editable, but Pin edits it", r.Reference)
			}
			continue
		}
		e, err := r.Pin(digest, TagAndDigest)
		if err != nil {
			t.Fatal(err)
		}
		edits = append(edits, e...)
	}
	out, err := Apply([]byte(src), edits)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPositions(t *testing.T) {
	src := "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: \"é\", image: \"nginx:1.27\"}]}\n"
	r := NewScanner(Options{}).Scan("a.yaml", []byte(src)).References
	if len(r) != 1 {
		t.Fatalf("references: %+v", r)
	}
	got := fmt.Sprintf("%s:%d:%d %s %s", r[0].File, r[0].Line, r[0].Column, r[0].Field, r[0].Tracked)
	if want := "a.yaml:3:41 spec.containers[0].image docker.io/library/nginx:1.27"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []Edit
	}{
		{"text that is not there", []Edit{{Start: 0, End: 1, Old: "x", New: "y"}}},
		{"a place outside", []Edit{{Start: 3, End: 9, Old: "", New: "y"}}},
		{"a span that runs backwards", []Edit{{Start: 2, End: 1, Old: "", New: "y"}}},
		{"two edits of the same bytes", []Edit{{Start: 0, End: 2, Old: "ab", New: "x"}, {Start: 1, End: 3, Old: "bc", New: "y"}}},
		{"two texts for one place", []Edit{{Start: 1, End: 1, New: "x"}, {Start: 1, End: 1, New: "y"}}},
	} {
		if got, err := Apply([]byte("abc"), c.edits); err == nil {
			t.Errorf("%s: got %q, want an error", c.name, got)
		}
	}
	same := Edit{Start: 1, End: 2, Old: "b", New: "B"}
	got, err := Apply([]byte("abc"), []Edit{{Start: 3, End: 3, New: "!"}, same, same})
	if err != nil || string(got) != "aBc!" {
		t.Errorf("got %q, %v", got, err)
	}
}
