package admission_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// installation is what happens to what plumb admission manifests prints.
func installation() []life {
	return []life{
		{"manifests are accepted with a certificate of their own",
			func(t *testing.T, c *cluster) { c.accepts(t, "--self-signed") }},
		{"manifests are accepted with cert-manager", func(t *testing.T, c *cluster) {
			c.accepts(t, "--cert-manager")
		}},
		{"manifests are accepted with an authority", func(t *testing.T, c *cluster) {
			file := filepath.Join(t.TempDir(), "ca.crt")
			writeFile(t, file, c.ca.pem())
			c.accepts(t, "--ca-bundle", file)
		}},
		{"installed, two replicas share a certificate that the API server trusts", installed},
		{"installed, each mode has its namespaces", installedModes},
		{"installed, the namespaces that are not judged", installedExempt},
		{"installed, it tells by an Event that it refused a lock", installedEvent},
		{"installed, it may do what it does and no more", installedRights},
		{"installed, its own Pods are as the restricted profile wants them", installedPod},
	}
}

// certManager is the definition of one of cert-manager's kinds, without a schema.
const certManager = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[1]ss.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Namespaced
  names: {plural: %[1]ss, singular: %[1]s, kind: %[2]s}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
`

// manifests is what installs plumb.
func (c *cluster) manifests(t *testing.T, flags ...string) string {
	t.Helper()
	out, err := c.run("", c.plumb, append([]string{"admission", "manifests", "--git",
		"https://git.example/acme/cluster.git", "--credentials", "git",
		"--trust-commits", "signers", "--policy", "policies", "--image",
		"registry.example/plumb@" + digestOf(1), "--resource", "acme.example/widgets",
		"--existing", "warn", "--exempt", "kube-system", "--exempt", "system"}, flags...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// accepts has the API server look at manifests, without keeping anything but what they
// build on.
func (c *cluster) accepts(t *testing.T, flags ...string) {
	t.Helper()
	c.must(t, fmt.Sprintf(certManager, "certificate", "Certificate")+fmt.Sprintf(certManager,
		"issuer", "Issuer"), "apply", "--server-side", "-f", "-")
	c.must(t, "", "wait", "--for=condition=Established", "crd/certificates.cert-manager.io",
		"crd/issuers.cert-manager.io", "--timeout=30s")
	text := c.manifests(t, append(flags, "--path", "clusters/prod=shop,web", "--break-glass",
		"oncall")...)
	c.must(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: plumb-system}\n", "apply",
		"--server-side", "-f", "-")
	out, err := c.kubectl(text, "apply", "--server-side", "--force-conflicts", "--dry-run=server",
		"--validate=strict", "-f", "-")
	if err != nil || strings.Contains(out, "Warning") {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := strings.Count(out, "serverside-applied"),
		strings.Count(text, "\nkind: "); got != want {
		t.Errorf("%d objects applied, want %d:\n%s", got, want, out)
	}
}

// installed installs plumb, but that its Pods are processes here, as the
// Deployment's arguments and the ServiceAccount's token have them, and that a
// name stands for the Service's address.
func installed(t *testing.T, c *cluster) {
	_, port, err := net.SplitHostPort(c.front.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(c.manifests(t, "--self-signed"),
		"        port: 443\n    failurePolicy", "        port: "+port+"\n    failurePolicy")
	c.must(t, text, "apply", "--server-side", "--force-conflicts", "-f", "-", "-l",
		"app.kubernetes.io/component=server")
	c.must(t, "", "delete", "service", "plumb-admission", "-n", "plumb-system")
	c.must(t, "", "create", "service", "externalname", "plumb-admission", "-n", "plumb-system",
		"--external-name", "localhost")
	c.must(t, "", "create", "serviceaccount", "default", "-n", "plumb-system")
	args := c.deployed(t)
	c.replicas = []*hook{c.exec(t, args(t)...), c.exec(t, args(t)...)}
	for _, h := range c.replicas {
		within(t, 20*time.Second, served, func() bool { return h.log.count(served) > 0 })
	}
	c.must(t, text, "apply", "--server-side", "--force-conflicts", "-f", "-", "-l",
		"app.kubernetes.io/component=webhook")
	for i := range c.replicas {
		c.front.to(c.replicas[i])
		within(t, 30*time.Second, "the API server is answered", func() bool {
			_, good := c.create(webPod(imageOf(1), "new"))
			out, _ := c.create(webPod("nginx:1.27", "new"))
			return good == nil && strings.Contains(out, "[unpinned]")
		})
		c.replicas[i^1].kill()
		c.replicas[i^1] = c.exec(t, args(t)...)
		other := c.replicas[i^1]
		within(t, 20*time.Second, served, func() bool { return other.log.count(served) > 0 })
	}
	c.front.to(c.replicas...)
	c.denies(t, imageOf(7), "[unlocked]")
}

// deployed makes the arguments of the Deployment's container, with the files that it
// would have mounted.
func (c *cluster) deployed(t *testing.T) func(t *testing.T) []string {
	t.Helper()
	out, err := c.kubectl("", "get", "deployment", "plumb-admission", "-n", "plumb-system", "-o",
		"jsonpath={.spec.template.spec.containers[0].args}")
	if err != nil {
		t.Fatal(out)
	}
	var args []string
	if err := json.Unmarshal([]byte(out), &args); err != nil {
		t.Fatal(err)
	}
	token, err := c.kubectl("", "create", "token", "plumb-admission", "-n", "plumb-system")
	if err != nil {
		t.Fatal(token)
	}
	text, err := os.ReadFile(c.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(c.dir, "serviceaccount")
	text = regexp.MustCompile(`user: \{client-certificate-data.*`).ReplaceAll(text,
		[]byte("user: {token: "+strings.TrimSpace(token)+"}}]"))
	text = []byte(strings.Replace(string(text), "user: admin}", "user: admin, namespace: "+
		"plumb-system}", 1))
	writeFile(t, kubeconfig, text)
	return func(t *testing.T) []string {
		mounted := strings.NewReplacer("https://git.example/acme/cluster.git", c.repo.server.URL,
			"/etc/plumb/git", c.repo.credentials,
			"/etc/plumb/signers/signers", c.repo.signers, "/etc/plumb/policy", c.repo.policies,
			"/var/lib/plumb", c.stateDir(t))
		var own []string
		for _, a := range args {
			own = append(own, mounted.Replace(a))
		}
		if text := strings.Join(own, " "); strings.Contains(text, "/etc/plumb") ||
			strings.Contains(text, "/var/lib/plumb") {
			t.Fatalf("something is mounted that is not here: %s", text)
		}
		return append(own, "--kubeconfig", kubeconfig, "--interval", "200ms")
	}
}

func installedModes(t *testing.T, c *cluster) {
	for _, r := range slices.Concat(kindRows(), ruleRows()) {
		if r.name != "glass broken by who may" { // the manifests name no such group
			t.Run(r.name, func(t *testing.T) { c.check(t, r, webhook) })
		}
	}
}

func installedExempt(t *testing.T, c *cluster) {
	for _, namespace := range []string{"kube-system", "system"} {
		if out, err := c.create(inNamespace(webPod("nginx:1.27", "new"), namespace)); err != nil {
			t.Errorf("%s: %s", namespace, out)
		}
	}
	if out, err := c.create(inNamespace(webPod("nginx:1.27", "new"), "play")); err == nil {
		t.Errorf("play is exempt: %s", out)
	}
}

func installedEvent(t *testing.T, c *cluster) {
	c.repo.write(append(c.repo.entries(t, 0, 1, 2), entryOf(7, c.repo.evidence[1]))...)
	c.repo.commit("forged")
	within(t, 30*time.Second, "there is an Event", func() bool {
		out, err := c.kubectl("", "get", "events", "-n", "plumb-system", "-o",
			"jsonpath={.items[*]['reason','message']}")
		if err != nil {
			t.Fatal(out)
		}
		return strings.Contains(out, "NoNewLock") && strings.Contains(out,
			"ghcr.io/acme/app-7:1.0 is not accepted")
	})
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("as before")
}

func installedRights(t *testing.T, c *cluster) {
	for _, right := range []struct {
		question string
		allowed  bool
	}{
		{"get secrets/plumb-admission-tls -n plumb-system", true},
		{"get secrets/git -n plumb-system", false},
		{"list secrets -n plumb-system", false},
		{"patch validatingwebhookconfigurations/plumb-admission", true},
		{"patch validatingwebhookconfigurations/other", false},
		{"delete validatingwebhookconfigurations/plumb-admission", false},
		{"create events.events.k8s.io -n plumb-system", true},
		{"list pods -n shop", false},
		{"get configmaps -n plumb-system", false},
	} {
		args := append([]string{"auth", "can-i", "--as",
			"system:serviceaccount:plumb-system:plumb-admission"},
			strings.Fields(right.question)...)
		out, err := c.kubectl("", args...)
		if allowed := err == nil; allowed != right.allowed {
			t.Errorf("%s: %s", right.question, out)
		}
	}
}

func installedPod(t *testing.T, c *cluster) {
	out, err := c.kubectl("", "get", "deployment", "plumb-admission", "-n", "plumb-system", "-o",
		"jsonpath={.spec.template.spec}")
	if err != nil {
		t.Fatal(out)
	}
	pod := fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"new","namespace":"plumb-system"},"spec":%s}`, out)
	if out, err := c.create(pod); err != nil || out != "" {
		t.Errorf("%v %s", err, out)
	}
	if out, err := c.create(strings.Replace(pod, `"allowPrivilegeEscalation":false`,
		`"allowPrivilegeEscalation":true`, 1)); err == nil ||
		!strings.Contains(out, "PodSecurity") {
		t.Errorf("the profile is not in force: %v %s", err, out)
	}
}
