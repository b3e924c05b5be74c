package install

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/verify/admission"
)

var update = flag.Bool("update", false, "write the golden files")

const image = "registry.example.org/plumb@sha256:0300000000000000000000000000000000000000000000000000000000000007"

// least are the options that have to be there.
func least() Options {
	return Options{Image: image, Git: "https://git.example.org/acme/cluster.git",
		Certificates: SelfSigned}
}

// most are options of which none is left out.
func most() Options {
	o := least()
	o.Namespace, o.Replicas, o.Git, o.Branch = "guard", 3, "git@git.example.org:acme/cluster.git",
		"prod"
	o.Paths = []string{"clusters/prod=shop,web", "clusters/base"}
	o.Credentials, o.TrustCommits, o.Policy = "git", "signers", "policies"
	o.Mode, o.Existing, o.Exempt, o.BreakGlass = admission.Audit, true,
		[]string{"kube-system", "guard"}, []string{"oncall", "system:masters"}
	o.Resources, o.Certificates = []string{"postgresql.cnpg.io/clusters"}, CertManager
	return o
}

// bundled are the least options, with a certificate that is there already.
func bundled(t *testing.T) Options {
	o := least()
	o.Certificates, o.CABundle = CABundle, certificatePEM(t)
	return o
}

func TestManifestsGolden(t *testing.T) {
	for name, o := range map[string]Options{"least.yaml": least(), "most.yaml": most()} {
		got, err := Manifests(o)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what is written (-want +got; -update writes it):\n%s", path, diff)
		}
		if again, err := Manifests(o); err != nil || !bytes.Equal(got, again) {
			t.Errorf("%s: a second run writes something else: %v", path, err)
		}
	}
}

// objects are what Manifests writes, decoded. A key that an object has twice is an error.
func objects(t *testing.T, o Options) []map[string]any {
	t.Helper()
	text, err := Manifests(o)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		if object != nil { // and not the comment at the top
			out = append(out, object)
		}
	}
	return out
}

// one is the object of a kind.
func one(t *testing.T, all []map[string]any, kind string) map[string]any {
	t.Helper()
	for _, object := range all {
		if object["kind"] == kind {
			return object
		}
	}
	t.Fatalf("there is no %s", kind)
	return nil
}

// at is what is at a path of keys and indexes in an object; nil if there is nothing.
func at(object any, path ...any) any {
	for _, step := range path {
		switch v := object.(type) {
		case map[string]any:
			key, _ := step.(string)
			object = v[key]
		case []any:
			i, ok := step.(int)
			if !ok || i >= len(v) {
				return nil
			}
			object = v[i]
		default:
			return nil
		}
	}
	return object
}

// items are those of the list at a path.
func items(object any, path ...any) []any {
	list, _ := at(object, path...).([]any)
	return list
}

func TestKinds(t *testing.T) {
	kinds := func(o Options) string {
		var all []string
		for _, object := range objects(t, o) {
			all = append(all, object["kind"].(string))
		}
		return strings.Join(all, " ")
	}
	const server = " NetworkPolicy Service PodDisruptionBudget Deployment " +
		"ValidatingWebhookConfiguration"
	for want, o := range map[string]Options{
		"Namespace ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding" +
			server: least(),
		"Namespace ServiceAccount Issuer Certificate" + server: most(),
		"Namespace ServiceAccount" +
			server: bundled(t),
	} {
		if got := kinds(o); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestReferences checks that the objects find one another: selectors the Pods, the Service
// its port, mounts their volumes, and each object its namespace.
func TestReferences(t *testing.T) {
	for _, o := range []Options{least(), most(), bundled(t)} {
		all := objects(t, o)
		namespace := at(one(t, all, "Namespace"), "metadata", "name")
		for _, object := range all {
			if in := at(object, "metadata", "namespace"); in != nil && in != namespace {
				t.Errorf("%s is in the namespace %v, not %v", object["kind"], in, namespace)
			}
			for _, subject := range items(object, "subjects") {
				if at(subject, "namespace") != namespace ||
					at(subject, "name") != at(one(t, all, "ServiceAccount"), "metadata", "name") {
					t.Errorf("%s is about %v", object["kind"], subject)
				}
			}
		}
		pod := at(one(t, all, "Deployment"), "spec", "template")
		labels := at(pod, "metadata", "labels").(map[string]any)
		for kind, path := range map[string][]any{"Deployment": {"spec", "selector", "matchLabels"},
			"Service":             {"spec", "selector"},
			"PodDisruptionBudget": {"spec", "selector", "matchLabels"},
			"NetworkPolicy":       {"spec", "podSelector", "matchLabels"}} {
			selector, _ := at(one(t, all, kind), path...).(map[string]any)
			if len(selector) == 0 {
				t.Errorf("%s selects everything", kind)
			}
			for key, value := range selector {
				if labels[key] != value {
					t.Errorf("%s selects %s=%v, which the Pods do not have", kind, key, value)
				}
			}
		}
		container := at(pod, "spec", "containers", 0)
		for i, name := range []string{"webhook", "metrics"} {
			target := at(one(t, all, "Service"), "spec", "ports", i, "targetPort")
			if port := at(container, "ports", i); at(port, "name") != name ||
				at(port, "containerPort") != target {
				t.Errorf("port %s: the Service's target is %v, the container has %v", name, target,
					port)
			}
		}
		var mounts, volumes []any
		for _, m := range items(container, "volumeMounts") {
			mounts = append(mounts, at(m, "name"))
		}
		for _, v := range items(pod, "spec", "volumes") {
			volumes = append(volumes, at(v, "name"))
		}
		if diff := cmp.Diff(volumes, mounts); diff != "" {
			t.Errorf("volumes and mounts (-volumes +mounts):\n%s", diff)
		}
	}
}

// TestRestricted checks what the restricted profile of Pod Security asks for.
func TestRestricted(t *testing.T) {
	for _, o := range []Options{least(), most(), bundled(t)} {
		spec := at(one(t, objects(t, o), "Deployment"), "spec", "template", "spec")
		for _, tt := range []struct {
			path []any
			want any
		}{
			{[]any{"securityContext", "runAsNonRoot"}, true},
			{[]any{"securityContext", "runAsUser"}, 65532},
			{[]any{"securityContext", "seccompProfile", "type"}, "RuntimeDefault"},
			{[]any{"containers", 0, "securityContext", "allowPrivilegeEscalation"}, false},
			{[]any{"containers", 0, "securityContext", "readOnlyRootFilesystem"}, true},
			{[]any{"containers", 0, "securityContext", "privileged"}, nil},
			{[]any{"containers", 0, "securityContext", "capabilities"},
				map[string]any{"drop": []any{"ALL"}}},
			{[]any{"containers", 1}, nil},
			{[]any{"hostNetwork"}, nil}, {[]any{"hostPID"}, nil}, {[]any{"hostIPC"}, nil},
		} {
			if diff := cmp.Diff(tt.want, at(spec, tt.path...)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", tt.path, diff)
			}
		}
		for _, v := range items(spec, "volumes") {
			if at(v, "hostPath") != nil {
				t.Errorf("volume %v is the node's", at(v, "name"))
			}
		}
	}
}
