package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// severe are the texts of the remarks that are errors.
func severe(f File) []string {
	var out []string
	for _, r := range f.Remarks {
		if r.Severe {
			out = append(out, r.Reference)
		}
	}
	return out
}

// TestKustomizeFields holds what is found in the fields of kustomize that others take, and in
// what cannot be rendered here. Kustomizations are rendered in a test of lockroot.
func TestKustomizeFields(t *testing.T) {
	const (
		flux    = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
		release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
		argo    = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
	)
	for _, c := range []struct {
		name, file, src string
		want, errors    []string
	}{
		{"flux, operations", "a.yaml", flux + "spec: {patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/template/spec/initContainers\", \"value\": [{\"name\": \"x\", \"image\": \"b\"}]}]'}]}\n",
			[]string{"b"}, nil},
		{"flux, a copy", "a.yaml", flux + "spec: {patches: [{patch: '- {op: copy, from: /metadata/labels/x, path: /spec/template/spec/containers/0/image}'}]}\n",
			nil, []string{"/metadata/labels/x"}},
		{"flux, a copy of no image", "a.yaml", flux + "spec: {patches: [{patch: '- {op: copy, from: /metadata/labels/x, path: /spec/selector/matchLabels/x}'}]}\n", nil, nil},
		{"flux, a merge that pretends", "a.yaml", flux + "spec: {patches: [{target: {kind: Deployment}, patch: '{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {containers: [{image: b}]}}'}]}\n",
			[]string{"b"}, nil},
		{"flux, a merge into a policy", "a.yaml", flux + "spec: {patches: [{target: {kind: ClusterPolicy}, patch: '{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {containers: [{image: b}]}}'}]}\n", nil, nil},
		{"flux, annotations", "a.yaml", flux + "spec: {commonMetadata: {annotations: {sidecar.istio.io/proxyImage: 'a/b:1', note: 'a:b'}}}\n", []string{"a/b:1"}, nil},
		{"flux, a suffix", "a.yaml", flux + "spec: {images: [{name: a/b, tagSuffix: -x}, {name: a/b, newName: a/c}]}\n", []string{"!a/b", "!a/c"}, nil},
		{"post-renderer", "a.yaml", release + "spec: {postRenderers: [{kustomize: {patchesStrategicMerge: [{kind: Deployment, apiVersion: apps/v1, spec: {template: {spec: {containers: [{image: b}]}}}}], images: [{name: c, newTag: '1'}]}}]}\n",
			[]string{"b", "c:1"}, nil},
		{"post-renderer, operations", "a.yaml", release + "spec: {postRenderers: [{kustomize: {patchesJson6902: [{target: {kind: Deployment}, patch: [{op: replace, path: /spec/template/spec/containers/0/image, value: b}]}]}}]}\n",
			[]string{"b"}, nil},
		{"argo", "a.yaml", argo + "spec: {source: {kustomize: {commonAnnotations: {sidecar.istio.io/proxyImage: 'a/b:1'}, patches: [{target: {kind: Deployment}, patch: '- {op: add, path: /spec/template/spec/containers/-, value: {image: c}}'}]}}}\n",
			[]string{"a/b:1", "c"}, nil},
		{"a part of an image", "a.yaml", flux + "spec: {patches: [{patch: '[{op: replace, path: /spec/values/image/tag, value: v2}, {op: replace, path: /spec/values/web/tag, value: v2}]'}]}\n",
			nil, []string{"v2"}},
		{"a part with a digest", "a.yaml", flux + "spec: {patches: [{patch: '[{op: replace, path: /spec/values/image/tag, value: \"v2@sha256:" + digestA[7:] + "\"}]'}]}\n", nil, nil},
		{"an operation that hides", "a.yaml", "apiVersion: v1\nkind: Pod\nspec: {op: add, path: /x, value: y, containers: [{image: b}]}\n", []string{"b"}, nil},
		{"a function", "a.yaml", "apiVersion: x/v1\nkind: X\nmetadata:\n  annotations:\n    config.kubernetes.io/function: |\n      container: {image: fn}\n", []string{"fn"}, nil},
		{"an older function", "a.yaml", "apiVersion: x/v1\nkind: X\nmetadata: {configFn: {container: {image: fn}}}\n", []string{"fn"}, nil},
		{"a plugin of another maker", "kustomization.yaml", "transformers:\n- |-\n  apiVersion: x/v1\n  kind: X\n  metadata: {name: x}\n  spec: {image: 'a/b:1'}\n", []string{"a/b:1"}, nil},
		{"charts", "kustomization.yaml", "helmCharts: [{name: x, ValuesInline: {image: {repository: a/b, tag: v1}}}]\nhelmChartInflationGenerator: [{chartName: x, valuesLocal: {image: {repository: a/c, tag: v1}}}]\n",
			[]string{"a/b:v1", "a/c:v1"}, nil},
		{"a target without a digest", "kustomization.yaml", "replacements: [{source: {kind: X, name: x}, targets: [{select: {kind: HelmRelease}, fieldPaths: [spec.values.image.tag]}]}]\n", nil, []string{"spec.values.image.tag"}},
		{"a whole container", "kustomization.yaml", "replacements: [{source: {kind: X, name: x, fieldPath: spec.x}, targets: [{select: {kind: Pod}, fieldPaths: [spec.containers.0]}]}]\n", nil, []string{"X/x spec.x"}},
		{"an annotation of that name", "kustomization.yaml", "replacements: [{source: {kind: X, name: x}, targets: [{select: {kind: Pod}, fieldPaths: [metadata.annotations.sidecar\\.istio\\.io/proxyImage, metadata.labels.image-of]}]}]\n",
			nil, []string{"X/x metadata.name"}},
		{"a variable of that name", "kustomization.yaml", "replacements: [{source: {kind: X, name: x}, targets: [{select: {kind: Pod}, fieldPaths: ['spec.containers.0.env.[name=RELATED_IMAGE_X].value', 'spec.containers.0.env.[name=HOST].value']}]}]\n",
			nil, []string{"X/x metadata.name"}},
		{"a value added", "kustomization.yaml", "transformers:\n- |-\n  apiVersion: builtin\n  kind: ValueAddTransformer\n  metadata: {name: x}\n  value: a/b:1\n  targets: [{fieldPath: spec/containers/0/image}, {fieldPath: spec/x}]\n", []string{"a/b:1"}, nil},
		{"two spellings", "kustomization.yaml", "images: [{name: a, newTag: '1', NewTag: '2'}]\n", []string{"a:1"}, []string{"NewTag"}},
		{"an unknown builtin", "a.yaml", "apiVersion: builtin\nkind: Deployment\nspec: {containers: [{image: 'a/b:1'}]}\n", []string{"a/b:1"}, nil},
	} {
		f := NewScanner(Options{}).Scan(c.file, []byte(c.src))
		if diff := cmp.Diff(c.want, names(f.References)); diff != "" {
			t.Errorf("%s: references (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.errors, severe(f)); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestScanData reads files that become entries of ConfigMaps.
func TestScanData(t *testing.T) {
	for _, c := range []struct {
		name    string
		as      readAs
		src     string
		want    []string
		remarks int
	}{
		{"p.env", asEnv, "\ufeffWEB_IMAGE=a/b:1\r\n # SIDE_IMAGE=a/c:1\n  SIDE_IMAGE=a/d:1\nLOG=a:b\nNOVALUE", []string{"a/b:1", "a/d:1"}, 0},
		{"p.env", asEnv, "X=quay.io/a/b:1\n", nil, 1},
		{"a.conf", asData, "server: {image: 'a/b:1'}\n", []string{"a/b:1"}, 0},
		{"a.conf", asData, "server: {image: ubuntu}\n", nil, 0},
		{"a.sh", asData, "{ [\ndocker run quay.io/a/b:1 x\n", nil, 1},
		{"a.yaml", asData, "a: [\n", nil, 1}, // which is unreadable as it was before
		{"a.bin", asData, "\xff\xfeimage: a/b:1", nil, 0},
		{"web-image", asData, "a/b:1", []string{"a/b:1"}, 0},
	} {
		f := NewScanner(Options{}).ScanNamed(Named{Path: c.name, as: c.as}, []byte(c.src))
		remarks := len(f.Remarks)
		if f.Unreadable != nil {
			remarks++
		}
		if diff := cmp.Diff(c.want, names(f.References)); diff != "" || remarks != c.remarks {
			t.Errorf("%s %q: %d remarks, references (-want +got):\n%s", c.name, c.src, remarks, diff)
		}
	}
}
