package admission_test

import (
	"strings"
	"testing"
	"time"
)

// manifests checks that the server takes what plumb admission manifests prints, each
// field of it.
func (c *cluster) manifests(t *testing.T) {
	for _, certificate := range []string{"--self-signed", "--cert-manager"} {
		out, err := c.run("", c.plumb, "admission", "manifests", "--git", "https://git.example.org/acme/cluster.git", "--image", "plumb@"+digestOf(0),
			"--namespace", "plumb-system", "--path", "clusters/prod=shop,web", "--credentials", "git", "--trust-commits", "signers", "--policy", "policies",
			"--exempt", "kube-system", "--break-glass", "oncall", "--resource", "acme.example/widgets", certificate)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var docs []string
		for _, doc := range strings.Split(out, "---\n")[1:] {
			switch {
			case strings.HasPrefix(doc, "apiVersion: v1\nkind: Namespace\n"): // what is in it wants it to be there
				c.must(doc, "apply", "--server-side", "--validate=strict", "-f", "-")
			case strings.HasPrefix(doc, "apiVersion: cert-manager.io/"): // the server knows no such kind
			default:
				docs = append(docs, doc)
			}
		}
		out, err = c.kubectl(strings.Join(docs, "---\n"), "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
		if n := strings.Count(out, " serverside-applied (server dry run)\n"); err != nil || n != len(docs) || strings.Contains(out, "Warning") {
			t.Errorf("%s: %d of %d objects are taken: %v\n%s", certificate, n, len(docs), err, out)
		}
	}
}

// withoutDigests checks that a policy whose digests are gone lets nothing in.
func withoutDigests(t *testing.T, c *cluster) {
	c.must("", "delete", "digestlists.plumb.dev", "--all")
	within(t, 10*time.Second, "all is denied", func() bool {
		_, err := c.create(webPod(imageOf(1), "new"))
		return err != nil
	})
}
