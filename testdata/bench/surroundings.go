package main

import (
	"fmt"
	"strings"
)

func (g *generator) service(name string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Service
metadata:
  name: %[1]s
  namespace: %[2]s
  labels:
    app.kubernetes.io/name: %[1]s
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: %[1]s
  ports:
    - name: http
      port: 80
      targetPort: %[3]d
    - name: metrics
      port: 9090
      targetPort: %[4]s
`, name, g.word(), g.between(1024, 9999), g.word())
}

func (g *generator) kustomization(string) string {
	var s strings.Builder
	s.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" +
		"namespace: " + g.word() + "\nresources:\n")
	for _, file := range []string{"deployment", "service"} { // which each application has
		s.WriteString("  - " + file + ".yaml\n")
	}
	if g.r.IntN(4) == 0 {
		repository, tag, digest := g.parts()
		fmt.Fprintf(&s, "images:\n  - name: %s\n    newTag: \"%s\"\n    digest: %s\n",
			repository, tag, digest)
	}
	fmt.Fprintf(&s, `patches:
  - target: {kind: Deployment}
    patch: |
      - op: replace
        path: /spec/replicas
        value: %d
`, g.between(1, 9))
	return s.String()
}

func (g *generator) helmRelease(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `---
# yaml-language-server: $schema=https://schemas.example/helmrelease-helm-v2.json
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: %s
  namespace: %s
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: %[1]s
  install:
    remediation: {retries: 3}
  values:
    controllers:
`, name, g.word())
	for range g.between(1, 3) {
		repository, tag, digest := g.parts()
		fmt.Fprintf(&s, `      %s:
        replicas: %d
        containers:
          app:
            image:
              repository: %s
              tag: %s@%s
            env:
`, g.word()+fmt.Sprint(g.between(1, 999)), g.between(1, 3), repository, tag, digest)
		for i := range g.between(4, 12) {
			fmt.Fprintf(&s, "              %s_%d: %s\n", strings.ToUpper(g.word()), i, g.word())
		}
		s.WriteString(`            probes:
              liveness: &probes
                enabled: true
              readiness: *probes
`)
	}
	s.WriteString("    persistence:\n")
	for i := range g.between(2, 8) {
		fmt.Fprintf(&s, `      %s%d:
        existingClaim: "{{ .Release.Name }}"
        globalMounts:
          - path: /%s/%s
`, g.word(), i, g.word(), g.word())
	}
	return s.String()
}

func (g *generator) configMap(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `apiVersion: v1
kind: ConfigMap
metadata:
  name: %s
data:
  config.toml: |
`, name)
	for range g.between(20, 120) {
		fmt.Fprintf(&s, "    %s_%s = \"%s\"\n", g.word(), g.word(), g.word())
	}
	return s.String()
}

func (g *generator) rbac(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: %s
rules:
`, name)
	for range g.between(2, 12) {
		fmt.Fprintf(&s, `  - apiGroups: ["%s.example"]
    resources:
      - %ss
      - %ss
    verbs: [get, list, watch]
`, g.word(), g.word(), g.word())
	}
	fmt.Fprintf(&s, `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: %[1]s
roleRef:
  kind: ClusterRole
  name: %[1]s
subjects:
  - kind: ServiceAccount
    name: %[1]s
    namespace: %[2]s
`, name, g.word())
	return s.String()
}

func (g *generator) ingress(name string) string {
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: %[1]s
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: |
      more_set_headers "X-%[2]s: %[3]s";
spec:
  ingressClassName: nginx
  rules:
    - host: %[1]s.%[2]s.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: %[1]s, port: {name: http}}}
`, name, g.word(), g.word())
}

// crd is a definition with the long descriptions that generators write.
func (g *generator) crd(name string) string {
	var s strings.Builder
	kind := strings.ToUpper(name[:1]) + name[1:]
	fmt.Fprintf(&s, `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: %[1]ss.%[2]s.example
spec:
  group: %[2]s.example
  names:
    kind: %[3]s
    plural: %[1]ss
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
`, strings.ToLower(name), g.word(), kind)
	for i := range g.between(55, 125) {
		property := fmt.Sprintf("%s%d", g.word(), i)
		if i%40 == 7 {
			property = strings.Repeat("x", i/40) + "image"
		}
		fmt.Fprintf(&s, `                %s:
                  type: object
                  description: |-
`, property)
		for range g.between(2, 6) {
			s.WriteString("                    " + g.sentence(12) + "\n")
		}
		fmt.Fprintf(&s, `                  properties:
                    value:
                      description: %s
                      type: string
`, g.sentence(20))
	}
	return s.String()
}

// dashboard is a ConfigMap with a dashboard's JSON in a block scalar.
func (g *generator) dashboard(name string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `apiVersion: v1
kind: ConfigMap
metadata:
  name: %s
  labels:
    grafana_dashboard: "1"
data:
  %[1]s.json: |-
    {
      "panels": [
`, name)
	for i := range g.between(60, 160) {
		fmt.Fprintf(&s, `        {
          "id": %d,
          "title": "%s",
          "type": "timeseries",
          "fieldConfig": {"defaults": {"unit": "short", "custom": {"fillOpacity": %d}}},
          "gridPos": {"h": 8, "w": 12, "x": %d, "y": %d},
          "targets": [
            {
              "expr": "sum by (%s) (rate(container_%s_total{image!=\"\", namespace=~\"$namespace\"}[5m]))",
              "legendFormat": "{{ %s }}"
            }
          ]
        },
`, i, g.sentence(4), g.between(0, 90), g.between(0, 12), g.between(0, 90),
			g.word(), g.word(), g.word())
	}
	s.WriteString("        {}\n      ]\n    }\n")
	return s.String()
}

func (g *generator) chartTemplate(string) string {
	return fmt.Sprintf(`{{- if .Values.%[1]s.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "%[1]s.fullname" . }}
  labels:
    {{- include "%[1]s.labels" . | nindent 4 }}
spec:
  template:
    spec:
      containers:
        - name: %[1]s
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
{{- end }}
`, g.word())
}

func (g *generator) chart(name string) string {
	return fmt.Sprintf(`apiVersion: v2
name: %s
description: %s
version: 1.%d.0
appVersion: "%d.0"
`, name, g.sentence(9), g.between(0, 30), g.between(1, 9))
}

func (g *generator) values(string) string {
	repository, tag, digest := g.parts()
	return fmt.Sprintf(`# %s
replicaCount: 1
image:
  repository: %s
  tag: %s
  digest: %s
resources: {}
`, g.sentence(6), repository, tag, digest)
}

// compose is YAML that is not for a cluster.
func (g *generator) compose(string) string {
	return fmt.Sprintf("services:\n  %s:\n    image: %s:latest\n    ports: [\"80:80\"]\n",
		g.word(), g.word())
}
