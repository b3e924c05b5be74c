package admission_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// widgets is a custom resource with images.
const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.example}
spec:
  group: acme.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

// webPod is a Pod in the namespace shop, called web if it has no other name.
func webPod(image string, name ...string) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"namespace":"shop"},"spec":{"containers":[{"name":"c","image":%q}]}}`,
		strings.Join(append(name, "web")[:1], ""), image)
}

func webDeployment(image string) string { return withTemplate("apps/v1", "Deployment", "", image) }

// withTemplate is an object of a workload's kind, with a pod template.
func withTemplate(version, kind, more, image string) string {
	return fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"name":"web","namespace":"shop"},"spec":{%s"selector":{"matchLabels":{"app":"web"}},
"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":%q}]}}}}`, version, kind, more, image)
}

// objects are objects of each kind with an image, for which %q stands.
func objectsOf(image string) map[string]string {
	job := fmt.Sprintf(`"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":%q}]}}`, image)
	return map[string]string{
		"Pod":         webPod(image, "new"),
		"PodTemplate": fmt.Sprintf(`{"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"new","namespace":"shop"},"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}`, image),
		"ReplicationController": fmt.Sprintf(`{"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"new","namespace":"shop"},"spec":{"selector":{"app":"web"},
"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":%q}]}}}}`, image),
		"ReplicaSet": renamed(withTemplate("apps/v1", "ReplicaSet", "", image)),
		"Deployment": renamed(withTemplate("apps/v1", "Deployment", "", image)),
		"StatefulSet": renamed(withTemplate("apps/v1", "StatefulSet", `"serviceName":"web",`,
			image)),
		"DaemonSet":         renamed(withTemplate("apps/v1", "DaemonSet", "", image)),
		"Job":               `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"new","namespace":"shop"},"spec":{` + job + `}}`,
		"CronJob":           `{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"new","namespace":"shop"},"spec":{"schedule":"@daily","jobTemplate":{"spec":{` + job + `}}}}`,
		"a custom resource": fmt.Sprintf(`{"apiVersion":"acme.example/v1","kind":"Widget","metadata":{"name":"new","namespace":"shop"},"spec":{"image":%q}}`, image),
		"an init container": fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"new","namespace":"shop"},"spec":{"initContainers":[{"name":"i","image":%q}],"containers":[{"name":"c","image":%q}]}}`, image, imageOf(0)),
		"an image volume":   fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"new","namespace":"shop"},"spec":{"volumes":[{"name":"v","image":{"reference":%q}}],"containers":[{"name":"c","image":%q}]}}`, image, imageOf(0)),
	}
}

// inNamespace is an object in another namespace.
func inNamespace(object, namespace string) string {
	return strings.Replace(object, `"namespace":"shop"`, fmt.Sprintf(`"namespace":%q`, namespace),
		1)
}

func renamed(object string) string {
	return strings.Replace(object, `"name":"web"`, `"name":"new"`, 1)
}

// kindRows are an object of each kind, admitted with an image of the lock, and denied
// with others.
func kindRows() []row {
	var out []row
	for _, test := range []struct {
		image, what string
		allowed     bool
		says        string
		policy      otherwise
	}{
		{imageOf(1), "from the lock", true, "^$", 0},
		{"ghcr.io/acme/app-1:1.0", "not pinned", false, `is not pinned \[unpinned\]`, 0},
		{"ghcr.io/acme/app-1:1.0@" + digestOf(9), "by no digest of the lock", false,
			`is not what plumb.lock has .* \[mismatch\]`, 0},
		{"ghcr.io/acme/app-1:1.0@" + digestOf(2), "by another digest", false,
			`is not what plumb.lock has .* \[mismatch\]`, laxer},
		{"ghcr.io/acme/app-9:1.0@" + digestOf(1), "under another name", false,
			`has no entry for ghcr.io/acme/app-9:1.0 \[unlocked\]`, laxer},
	} {
		objects := objectsOf(test.image)
		for _, kind := range slices.Sorted(maps.Keys(objects)) {
			r := row{name: kind + " " + test.what, object: objects[kind], allowed: test.allowed,
				says: test.says, policy: test.policy}
			if kind == "a custom resource" && !r.allowed {
				r.policy = laxer
			}
			out = append(out, r)
		}
	}
	return out
}

// subresourceRows change what is in the cluster already: the Pod and the Deployment
// web, with an image of the lock, and the Pod old, with one that plumb found there. suffix
// tells the ephemeral containers of one run from those of another, as they stay.
func subresourceRows(suffix string) []row {
	set := func(what, image string) []string {
		return []string{"set", "image", what, "c=" + image, "-n", "shop", "--dry-run=server"}
	}
	debug := func(image, name string) []string {
		return []string{"debug", "pod/web", "-n", "shop", "--image", image, "-c", name,
			"--attach=false"}
	}
	apply := []string{"apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", "-"}
	return []row{
		{name: "kubectl debug with an image of the lock",
			command: debug(imageOf(2), "good-"+suffix), allowed: true},
		{name: "kubectl debug with another", command: debug("busybox:1.36", "bad-"+suffix),
			says: `ephemeral container "bad-.*": image "busybox:1.36" is not pinned`},
		{name: "kubectl set image to one of the lock", command: set("deployment/web", imageOf(2)),
			allowed: true, says: "image updated"},
		{name: "kubectl set image to another", command: set("deployment/web", "nginx:1.27"),
			says: `container "c": image "nginx:1.27" is not pinned`},
		{name: "kubectl set image of a Pod to one of the lock", command: set("pod/web", imageOf(2)),
			allowed: true},
		{name: "kubectl set image of a Pod to another", command: set("pod/web", "nginx:1.27"),
			says: "not pinned"},
		{name: "server-side apply with an image of the lock", object: webDeployment(imageOf(2)),
			command: apply, allowed: true, says: "serverside-applied"},
		{name: "server-side apply with another", object: webDeployment("nginx:1.27"),
			command: apply, says: "not pinned"},
		{name: "scaling", command: []string{"scale", "deployment/web", "-n", "shop", "--replicas=2",
			"--dry-run=server"}, allowed: true},
		{name: "deleting what is not in the lock", command: []string{"delete", "pod/old", "-n",
			"shop", "--dry-run=server"}, allowed: true},
		{name: "labelling what was there before plumb", command: []string{"label", "pod/old", "-n",
			"shop", "a=b", "--dry-run=server"}, allowed: true, says: "^pod/old labeled"},
		{name: "changing how what was there before is scheduled", command: []string{"patch", "pod/old",
			"-n", "shop", "--dry-run=server", "-p",
			`{"spec":{"tolerations":[{"key":"a","operator":"Exists"}]}}`}, allowed: true,
			says: "Warning: plumb: allowed because no image changes", warns: "^pod/old patched"},
		{name: "changing the image of what was there before", command: set("pod/old", "nginx:1.28"),
			says: "not pinned"},
	}
}

// ruleRows are about what the cluster says besides the lock.
func ruleRows() []row {
	in := func(namespace, image string) string {
		return inNamespace(webPod(image, "new"), namespace)
	}
	as := func(group string) []string {
		return []string{"create", "--dry-run=server", "-f", "-", "--as", "somebody", "--as-group",
			group, "--as-group", "system:masters"}
	}
	glass := strings.Replace(webPod("nginx:1.27", "new"), `"namespace"`,
		`"labels":{"plumb.dev/break-glass":"INC-7"},"namespace"`, 1)
	return []row{
		{name: "warned of in a namespace that says so", object: in("watched", "nginx:1.27"),
			allowed: true, says: `Warning: plumb: container "c": image "nginx:1.27" is not pinned`,
			warns: `Warning: Validation failed for ValidatingAdmissionPolicy 'plumb' .*\[unpinned\]`},
		{name: "audited in a namespace that says so", object: in("audited", "nginx:1.27"),
			allowed: true, says: "^$", warns: "^$"},
		{name: "enforced in a namespace that says nothing", object: in("play", "nginx:1.27"),
			says: "not pinned"},
		{name: "exempt", object: in("system", "nginx:1.27"), allowed: true},
		{name: "glass broken by who may", object: glass, command: as("oncall"), allowed: true,
			says: "Warning: plumb: allowed by plumb.dev/break-glass: INC-7", policy: stricter},
		{name: "glass broken by who may not", object: glass, command: as("dev"),
			says: "user somebody is not in --break-glass"},
		{name: "no glass broken", object: webPod("nginx:1.27", "new"), command: as("oncall"),
			says: "not pinned"},
	}
}
