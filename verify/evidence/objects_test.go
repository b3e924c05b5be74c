package evidence_test

import (
	"context"
	"path"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// Root, Read and Each make a folder a tree.
func (f folder) Root() string { return "/" }

func (f folder) Read(_ context.Context, name string) ([]byte, error) { return f.read(name) }

func (f folder) Each(_ context.Context, match func(string) bool, fn tree.Visit) error {
	for name, data := range f {
		if match(name) {
			if err := fn(0, tree.File{Path: name}, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// byEnv forbids the image in what is labelled env=prod, and accepts it where env=dev.
const byEnv = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: prod}
spec:
  match:
    - {group: apps, version: v1, resource: deployments, selector: {matchLabels: {env: prod}}}
    - {group: batch, version: v1, resource: jobs, selector: {matchLabels: {env: prod}}}
    - {version: v1, resource: pods, selector: {matchLabels: {env: prod}}}
  images: [{glob: "**"}]
  authorities: [{static: {action: fail}}]
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: dev}
spec:
  match:
    - {group: apps, version: v1, resource: deployments, selector: {matchLabels: {env: dev}}}
    - {group: batch, version: v1, resource: cronjobs, selector: {matchLabels: {env: dev}}}
    - {version: v1, resource: pods, selector: {matchLabels: {env: dev}}}
  images: [{glob: "**"}]
  authorities: [{static: {action: pass}}]
`

var (
	image      = `"` + tracked + "@" + pin + `"`
	deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {env: dev}}\n" +
		"spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: " + image + "}]}}}\n"
	pod  = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {env: dev}}\nspec: {containers: [{name: c, image: " + image + "}]}\n"
	cron = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web, labels: {env: dev}}\nspec: {jobTemplate: {metadata: {labels: {env: test}}, " +
		"spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: " + image + "}]}}}}}\n"
	items = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {env: dev}}, spec: {containers: [{name: c, image: " + image + "}]}}\n" +
		"- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, labels: {env: other}}}\n"
)

func prod(text string) string { return strings.Replace(text, "env: dev", "env: prod", 1) }

// kustomize is a tree with the deployment below base, and an overlay with these lines.
func kustomize(lines string) map[string]string {
	return map[string]string{"base/web.yaml": deployment, "base/kustomization.yaml": "resources: [web.yaml]\n",
		"over/kustomization.yaml": "resources: [../base]\n" + lines}
}

// with is the tree with one more file.
func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
	return files
}

// TestObjects judges an image by the labels of the objects that it is in, as they are
// applied. Where these are not known, no policy may be passed over.
func TestObjects(t *testing.T) {
	one := func(text string) map[string]string { return map[string]string{"a.yaml": text} }
	tests := []struct {
		name     string
		files    map[string]string
		accepted bool
	}{
		{"a Deployment", one(deployment), true},
		{"a Deployment, prod", one(prod(deployment)), false},
		{"a Deployment without labels", one(strings.Replace(deployment, ", labels: {env: dev}", "", 1)), false},
		{"a Deployment whose Pods are prod", one(strings.Replace(deployment, "app: web", "env: prod", 1)), false},
		{"a Deployment whose Pods alone are dev", one(strings.NewReplacer("env: dev", "env: none", "app: web", "env: dev").Replace(deployment)), true},
		{"a Pod", one(pod), true},
		{"a Pod, prod", one(prod(pod)), false},
		{"a CronJob", one(cron), true},
		{"a CronJob whose Jobs are prod", one(strings.Replace(cron, "env: test", "env: prod", 1)), false},
		{"a CronJob whose Pods are prod", one(strings.Replace(cron, "app: web", "env: prod", 1)), false},
		{"JSON", map[string]string{"a.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"env":"dev"}},"spec":{"containers":[{"name":"c","image":` + image + `}]}}`}, true},
		{"JSON, prod", map[string]string{"a.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"env":"prod"}},"spec":{"containers":[{"name":"c","image":` + image + `}]}}`}, false},
		{"the second document", one("apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {env: prod}}\n---\n" + pod), true},
		{"the second document, prod", one("apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {env: dev}}\n---\n" + prod(pod)), false},
		{"two documents, the second prod", one(pod + "---\n" + prod(pod)), false},
		{"two files, the second prod", map[string]string{"a.yaml": pod, "b.yaml": prod(pod)}, false},
		{"a List", one(items), true},
		{"a List, prod", one(prod(items)), false},
		{"wide characters before it", one(strings.Replace(pod, "name: web", "name: web, annotations: {a: \"äöü\"}", 1)), true},
		{"a merge key", one("apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: &a {env: dev}, labels: {<<: *a}}\nspec: {containers: [{name: c, image: " + image + "}]}\n"), true},
		{"a merge key, prod", one("apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: &a {env: prod}, labels: {<<: *a}}\nspec: {containers: [{name: c, image: " + image + "}]}\n"), false},
		{"a placeholder", one(strings.Replace(pod, "env: dev", "env: dev, x: \"${X}\"", 1)), false},
		{"a label that is no text", one(strings.Replace(pod, "env: dev", "env: dev, x: 1", 1)), false},
		{"another's kind", one(strings.Replace(deployment, "apps/v1", "apps.example/v1", 1)), false},
		{"a template", map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/a.yaml": pod + "# {{ .Values.x }}\n"}, false},

		{"a base", with(kustomize(""), "over/kustomization.yaml", "resources: [../base]\n"), true},
		{"an overlay, prod", kustomize("labels: [{pairs: {env: prod}}]\n"), false},
		{"an overlay, common labels", kustomize("commonLabels: {env: prod}\n"), false},
		{"an overlay, other labels", kustomize("commonLabels: {team: a}\n"), true},
		{"an overlay, labels of templates", kustomize("labels: [{pairs: {app: x}, includeTemplates: true}]\n"), true},
		{"an overlay, and one of prod", with(kustomize("labels: [{pairs: {env: dev}}]\n"), "prod/kustomization.yaml", "resources: [../base]\nlabels: [{pairs: {env: prod}}]\n"), false},
		{"an overlay of an overlay", with(kustomize("nameSuffix: -a\n"), "prod/kustomization.yaml", "resources: [../over]\nlabels: [{pairs: {env: prod}}]\n"), false},
		{"an overlay that makes it dev", with(kustomize("labels: [{pairs: {env: dev}}]\n"), "base/web.yaml", prod(deployment)), true},
		{"an overlay of something else", with(kustomize(""), "prod/kustomization.yaml", "resources: [../other]\nlabels: [{pairs: {env: prod}}]\n"), true},
		{"a component", with(kustomize("components: [../comp]\n"), "comp/kustomization.yaml", "kind: Component\nlabels: [{pairs: {env: prod}}]\n"), false},
		{"a component, other labels", with(kustomize("components: [../comp]\n"), "comp/kustomization.yaml", "kind: Component\nlabels: [{pairs: {team: a}}]\n"), true},
		{"a component that is not there", kustomize("components: [../comp]\n"), false},
		{"a patch", kustomize("patches: [{target: {kind: Deployment}, patch: '[{op: replace, path: /spec/replicas, value: 2}]'}]\n"), true},
		{"a patch of labels", kustomize("patches: [{target: {kind: Deployment}, patch: '[{op: replace, path: /metadata/labels/env, value: prod}]'}]\n"), false},
		{"a patch file of labels", with(kustomize("patches: [{path: p.yaml}]\n"), "over/p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {env: prod}}\n"), false},
		{"a patch file", with(kustomize("patches: [{path: p.yaml}]\n"), "over/p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"), true},
		{"a patch file with the image", with(kustomize("patches: [{path: p.yaml}]\n"), "over/p.yaml", deployment), false},
		{"a transformer", kustomize("transformers: [t.yaml]\n"), false},
		{"one that cannot be read", kustomize("labels: {env: dev}\n"), false},
		{"one that takes itself", with(kustomize(""), "base/kustomization.yaml", "resources: [web.yaml, ../base]\n"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := folder{"policies/env.yaml": []byte(byEnv)}
			for name, text := range tt.files {
				files[name] = []byte(text)
			}
			if accepted, n := acceptedIn(t, files); n == 0 || accepted != tt.accepted {
				t.Errorf("accepted %t at %d places, want %t", accepted, n, tt.accepted)
			}
		})
	}
}

// acceptedIn reports whether the image is accepted at all places of a tree, and how many
// these are.
func acceptedIn(t *testing.T, files folder) (accepted bool, n int) {
	t.Helper()
	root := must[*lockroot.Root](t)(lockroot.Read(t.Context(), "/", files, ""))
	s := manifest.NewScanner(manifest.Options{})
	for name, text := range files {
		if path.Dir(name) != "policies" {
			root.Files = append(root.Files, s.Scan(name, text))
		}
	}
	judge := must[*evidence.Judge](t)(evidence.ForRoot(t.Context(), root, nil))
	root.Lock = &lockfile.Lock{Entries: []lockfile.Entry{entry()}}
	at := judge.Judgements(root.Lock, nil)
	accepted = true
	for i := range root.Files {
		for j := range root.Files[i].References {
			if r := &root.Files[i].References[j]; r.Tracked == tracked {
				n++
				accepted = at(entry(), r).Accepted && accepted
			}
		}
	}
	return accepted, n
}
