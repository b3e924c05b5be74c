package cluster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
	"github.com/plumb-dev/plumb/verify/cluster"
)

// TestAPIServer asks a real API server, in one go: it takes seconds to start.
func TestAPIServer(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not installed")
	}
	server, err := apiservertest.Start("../..", t.TempDir())
	if missing := (*apiservertest.Missing)(nil); errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	c, err := cluster.FromKubeconfig(server.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	e := &liveCluster{Client: c, run: func(t *testing.T, stdin string, args ...string) string {
		t.Helper()
		cmd := exec.Command(kubectl, append([]string{"--kubeconfig", server.Kubeconfig,
			"--cache-dir", filepath.Join(os.TempDir(), "none")}, args...)...)
		cmd.Stdin = strings.NewReader(stdin)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
		}
		return string(out)
	}}
	e.run(t, "", "create", "namespace", "plumb-system")
	t.Run("configmap", e.testConfigMap)
	t.Run("event", e.testEvent)
	t.Run("certificate", e.testCertificate)
	t.Run("service account", e.testServiceAccount)
}

type liveCluster struct {
	*cluster.Client
	run func(t *testing.T, stdin string, args ...string) string
}

func (c *liveCluster) testConfigMap(t *testing.T) {
	s := source.NewConfigMap("plumb-system/lock",
		func(ctx context.Context) (map[string][]byte, error) {
			return c.ConfigMapData(ctx, "plumb-system", "lock")
		})
	if _, err := s.Fetch(t.Context(), source.Version{}); !cluster.IsNotFound(err) {
		t.Errorf("without a ConfigMap: %v", err)
	}
	dir := t.TempDir()
	files := map[string]string{"plumb.lock": "version: 1\n", "sha256-00.json": "{}",
		"own.yaml": "x: \"\xc3\xa9\"\n", "key.pem": "\xff\x00"}
	args := []string{"create", "configmap", "-n", "plumb-system", "lock"}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--from-file="+filepath.Join(dir, name))
	}
	c.run(t, "", args...)
	v, err := s.Fetch(t.Context(), source.Version{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"plumb.lock": "plumb.lock",
		".plumb/evidence/sha256-00.json": "sha256-00.json", "policies/own.yaml": "own.yaml",
		"policies/key.pem": "key.pem"} {
		if got := string(v.Files[name]); got != files[want] {
			t.Errorf("%s: %q, want %q", name, got, files[want])
		}
	}
	if _, err := s.Fetch(t.Context(), v); !errors.Is(err, source.ErrUnchanged) {
		t.Errorf("again: %v", err)
	}
	c.run(t, "", "patch", "configmap", "-n", "plumb-system", "lock", "-p",
		`{"data":{"plumb.lock":"version: 2\n"}}`)
	if next, err := s.Fetch(t.Context(), v); err != nil || next.Commit == v.Commit ||
		string(next.Files["plumb.lock"]) != "version: 2\n" {
		t.Errorf("after a change: %v, %v", next, err)
	}
}

func (c *liveCluster) testEvent(t *testing.T) {
	note := strings.Repeat("é", 1000) + "end"
	for _, n := range []string{"short", note} {
		if err := c.CreateEvent(t.Context(), cluster.Event{Namespace: "plumb-system",
			APIVersion: "v1", Kind: "Pod", Name: "plumb-0", Reason: "LockRefused", Note: n,
			Warning: true}); err != nil {
			t.Fatal(err)
		}
	}
	out := c.run(t, "", "events", "-n", "plumb-system", "--for", "pod/plumb-0", "-o", "json")
	var list struct {
		Items []struct{ Reason, Message, Type string }
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	short := 0
	for _, e := range list.Items {
		if e.Reason != "LockRefused" || e.Type != "Warning" ||
			e.Message != "short" && !strings.HasPrefix(note, e.Message) {
			t.Errorf("event %+v", e)
		}
		if e.Message == "short" {
			short++
		}
	}
	if len(list.Items) != 2 || short != 1 {
		t.Errorf("kubectl shows %s", out)
	}
}

const webhookConfiguration = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: plumb-admission}
webhooks:
  - &hook {name: a.plumb.dev, admissionReviewVersions: [v1], sideEffects: None, failurePolicy: Ignore, rules: [],
     clientConfig: {service: {namespace: plumb-system, name: plumb-admission}}}
  - {<<: *hook, name: b.plumb.dev}
`

func (c *liveCluster) testCertificate(t *testing.T) {
	now := time.Now()
	var clock sync.Mutex
	replica := func() *webhook.SelfSigned {
		return &webhook.SelfSigned{Cluster: c.Client, Namespace: "plumb-system",
			Service: "plumb-admission", Secret: "plumb-tls", Webhook: "plumb-admission",
			Now: func() time.Time { clock.Lock(); defer clock.Unlock(); return now }}
	}
	one, two := replica(), replica()
	if _, err := one.Get(nil); err == nil {
		t.Error("there is a certificate before there is one")
	}
	if err := one.Refresh(t.Context()); !cluster.IsNotFound(err) {
		t.Errorf("without the webhook: %v", err)
	}
	c.run(t, "", "delete", "secret", "-n", "plumb-system", "plumb-tls")
	c.run(t, webhookConfiguration, "apply", "-f", "-")

	both(t, one, two)
	first := c.served(t, one)
	if other := c.served(t, two); !bytes.Equal(first, other) {
		t.Error("two replicas that start at once serve different certificates")
	}
	c.trusts(t, one, now)

	now = now.Add(61 * 24 * time.Hour)
	both(t, one, two)
	second := c.served(t, one)
	if bytes.Equal(first, second) || !bytes.Equal(second, c.served(t, two)) {
		t.Error("the certificate is not renewed, or not by all")
	}
	c.trusts(t, one, now)

	now = now.Add((9*365 - 40) * 24 * time.Hour)
	both(t, one, two)
	c.trusts(t, one, now)
	c.trusts(t, two, now)
	if bundle := c.bundles(t)[0]; strings.Count(bundle, "BEGIN CERTIFICATE") != 2 {
		t.Errorf("the CA before is not trusted on:\n%s", bundle)
	}

	c.run(t, "", "delete", "validatingwebhookconfiguration", "plumb-admission")
	c.run(t, webhookConfiguration, "apply", "-f", "-")
	if err := one.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.trusts(t, one, now)

	c.run(t, "", "create", "secret", "generic", "-n", "plumb-system", "foreign",
		"--from-literal=tls.crt=x", "--from-literal=tls.key=y")
	one.Secret = "foreign"
	if err := one.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(),
		"plumb did not create it") {
		t.Errorf("with a certificate that somebody else made: %v", err)
	}
	c.trusts(t, one, now)
}

func (c *liveCluster) testServiceAccount(t *testing.T) {
	config := c.run(t, "", "config", "view", "--raw", "-o", "json")
	token := strings.TrimSpace(c.account(t))
	for _, tt := range []struct {
		token  string
		denied string
	}{{token, "cannot get resource"}, {"x", "Unauthorized"}} {
		file := filepath.Join(t.TempDir(), "kubeconfig")
		if err := os.WriteFile(file, []byte(withToken(t, config, tt.token)), 0o600); err != nil {
			t.Fatal(err)
		}
		client, err := cluster.FromKubeconfig(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Secret(t.Context(), "plumb-system", "plumb-tls")
		if err == nil || !strings.Contains(err.Error(), tt.denied) {
			t.Errorf("%v, want %q", err, tt.denied)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%v: the token is in it", err)
		}
	}
}

// account makes a service account, and returns a token for it.
func (c *liveCluster) account(t *testing.T) string {
	c.run(t, "", "create", "serviceaccount", "-n", "plumb-system", "powerless")
	return c.run(t, "", "create", "token", "-n", "plumb-system", "powerless")
}

// withToken is a kubeconfig whose user has a token and no certificate.
func withToken(t *testing.T, config, token string) string {
	t.Helper()
	var k map[string]any
	if err := json.Unmarshal([]byte(config), &k); err != nil {
		t.Fatal(err)
	}
	k["users"].([]any)[0].(map[string]any)["user"] = map[string]any{"token": token}
	out, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// both has two replicas refresh at the same time.
func both(t *testing.T, replicas ...*webhook.SelfSigned) {
	t.Helper()
	var group sync.WaitGroup
	for _, r := range replicas {
		group.Go(func() {
			if err := r.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
