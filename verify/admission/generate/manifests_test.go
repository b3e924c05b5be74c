package generate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
)

// least are the options that have to be there.
func least() Options {
	return Options{Image: "registry.example.org/plumb@" + digest(7), Git: "https://git.example.org/acme/cluster.git", Certificates: SelfSigned}
}

// most are options of which none is left out.
func most() Options {
	o := least()
	o.Namespace, o.Replicas, o.Git, o.Branch = "guard", 3, "git@git.example.org:acme/cluster.git", "prod"
	o.Paths = []string{"clusters/prod=shop,web", "clusters/base"}
	o.Credentials, o.TrustCommits, o.Policy = "git", "signers", "policies"
	o.Mode, o.Existing, o.Exempt, o.BreakGlass = admission.Audit, true, []string{"kube-system", "guard"}, []string{"oncall", "system:masters"}
	o.Resources, o.Certificates = []string{"postgresql.cnpg.io/clusters"}, CertManager
	return o
}

func TestManifestsGolden(t *testing.T) {
	for file, o := range map[string]Options{"manifests.yaml": least(), "manifests-all.yaml": most()} {
		got, err := Manifests(o)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, file, got)
		if again, err := Manifests(o); err != nil || !bytes.Equal(got, again) {
			t.Errorf("%s: a second run writes something else: %v", file, err)
		}
	}
}

// TestStrict checks that all that is written is what Kubernetes' types have, and
// nothing else.
func TestStrict(t *testing.T) {
	bundled := least()
	bundled.Certificates, bundled.CABundle = CABundle, certificatePEM(t)
	policies := func(form Form) []byte {
		text, err := Policy(PolicyOptions{Locks: []*lockfile.Lock{testLock(2)}, Form: form})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	texts := [][]byte{policies(Buckets), policies(Literals)}
	for _, o := range []Options{least(), most(), bundled} {
		text, err := Manifests(o)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	decoded := map[string]int{}
	for _, text := range texts {
		for _, doc := range documents(t, text) {
			kind := doc["kind"].(string)
			into := map[string]any{
				"Namespace": &corev1.Namespace{}, "ServiceAccount": &corev1.ServiceAccount{}, "Service": &corev1.Service{},
				"Role": &rbacv1.Role{}, "RoleBinding": &rbacv1.RoleBinding{}, "ClusterRole": &rbacv1.ClusterRole{}, "ClusterRoleBinding": &rbacv1.ClusterRoleBinding{},
				"NetworkPolicy": &networkingv1.NetworkPolicy{}, "PodDisruptionBudget": &policyv1.PodDisruptionBudget{}, "Deployment": &appsv1.Deployment{},
				"ValidatingWebhookConfiguration":   &admissionv1.ValidatingWebhookConfiguration{},
				"ValidatingAdmissionPolicy":        &admissionv1.ValidatingAdmissionPolicy{},
				"ValidatingAdmissionPolicyBinding": &admissionv1.ValidatingAdmissionPolicyBinding{},
			}[kind]
			decoded[kind]++
			if into == nil {
				continue
			}
			raw, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			d := json.NewDecoder(bytes.NewReader(raw))
			d.DisallowUnknownFields()
			if err := d.Decode(into); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if d, ok := into.(*appsv1.Deployment); ok {
				restricted(t, d.Spec.Template.Spec)
			}
		}
	}
	want := map[string]int{"Namespace": 3, "ServiceAccount": 3, "Role": 1, "RoleBinding": 1, "ClusterRole": 1, "ClusterRoleBinding": 1,
		"NetworkPolicy": 3, "Service": 3, "PodDisruptionBudget": 3, "Deployment": 3, "ValidatingWebhookConfiguration": 3,
		"Issuer": 1, "Certificate": 1, "CustomResourceDefinition": 1, "DigestList": 1,
		"ValidatingAdmissionPolicy": 2, "ValidatingAdmissionPolicyBinding": 8}
	if diff := cmp.Diff(want, decoded); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// restricted checks what the restricted profile of Pod Security asks for.
func restricted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	is := func(b *bool, want bool) bool { return b != nil && *b == want }
	s, c := pod.SecurityContext, pod.Containers[0].SecurityContext
	for what, ok := range map[string]bool{
		"runs as root":               is(s.RunAsNonRoot, true) && s.RunAsUser != nil && *s.RunAsUser > 0,
		"no seccomp profile":         s.SeccompProfile != nil && s.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"may gain privileges":        is(c.AllowPrivilegeEscalation, false) && c.Privileged == nil,
		"writes its root filesystem": is(c.ReadOnlyRootFilesystem, true),
		"has capabilities":           len(c.Capabilities.Drop) == 1 && c.Capabilities.Drop[0] == "ALL" && c.Capabilities.Add == nil,
		"shares the node's":          !pod.HostNetwork && !pod.HostPID && !pod.HostIPC,
	} {
		if !ok {
			t.Errorf("the Pod %s", what)
		}
	}
	for _, v := range pod.Volumes {
		if v.HostPath != nil {
			t.Errorf("volume %s is the node's", v.Name)
		}
	}
}

// TestCanStart checks that the webhook is not asked for what a cluster needs to start
// it, that it denies when it is gone, and that each namespace has one webhook.
func TestCanStart(t *testing.T) {
	text, err := Manifests(most())
	if err != nil {
		t.Fatal(err)
	}
	var config admissionv1.ValidatingWebhookConfiguration
	docs := documents(t, text)
	raw, err := json.Marshal(docs[len(docs)-1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ namespace, mode, want string }{
		{"guard", "", ""},
		{"guard", "enforce", ""},
		{"kube-system", "", ""},
		{"kube-system", "enforce", ""},
		{"shop", "", "/validate"},
		{"shop", "none", "/validate"},
		{"shop", "enforce", "/validate/enforce"},
		{"shop", "warn", "/validate/warn"},
		{"shop", "audit", "/validate/audit"},
	} {
		labels := map[string]string{nameLabel: tt.namespace}
		if tt.mode != "" {
			labels[modeLabel] = tt.mode
		}
		var got []string
		for _, w := range config.Webhooks {
			if *w.FailurePolicy != admissionv1.Fail || *w.TimeoutSeconds != 5 || *w.SideEffects != admissionv1.SideEffectClassNone {
				t.Errorf("%s: fails %s in %d s, with side effects %s", w.Name, *w.FailurePolicy, *w.TimeoutSeconds, *w.SideEffects)
			}
			matches := true
			for _, r := range w.NamespaceSelector.MatchExpressions {
				in := false
				for _, v := range r.Values {
					label, ok := labels[r.Key]
					in = in || ok && label == v
				}
				matches = matches && in == (r.Operator == "In")
			}
			if matches {
				got = append(got, *w.ClientConfig.Service.Path)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("namespace %s, mode %q: %q is asked, want %q", tt.namespace, tt.mode, got, tt.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		option string // that is refused, "" for none
		change func(*Options)
	}{
		{"", func(*Options) {}},
		{"namespace", func(o *Options) { o.Namespace = "a.b" }},
		{"image", func(o *Options) { o.Image = "" }},
		{"image", func(o *Options) { o.Image = "registry.example.org/plumb:v1" }},
		{"image", func(o *Options) { o.Image = "registry.example.org/plumb@sha512:" + strings.Repeat("0a", 64) }},
		{"", func(o *Options) { o.Image = "registry.example.org/plumb:v1@" + digest(7) }},
		{"replicas", func(o *Options) { o.Replicas = -1 }},
		{"mode", func(o *Options) { o.Mode = -1 }},
		{"git", func(o *Options) { o.Git = "" }},
		{"git", func(o *Options) { o.Git = "/srv/git/cluster.git" }},
		{"git", func(o *Options) { o.Git = "file:///srv/git/cluster.git" }},
		{"git", func(o *Options) { o.Git = "https://user:password@git.example.org/a.git" }},
		{"", func(o *Options) { o.Git = "ssh://git@git.example.org:2222/a.git" }},
		{"branch", func(o *Options) { o.Branch = "a\nb" }},
		{"path", func(o *Options) { o.Paths = []string{"/etc"} }},
		{"credentials", func(o *Options) { o.Credentials = "Git" }},
		{"trust-commits", func(o *Options) { o.TrustCommits = "a/b" }},
		{"policy", func(o *Options) { o.Policy = "../x" }},
		{"exempt", func(o *Options) { o.Exempt = []string{"kube-*"} }},
		{"break-glass", func(o *Options) { o.BreakGlass = []string{""} }},
		{"resource", func(o *Options) { o.Resources = []string{"clusters"} }},
		{"resource", func(o *Options) { o.Resources = []string{"postgresql.cnpg.io/*"} }},
		{"certificates", func(o *Options) { o.Certificates = 0 }},
		{"ca-bundle", func(o *Options) { o.Certificates = CABundle }},
		{"ca-bundle", func(o *Options) {
			o.Certificates, o.CABundle = CABundle, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
		}},
		{"", func(o *Options) { o.Certificates, o.CABundle = CABundle, certificatePEM(t) }},
	} {
		o := least()
		tt.change(&o)
		_, err := Manifests(o)
		var bad *OptionError
		switch {
		case tt.option == "" && err != nil:
			t.Errorf("%+v: %v", o, err)
		case tt.option != "" && (!errors.As(err, &bad) || bad.Option != tt.option):
			t.Errorf("%+v: got %v, want an error of %s", o, err, tt.option)
		}
	}
}

func TestGitPort(t *testing.T) {
	for address, want := range map[string]string{
		"https://git.example.org/a": "443", "https://git.example.org:8443/a": "8443", "ssh://git@git.example.org/a": "22",
		"git@git.example.org:a/b": "22", "http://git.example.org/a": "80", "git://git.example.org/a": "9418",
	} {
		if got, err := gitPort(address); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", address, got, err, want)
		}
	}
}

func certificatePEM(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
