package main

import (
	"fmt"
	"strings"
)

// deployment is a small Deployment of one container.
func deployment(name, container, image string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: %[1]s
spec:
  selector:
    matchLabels: {app: %[1]s}
  template:
    metadata:
      labels: {app: %[1]s}
    spec:
      containers:
        - name: %[2]s
          image: %[3]s
`, name, container, image)
}

func (g *generator) deployment(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `---
# %s
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %[2]s
  namespace: %[3]s
  labels:
    app.kubernetes.io/name: %[2]s
    app.kubernetes.io/part-of: %[3]s
  annotations:
    prometheus.io/scrape: "true"
    description: "%[4]s"
spec:
  replicas: %[5]d
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: %[2]s
  template:
    metadata:
      labels:
        app.kubernetes.io/name: %[2]s
    spec:
      serviceAccountName: %[2]s
      securityContext:
        runAsNonRoot: true
      containers:
`, g.sentence(8), name, g.word(), g.sentence(12), g.between(1, 9))
	for range g.between(1, 3) {
		g.container(&s, "        ")
	}
	fmt.Fprintf(&s, `      volumes:
        - name: tmp
          emptyDir: {}
        - name: config
          configMap:
            name: %s
`, name)
	return s.String()
}

// container writes an item of containers.
func (g *generator) container(s *strings.Builder, indent string) {
	var c strings.Builder
	fmt.Fprintf(&c, "- name: %s\n", g.word())
	quote := []string{"", "", "", `"`, "'"}[g.r.IntN(5)]
	fmt.Fprintf(&c, "  image: %[1]s%[2]s%[1]s\n  imagePullPolicy: IfNotPresent\n  args:\n",
		quote, g.reference())
	for range g.between(1, 4) {
		fmt.Fprintf(&c, "    - --%s-%s=%d\n", g.word(), g.word(), g.between(1, 9999))
	}
	c.WriteString("  env:\n")
	for range g.between(2, 8) {
		fmt.Fprintf(&c, "    - name: %s_%s\n      value: \"%s\"\n",
			strings.ToUpper(g.word()), strings.ToUpper(g.word()), g.word())
	}
	fmt.Fprintf(&c, "  ports:\n    - {name: http, containerPort: %d}\n", g.between(1024, 9999))
	fmt.Fprintf(&c, `  resources:
    requests: {cpu: %dm, memory: %dMi}
    limits:
      memory: %dMi
  readinessProbe:
    httpGet: {path: /ready, port: http}
    periodSeconds: 10
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    - {name: config, mountPath: /etc/config, readOnly: true}
`, g.between(1, 900), g.between(16, 512), g.between(512, 4096))
	for line := range strings.Lines(c.String()) {
		s.WriteString(indent)
		s.WriteString(line)
	}
}

func (g *generator) cronJob(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `apiVersion: batch/v1
kind: CronJob
metadata:
  name: %s
  namespace: %s
spec:
  schedule: "%d %d * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers:
`, name, g.word(), g.between(0, 59), g.between(0, 23))
	g.container(&s, "            ")
	return s.String()
}

func (g *generator) list(name string) string {
	var s strings.Builder
	s.WriteString("{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": [\n")
	count := g.between(2, 8)
	for i := range count {
		fmt.Fprintf(&s, `    {
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {"name": "%s-%d", "labels": {"app": "%s"}, "annotations": {"note": "%s"}},
      "spec": {
        "containers": [
          {"name": "%s", "image": "%s", "args": ["--%s", "%s"], "ports": [{"containerPort": %d}]}
        ]
      }
    }`, name, i, g.word(), g.sentence(15), g.word(), g.reference(),
			g.word(), g.word(), g.between(1024, 9999))
		if i < count-1 {
			s.WriteByte(',')
		}
		s.WriteByte('\n')
	}
	s.WriteString("  ]\n}\n")
	return s.String()
}

// unusual returns a file of one of the forms that a scanner must not trip over.
func (g *generator) unusual(name string) string {
	pod := func(container string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name +
			"\nspec:\n  containers:\n" + container
	}
	switch image := g.reference(); g.r.IntN(6) {
	case 0: // a byte order mark and Windows line ends
		return "\ufeff" + strings.ReplaceAll(pod("    - name: a\n      image: "+image+"\n"), "\n", "\r\n")
	case 1: // flow style over several lines
		return pod("    [{name: a,\n      image: \"" + image + "\"},\n" +
			"     {name: b, image: '" + g.reference() + "'}]\n")
	case 2: // an anchor, an alias and a merge key
		return pod("    - &base\n      name: a\n      image: " + image + "\n" +
			"    - <<: *base\n      name: b\n")
	case 3: // many documents, no final newline
		return "# " + g.sentence(5) + "\n---\n---\n" +
			pod("    - name: a\n      image: "+image+" # "+g.sentence(4)+"\n") +
			"---\n" + pod("    - image: "+g.reference())
	case 4: // quoted keys, a tag, characters of several bytes on the line
		return pod("    - {\"name\": \"α→β\", \"image\": !!str \"" + image + "\"}\n")
	default: // a line of 200 KiB
		return pod("    - name: a\n      args: [\"" + strings.Repeat("x", 200<<10) + "\"]\n" +
			"      image: " + image + "\n")
	}
}
