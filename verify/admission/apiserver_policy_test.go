package admission_test

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// applyPolicy gives the cluster the policy for a lock of the images 0 to 2, and waits until
// it holds.
func (c *cluster) applyPolicy(form string) {
	c.t.Helper()
	definition, err := c.run("", c.plumb, "admission", "policy", "--definition")
	if err != nil {
		c.t.Fatalf("%v\n%s", err, definition)
	}
	c.must(c.t, definition, "apply", "--server-side", "--validate=strict", "-f", "-")
	c.must(c.t, "", "wait", "--for=condition=Established", "crd/digestlists.plumb.dev",
		"--timeout=30s")
	c.must(c.t, c.policy(c.t, form, 3), "apply", "--server-side", "--force-conflicts",
		"--validate=strict", "-f", "-")
	within(c.t, 30*time.Second, "the policy holds", func() bool {
		out, _ := c.create(webPod("nginx:1.27", "probe"))
		_, good := c.create(webPod(imageOf(1), "probe"))
		return strings.Contains(out, "[unpinned]") && good == nil
	})
}

// endPolicy takes the policy away.
func (c *cluster) endPolicy() {
	c.t.Helper()
	c.must(c.t, "", "delete", "validatingadmissionpolicybindings,validatingadmissionpolicies",
		"--all")
	within(c.t, 30*time.Second, "nothing is denied", func() bool {
		_, err := c.create(webPod("nginx:1.27", "probe"))
		return err == nil
	})
}

// policy is the policy of a lock of images, as plumb prints it.
func (c *cluster) policy(t *testing.T, form string, images int) string {
	t.Helper()
	out, err := c.run("", c.plumb, c.policyCommand(t, form, images)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// policyCommand is the command that prints it, for a lock that it writes.
func (c *cluster) policyCommand(t *testing.T, form string, images int, more ...string) []string {
	t.Helper()
	dir := filepath.Join(c.dir, fmt.Sprint("tree-", images))
	writeFile(t, filepath.Join(dir, "plumb.yaml"), []byte("apiVersion: plumb.dev/v1\nkind: "+
		"Config\n"))
	writeFile(t, filepath.Join(dir, "plumb.lock"), lockOf(images))
	if !c.strict {
		more = append([]string{"--existing", "allow"}, more...)
	}
	return append([]string{"-C", dir, "admission", "policy", "--form", form, "--exempt", "system", "--exempt", "kube-system"}, more...)
}

// policyLives is what happens to a policy of a form in its life.
func policyLives(form string) []life {
	out := []life{
		{"policy --check says that it is as printed", func(t *testing.T, c *cluster) {
			c.comparePolicy(t, form, 3, 0, "^$")
		}},
		{"policy --check says that it is not", func(t *testing.T, c *cluster) {
			c.comparePolicy(t, form, 4, 1, "differences?; to fix it")
		}},
		{"a digest that leaves the lock is denied", func(t *testing.T, c *cluster) {
			c.admits(t, imageOf(2))
			c.must(t, c.policy(t, form, 2), "apply", "--server-side", "--force-conflicts",
				"--validate=strict", "-f", "-")
			within(t, 10*time.Second, "it is denied", func() bool {
				out, _ := c.create(webPod(imageOf(2), "new"))
				return strings.Contains(out, "[unlocked]")
			})
			c.admits(t, imageOf(1))
		}},
	}
	if form == "buckets" {
		out = append(out, life{"without its digests all is denied", withoutDigests})
	}
	return out
}

// comparePolicy compares what stands in the cluster with a lock of images.
func (c *cluster) comparePolicy(t *testing.T, form string, images, status int, says string) {
	t.Helper()
	out, err := c.run("", c.plumb, c.policyCommand(t, form, images, "--check")...)
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	}
	if got != status || !regexp.MustCompile(says).MatchString(out) {
		t.Errorf("status %d, want %d and %s:\n%s", got, status, says, out)
	}
}

// withoutDigests takes the digests from a policy, which lets nothing in then.
func withoutDigests(t *testing.T, c *cluster) {
	c.must(t, "", "delete", "digestlists.plumb.dev", "--all")
	within(t, 10*time.Second, "all is denied", func() bool {
		_, err := c.create(webPod(imageOf(1), "new"))
		return err != nil
	})
}
