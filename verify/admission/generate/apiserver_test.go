package generate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
	"github.com/plumb-dev/plumb/verify/admission/generate"
)

const checkout = "../../.."

// cluster is a kube-apiserver.
type cluster struct {
	t               *testing.T
	kubeconfig, dir string
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("NOT TESTED with a kube-apiserver: kubectl is not installed")
	}
	dir := t.TempDir()
	s, err := apiservertest.Start(checkout, filepath.Join(dir, "apiserver"))
	var missing *apiservertest.Missing
	switch {
	case errors.As(err, &missing):
		t.Skipf("NOT TESTED with a kube-apiserver: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	c := &cluster{t, s.Kubeconfig, dir}
	for _, namespace := range []string{"shop", "watched", "exempt"} {
		c.must("", "create", "namespace", namespace)
		c.must("", "create", "serviceaccount", "default", "-n", namespace)
	}
	c.must("", "label", "namespace", "watched", "plumb.dev/mode=warn")
	return c
}

func (c *cluster) kubectl(stdin string, args ...string) (string, error) {
	cmd := exec.Command("kubectl", args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig, "HOME="+c.dir)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *cluster) must(stdin string, args ...string) string {
	c.t.Helper()
	out, err := c.kubectl(stdin, args...)
	if err != nil {
		c.t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// until runs kubectl until it ends as wanted: a policy takes effect a moment after it
// has been written.
func (c *cluster) until(t *testing.T, ok bool, says, stdin string, args ...string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		out, err := c.kubectl(stdin, args...)
		if (err == nil) == ok && strings.Contains(out, says) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("kubectl %s: allowed %v, want %v and %q\n%s", strings.Join(args, " "), err == nil, ok, says, out)
		}
	}
}

// locked is the lock of an image with one platform.
func locked(digest, manifest string) []*lockfile.Lock {
	return []*lockfile.Lock{{Entries: []lockfile.Entry{{Kind: lockfile.Image, Name: "ghcr.io/acme/app:1", Digest: digest,
		Platforms: []lockfile.Platform{{Platform: "linux/amd64", Manifest: manifest}}}}}}
}

const (
	first    = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	second   = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	platform = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
)

// objects are one of each kind that a policy reaches, in a namespace.
func objects(namespace, image string) map[string]string {
	containers := fmt.Sprintf(`"containers":[{"name":"c","image":%q}]`, image)
	template := `"template":{"metadata":{"labels":{"app":"web"}},"spec":{` + containers + `}}`
	selector := `"selector":{"matchLabels":{"app":"web"}},`
	job := `"template":{"spec":{"restartPolicy":"Never",` + containers + `}}`
	object := func(version, kind, body string) string {
		return fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"name":"new","namespace":%q},%s}`, version, kind, namespace, body)
	}
	return map[string]string{
		"Pod":                   object("v1", "Pod", `"spec":{`+containers+`}`),
		"init container":        object("v1", "Pod", fmt.Sprintf(`"spec":{"initContainers":[{"name":"i","image":%q}],"containers":[{"name":"c","image":"app@%s"}]}`, image, first)),
		"image volume":          object("v1", "Pod", fmt.Sprintf(`"spec":{"volumes":[{"name":"v","image":{"reference":%q}}],"containers":[{"name":"c","image":"app@%s"}]}`, image, first)),
		"PodTemplate":           object("v1", "PodTemplate", template),
		"ReplicationController": object("v1", "ReplicationController", `"spec":{"selector":{"app":"web"},`+template+`}`),
		"ReplicaSet":            object("apps/v1", "ReplicaSet", `"spec":{`+selector+template+`}`),
		"Deployment":            object("apps/v1", "Deployment", `"spec":{`+selector+template+`}`),
		"StatefulSet":           object("apps/v1", "StatefulSet", `"spec":{"serviceName":"web",`+selector+template+`}`),
		"DaemonSet":             object("apps/v1", "DaemonSet", `"spec":{`+selector+template+`}`),
		"Job":                   object("batch/v1", "Job", `"spec":{`+job+`}`),
		"CronJob":               object("batch/v1", "CronJob", `"spec":{"schedule":"@daily","jobTemplate":{"spec":{`+job+`}}}`),
	}
}

// TestOnServer holds what is written against a real kube-apiserver: that it takes what
// installs the webhook, and what it makes of both forms of the policy.
func TestOnServer(t *testing.T) {
	c := newCluster(t)
	t.Run("manifests", c.manifests)
	c.must(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"old","namespace":"shop","finalizers":["acme.example/hold"]},"spec":{"containers":[{"name":"c","image":"nginx"}]}}`,
		"create", "-f", "-")
	for _, form := range []generate.Form{generate.Buckets, generate.Literals} {
		t.Run(map[generate.Form]string{generate.Buckets: "buckets", generate.Literals: "literals"}[form], func(t *testing.T) {
			o := generate.PolicyOptions{Locks: locked(first, platform), Form: form, Exempt: []string{"exempt", "kube-system"}, Repository: "acme/cluster"}
			c.install(t, o)
			c.same(t, o)
			c.verdicts(t)
			c.moved(t, o)
			c.must("", "delete", "validatingadmissionpolicybinding", "--all")
			c.must("", "delete", "validatingadmissionpolicy", "--all")
			// Gone, it no longer denies, so that the next form is seen to.
			c.until(t, true, "created", objects("shop", "nginx")["Pod"], "create", "--dry-run=server", "-f", "-")
		})
	}
}

// install applies a policy, and waits until it denies.
func (c *cluster) install(t *testing.T, o generate.PolicyOptions) {
	t.Helper()
	if o.Form == generate.Buckets {
		definition, err := generate.Definition()
		if err != nil {
			t.Fatal(err)
		}
		c.must(string(definition), "apply", "--server-side", "-f", "-")
		c.must("", "wait", "--for=condition=established", "crd/digestlists.plumb.dev")
	}
	text, err := generate.Policy(o)
	if err != nil {
		t.Fatal(err)
	}
	c.must(string(text), "apply", "--server-side", "--force-conflicts", "-f", "-")
	c.until(t, false, "[unpinned]", objects("shop", "nginx")["Pod"], "create", "--dry-run=server", "-f", "-")
	c.until(t, true, "Warning: ", objects("watched", "nginx")["Pod"], "create", "--dry-run=server", "-f", "-")
}

// same checks that what stands in the cluster is, to Compare, what was written.
func (c *cluster) same(t *testing.T, o generate.PolicyOptions) {
	t.Helper()
	refs, err := o.Refs()
	if err != nil {
		t.Fatal(err)
	}
	var live []map[string]any
	for _, r := range refs {
		var object map[string]any
		if err := json.Unmarshal([]byte(c.must("", "get", "-o", "json", r.Resource())), &object); err != nil {
			t.Fatal(err)
		}
		live = append(live, object)
	}
	differences, err := o.Compare(live)
	if err != nil || len(differences) != 0 {
		t.Errorf("what was applied differs from what was written: %v, %v", differences, err)
	}
}

func (c *cluster) verdicts(t *testing.T) {
	t.Helper()
	create := []string{"create", "--dry-run=server", "-f", "-"}
	for _, tt := range []struct {
		image, says string
		ok          bool
	}{
		{"ghcr.io/acme/app:1@" + first, "created", true},
		{"ghcr.io/acme/app@" + platform, "created", true},
		{"ghcr.io/acme/app:1", `image "ghcr.io/acme/app:1" is not pinned to a sha256 digest [unpinned]; to pin it, in acme/cluster: plumb lock`, false},
		{"ghcr.io/acme/app:1@" + second, "is not in plumb.lock [unlocked]; to lock it, in acme/cluster: plumb lock", false},
	} {
		all := objects("shop", tt.image)
		out, err := c.kubectl(strings.Join(slices.Collect(maps.Values(all)), "\n"), create...)
		if n := strings.Count(out, tt.says); (err == nil) != tt.ok || n != len(all) {
			t.Errorf("%s: allowed %v, want %v; %d times %q, want %d\n%s", tt.image, err == nil, tt.ok, n, tt.says, len(all), out)
		}
	}
	for _, tt := range []struct {
		name, says, stdin string
		ok                bool
		command           []string
	}{
		{"exempt namespace", "created", objects("exempt", "nginx")["Pod"], true, create},
		{"a namespace with the mode warn", "Warning: Validation failed for ValidatingAdmissionPolicy 'plumb' with binding 'plumb-warn'", objects("watched", "nginx")["Pod"], true, create},
		{"kubectl debug", `ephemeral container "bad": image "busybox" is not pinned`, "", false,
			[]string{"debug", "pod/web", "-n", "shop", "--image=busybox", "-c", "bad", "--attach=false"}},
		{"kubectl debug with a locked image", "", "", true,
			[]string{"debug", "pod/web", "-n", "shop", "--image=ghcr.io/acme/app@" + first, "--attach=false"}},
		{"kubectl set image", `container "c": image "nginx" is not pinned`, "", false,
			[]string{"set", "image", "pod/web", "c=nginx", "-n", "shop", "--dry-run=server"}},
		{"what was there, changed", "[unpinned]", "", false, []string{"label", "pod/old", "-n", "shop", "a=b", "--dry-run=server"}},
		{"status", "patched", "", true,
			[]string{"patch", "pod/old", "-n", "shop", "--subresource=status", "--dry-run=server", "--type=merge", "-p", `{"status":{"message":"m"}}`}},
		{"deleted", "deleted", "", true, []string{"delete", "pod/old", "-n", "shop", "--dry-run=server", "--wait=false"}},
	} {
		if tt.command[0] == "debug" || tt.command[0] == "set" {
			c.must(strings.Replace(objects("shop", "ghcr.io/acme/app@"+first)["Pod"], `"new"`, `"web"`, 1), "apply", "-f", "-")
		}
		out, err := c.kubectl(tt.stdin, tt.command...)
		if (err == nil) != tt.ok || !strings.Contains(out, tt.says) {
			t.Errorf("%s: allowed %v, want %v and %q\n%s", tt.name, err == nil, tt.ok, tt.says, out)
		}
	}
	c.must("", "delete", "pod/web", "-n", "shop", "--now", "--wait=false")
}

// moved checks that a digest which leaves the lock no longer gets in, and its
// successor does.
func (c *cluster) moved(t *testing.T, o generate.PolicyOptions) {
	t.Helper()
	o.Locks = locked(second, platform)
	text, err := generate.Policy(o)
	if err != nil {
		t.Fatal(err)
	}
	c.must(string(text), "apply", "--server-side", "--force-conflicts", "-f", "-")
	create := []string{"create", "--dry-run=server", "-f", "-"}
	c.until(t, true, "created", objects("shop", "app@"+second)["Pod"], create...)
	c.until(t, false, "[unlocked]", objects("shop", "app@"+first)["Pod"], create...)
	c.same(t, o)
	if o.Form == generate.Buckets {
		c.must("", "delete", "digestlist.plumb.dev/plumb")
		c.until(t, false, "", objects("shop", "app@"+second)["Pod"], create...)
	}
}

func (c *cluster) manifests(t *testing.T) {
	for _, certificates := range []generate.Certificates{generate.SelfSigned, generate.CertManager} {
		o := generate.Options{Image: "registry.example.org/plumb@" + first, Git: "https://git.example.org/acme/cluster.git", Certificates: certificates,
			Credentials: "git", TrustCommits: "signers", Policy: "policies", Exempt: []string{"kube-system"}, Resources: []string{"acme.example/widgets"}}
		text, err := generate.Manifests(o)
		if err != nil {
			t.Fatal(err)
		}
		var docs []string
		for _, doc := range strings.Split(string(text), "---\n")[1:] {
			if strings.HasPrefix(doc, "apiVersion: v1\nkind: Namespace\n") {
				c.must(doc, "apply", "--server-side", "--validate=strict", "-f", "-") // what is in it needs it to be there
			} else if !strings.HasPrefix(doc, "apiVersion: cert-manager.io/") {
				docs = append(docs, doc)
			}
		}
		c.must(strings.Join(docs, "---\n"), "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
	}
}
