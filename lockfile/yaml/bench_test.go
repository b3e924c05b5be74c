package yaml

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// manifests writes n objects of the kinds that cluster repositories are made
// of, the same for the same seed.
func manifests(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	for i := range n {
		name := fmt.Sprintf("%s-%d", pick(r, "api", "web", "worker", "cache"), i)
		switch r.IntN(4) {
		case 0, 1:
			workload(&b, r, name)
		case 2:
			configMap(&b, r, name)
		default:
			definition(&b, r, name)
		}
	}
	return b.String()
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

func workload(b *strings.Builder, r *rand.Rand, name string) {
	fmt.Fprintf(b, `---
# %s serves requests.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %[1]s
  namespace: "default"
  labels: {app.kubernetes.io/name: %[1]s, tier: 'backend'}
spec:
  replicas: %d
  selector:
    matchLabels:
      app.kubernetes.io/name: %[1]s
  template:
    metadata:
      labels:
        app.kubernetes.io/name: %[1]s
    spec:
      containers:
`, name, r.IntN(9))
	for i := range 1 + r.IntN(4) {
		fmt.Fprintf(b, `      - name: c%d
        image: ghcr.io/acme/%s:1.%d.0 # tracked
        imagePullPolicy: IfNotPresent
        args:
        - --listen=0.0.0.0:8080
        - "--log-level=info"
        env:
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        resources:
          limits:
            memory: 512Mi
          requests: {cpu: 100m, memory: 128Mi}
        securityContext:
          capabilities:
            drop: ["ALL"]
`, i, name, r.IntN(40))
	}
}

func configMap(b *strings.Builder, r *rand.Rand, name string) {
	fmt.Fprintf(b, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  settings.yaml: |\n", name)
	for i := range 5 + r.IntN(40) {
		fmt.Fprintf(b, "    setting-%d:\n      enabled: true\n\n      path: /var/lib/%s\n", i, name)
	}
}

func definition(b *strings.Builder, r *rand.Rand, name string) {
	fmt.Fprintf(b, "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: %s\nspec:\n  properties:\n", name)
	for i := range 5 + r.IntN(40) {
		fmt.Fprintf(b, `    field%d:
      description: Field says how many of the things there are to be,
        and what "they" are called; it's optional.
      format: int32
      type: %s
`, i, pick(r, "integer", "string", "object"))
	}
}

func BenchmarkParse(b *testing.B) {
	src := manifests(1, 400)
	for _, c := range []struct {
		name string
		read func(p *Parser) bool
	}{
		{"fast", func(p *Parser) bool { return p.fast() }},
		{"full", func(p *Parser) bool { _, err := p.full(); return err == nil }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var p Parser
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if p.begin(src) != nil || !c.read(&p) {
					b.Fatal("not read")
				}
			}
		})
	}
}
