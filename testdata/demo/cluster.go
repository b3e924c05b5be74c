package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// pushAll pushes what the cluster repository refers to.
func pushAll(server *registrytest.Server) {
	for seed, image := range [][2]string{
		{"shop/web", "1.4"}, {"shop/migrate", "1.4"}, {"shop/proxy", "2.0"}, {"shop/proxy", "2.1"},
		{"shop/report", "0.9"}, {"shop/cache", "7.2"}, {"shop/cache-metrics", "1.0"},
		{"ops/prometheus", "v3.1.0"}, {"ops/relay", "5"}, {"ops/kubectl", "1.31"},
	} {
		server.PushIndex(image[0], image[1], seed+1)
	}
	server.PushArtifact("shop/manifests", "v1", 100)
}

// makeRepository writes the cluster repository and commits it.
func makeRepository(ctx context.Context, dir string, env []string) error {
	for name, text := range clusterFiles {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	commit := []string{"commit", "-q", "-m", "The cluster as it was"}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, commit} {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// clusterFiles is the repository, by path.
var clusterFiles = map[string]string{
	"plumb.yaml": `apiVersion: plumb.dev/v1
kind: Config
platforms: [linux/amd64, linux/arm64]
registries:
  registry.example:
    plainHTTP: true # only because the demo's registry has no certificate
`,
	"apps/web/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
        - name: migrate
          image: "registry.example/shop/migrate:1.4" # same release as web
      containers:
        - name: web
          image: registry.example/shop/web:1.4
        - name: proxy
          image: registry.example/shop/proxy:2.0
`,
	"apps/web/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
images:
  - name: registry.example/shop/proxy
    newTag: "2.1"
`,
	"apps/report/cronjob.yaml": `apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
  namespace: shop
spec:
  schedule: "0 6 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - {name: report, image: 'registry.example/shop/report:0.9'}
`,
	"apps/cache/helmrelease.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
  namespace: shop
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: manifests
  values:
    image:
      repository: registry.example/shop/cache
      tag: "7.2"
    metrics:
      image:
        registry: registry.example
        repository: shop/cache-metrics
        tag: "1.0"
        digest: ""
`,
	"flux/manifests.yaml": `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: manifests
  namespace: shop
spec:
  interval: 10m
  url: oci://registry.example/shop/manifests
  ref:
    tag: v1
`,
	"monitoring/prometheus.yaml": `apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: main
  namespace: monitoring
spec:
  replicas: 2
  image: registry.example/ops/prometheus:v3.1.0
`,
	"monitoring/relay.json": `{
  "apiVersion": "v1",
  "kind": "List",
  "items": [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "relay"}},
    {
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {"name": "relay"},
      "spec": {"containers": [{"name": "relay", "image": "registry.example/ops/relay:5"}]}
    }
  ]
}
`,
	"ci/apply.yaml": `apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: apply
spec:
  steps:
    - name: apply
      image: registry.example/ops/kubectl:1.31
      script: |
        kubectl apply -k .
`,
}
