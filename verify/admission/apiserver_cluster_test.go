package admission_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

// checkout is the top of this repository.
const checkout = "../.."

// cluster is an API server with plumb for a webhook.
type cluster struct {
	t          *testing.T
	dir        string
	kubeconfig string
	audit      string // the file of its audit log
	plumb      string // program
	client     *apiClient
	repo       *repository
	front      *front
	ca         *authority
	hook       *hook
	replicas   []*hook // of what is installed
	strict     bool    // updates that change no image are not let in for it
	server     *apiservertest.Server
}

// auditPolicy has the audit log name what becomes of workloads.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete]
    resources:
      - {group: "", resources: [pods, replicationcontrollers]}
      - {group: apps}
      - {group: batch}
  - level: None
`

// newCluster starts an API server, with namespaces and what the rows need in them.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	for _, program := range []string{"kubectl", "git", "ssh-keygen"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT TESTED with a kube-apiserver: %s is not installed", program)
		}
	}
	c := &cluster{t: t, dir: t.TempDir()}
	c.audit, c.plumb = filepath.Join(c.dir, "audit.log"), filepath.Join(c.dir, "plumb")
	policy := filepath.Join(c.dir, "audit.yaml")
	writeFile(t, policy, []byte(auditPolicy))
	s, err := apiservertest.Start(checkout, filepath.Join(c.dir, "apiserver"),
		"--audit-policy-file="+policy, "--audit-log-path="+c.audit)
	var missing *apiservertest.Missing
	switch {
	case errors.As(err, &missing):
		t.Skipf("NOT TESTED with a kube-apiserver: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c.server = s
	c.kubeconfig = s.Kubeconfig
	if c.client, err = newAPIClient(s.Kubeconfig); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", c.plumb, "./cmd/plumb")
	build.Dir = checkout
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for namespace, mode := range map[string]string{"shop": "", "play": "", "watched": "warn",
		"audited": "audit", "system": "", "kube-system": ""} {
		if namespace != "kube-system" {
			c.must(t, "", "create", "namespace", namespace)
		}
		c.must(t, "", "create", "serviceaccount", "default", "-n", namespace)
		if mode != "" {
			c.must(t, "", "label", "namespace", namespace, "plumb.dev/mode="+mode)
		}
	}
	c.must(t, widgets, "create", "-f", "-")
	c.must(t, webPod(imageOf(1)), "create", "-f", "-")
	c.must(t, webDeployment(imageOf(1)), "create", "-f", "-")
	c.must(t, webPod("nginx:1.27", "old"), "create", "-f", "-")
	return c
}

// create has the server create an object, without keeping it. It returns what the server
// warns of, and why it denies it.
func (c *cluster) create(object string) (string, error) {
	out, err := c.client.dryRun(c.t.Context(), object)
	if err != nil {
		out += err.Error()
	}
	return out, err
}

// admits and denies fail a test in which the cluster does otherwise with a Pod of an image.
func (c *cluster) admits(t *testing.T, image string) {
	t.Helper()
	if out, err := c.create(webPod(image, "new")); err != nil {
		t.Fatalf("%s is denied: %s", image, out)
	}
}

func (c *cluster) denies(t *testing.T, image, why string) {
	t.Helper()
	if out, err := c.create(webPod(image, "new")); err == nil || !strings.Contains(out, why) {
		t.Fatalf("%s is not denied because of %s: %v %s", image, why, err, out)
	}
}

// kubectl runs kubectl and returns all that it says.
func (c *cluster) kubectl(stdin string, args ...string) (string, error) {
	return c.run(stdin, "kubectl", args...)
}

// run runs a program as the cluster's administrator and returns all that it says.
func (c *cluster) run(stdin, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig, "HOME="+c.dir)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must runs kubectl, which has to succeed.
func (c *cluster) must(t *testing.T, stdin string, args ...string) {
	t.Helper()
	if out, err := c.kubectl(stdin, args...); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// within waits until something holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
