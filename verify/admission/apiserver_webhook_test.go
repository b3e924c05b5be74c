package admission_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

// webhookFor is one webhook of the configuration: there is one for each mode, told apart by
// the namespace's label.
const webhookFor = `- name: %[1]s.plumb.dev
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

// serve starts plumb on a repository whose lock has the images 0 to 2, and makes the
// API server ask it.
func (c *cluster) serve() {
	c.t.Helper()
	c.repo, c.ca, c.front = newRepository(c.t), newAuthority(c.t), newFront(c.t)
	c.ca.issue(c.t, c.dir, 1)
	c.hook = c.startHook(c.t)
	c.front.to(c.hook)
	within(c.t, 20*time.Second, served, func() bool { return c.hook.log.count(served) > 0 })
	text := "apiVersion: admissionregistration.k8s.io/v1\nkind: " +
		"ValidatingWebhookConfiguration\nmetadata: {name: plumb}\nwebhooks:\n"
	for _, mode := range []struct{ name, selects string }{{"enforce", "NotIn, values: [warn, " +
		"audit]"}, {"warn", "In, values: [warn]"}, {"audit", "In, values: [audit]"}} {
		text += fmt.Sprintf(webhookFor, mode.name, "https://"+c.front.listener.Addr().String(),
			base64.StdEncoding.EncodeToString(c.ca.pem()), mode.selects)
	}
	c.must(c.t, text, "create", "-f", "-")
	within(c.t, 20*time.Second, "the API server calls plumb", func() bool {
		_, err := c.create(webPod("nginx:1.27", "probe"))
		return err != nil
	})
}

// endWebhook takes the webhook away.
func (c *cluster) endWebhook() {
	c.t.Helper()
	c.must(c.t, "", "delete", "validatingwebhookconfigurations", "--all")
	c.front.to()
	for _, h := range append(c.replicas, c.hook) {
		h.kill()
	}
	c.replicas = nil
	within(c.t, 20*time.Second, "the API server calls no webhook", func() bool {
		_, err := c.create(webPod("nginx:1.27", "probe"))
		return err == nil
	})
}

// replace ends the webhook's process and starts another.
func (c *cluster) replace(t *testing.T, flags ...string) {
	t.Helper()
	c.hook.kill()
	c.hook = c.startHook(t, flags...)
	c.front.to(c.hook)
}
