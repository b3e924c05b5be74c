package admission_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// hook is a running `plumb admission serve`.
type hook struct {
	url, observe string
	cmd          *exec.Cmd
	log          *logBuffer
}

// logBuffer is what a process logs, to be read while it runs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startHook runs plumb with a certificate in dir, and waits until it has a lock.
func (c *cluster) startHook(dir string, flags ...string) *hook {
	c.t.Helper()
	h := &hook{log: &logBuffer{}}
	port, observe := freePort(c.t), freePort(c.t)
	h.url, h.observe = fmt.Sprintf("https://127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", observe)
	h.cmd = exec.Command(c.plumb, append([]string{"admission", "serve", "--verbose", "--listen", fmt.Sprintf("127.0.0.1:%d", port),
		"--listen-metrics", h.observe, "--cert", filepath.Join(dir, "tls.crt"), "--key", filepath.Join(dir, "tls.key"), "--log", "text"}, flags...)...)
	h.cmd.Stderr = h.log
	h.cmd.Env = append(os.Environ(), "HOME="+c.dir)
	if err := h.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(h.kill)
	within(c.t, 30*time.Second, "a lock is served", func() bool { return strings.Contains(h.log.String(), "a new lock is served") })
	return h
}

// kill ends the process as a node that is lost does.
func (h *hook) kill() {
	_ = h.cmd.Process.Kill() // it may have ended
	_ = h.cmd.Wait()         // it was killed
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// writePair writes a certificate for 127.0.0.1, its key, and returns it for a
// caBundle.
func writePair(t *testing.T, dir string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "plumb"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	writeFile(t, filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	writeFile(t, filepath.Join(dir, "tls.crt"), cert)
	return base64.StdEncoding.EncodeToString(cert)
}

// writeFile replaces a file as a whole.
func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// webhook is one webhook of the configuration: one for each mode, told apart by the
// namespace's label.
const webhook = `- name: %[1]s.plumb.dev
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  timeoutSeconds: 5
  clientConfig: {url: "%[2]s/validate/%[1]s", caBundle: %[3]s}
  namespaceSelector:
    matchExpressions:
      - {key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}
      - {key: plumb.dev/mode, operator: %[4]s}
  rules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, podtemplates, replicationcontrollers]}
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments, replicasets, statefulsets, daemonsets]}
    - {apiGroups: [batch], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [jobs, cronjobs]}
    - {apiGroups: [acme.example], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [widgets]}
`

// configure makes the API server ask at a URL.
func (c *cluster) configure(url, caBundle string) {
	c.t.Helper()
	text := "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: plumb}\nwebhooks:\n"
	for _, mode := range []struct{ name, selects string }{{"enforce", "NotIn, values: [warn, audit]"}, {"warn", "In, values: [warn]"}, {"audit", "In, values: [audit]"}} {
		text += fmt.Sprintf(webhook, mode.name, url, caBundle, mode.selects)
	}
	c.must(text, "apply", "--server-side", "--force-conflicts", "-f", "-")
}

// serve starts plumb with a lock of three images, and waits until the API server asks
// it.
func (c *cluster) serve() {
	c.t.Helper()
	repo := filepath.Join(c.dir, "repo")
	writeFile(c.t, filepath.Join(repo, "plumb.lock"), lockOf(3))
	bundle := writePair(c.t, c.dir)
	c.hook = c.startHook(c.dir, "--dir", repo, "--interval", "100ms", "--existing", "warn", "--exempt", "system",
		"--break-glass", "oncall")
	c.configure(c.hook.url, bundle)
	within(c.t, 20*time.Second, "the API server asks plumb", func() bool {
		_, err := c.kubectl(webPod("nginx:1.27", "probe"), "create", "--dry-run=server", "-f", "-")
		return err != nil
	})
}
