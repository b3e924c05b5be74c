// Package install writes the manifests that install the admission webhook in a cluster: an
// embedded template with the options filled in. The same options give the same bytes.
package install

import (
	_ "embed"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/yamltemplate"
)

//go:embed install.yaml
var text string

var parsed = sync.OnceValue(func() *template.Template {
	return yamltemplate.Parse("install.yaml", text)
})

// Manifests writes the objects that install plumb admission serve in a cluster. The error
// is an *admission.OptionError.
func Manifests(o Options) ([]byte, error) {
	if o.Namespace == "" {
		o.Namespace = "plumb-system"
	}
	if o.Branch == "" {
		o.Branch = "main"
	}
	if o.Replicas == 0 {
		o.Replicas = 2
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	// Its own namespace is exempt: once the webhook is gone, it could not come back otherwise.
	other := slices.DeleteFunc(slices.Clone(o.Exempt), func(name string) bool {
		return name == o.Namespace
	})
	o.Exempt = append([]string{o.Namespace}, other...)
	return yamltemplate.Execute(parsed(), values{o})
}

// values is what the template is executed with: the options, and what follows from them.
type values struct{ Options }

// ExemptList is the exempt namespaces, for people.
func (v values) ExemptList() string { return strings.Join(v.Exempt, ", ") }

// Wants reports whether something has to be in the namespace that the manifests do not have.
func (v values) Wants() bool {
	return v.Credentials != "" || v.TrustCommits != "" || v.Policy != "" || v.UsesCABundle()
}

// UsesAPI reports whether the server sends requests to the API server: only if it keeps
// its certificate itself.
func (v values) UsesAPI() bool { return v.Certificates == SelfSigned }

// UsesCertManager reports whether cert-manager issues the certificate.
func (v values) UsesCertManager() bool { return v.Certificates == CertManager }

// UsesCABundle reports whether the certificate is in a Secret already.
func (v values) UsesCABundle() bool { return v.Certificates == CABundle }

// EncodedCABundle is the CABundle as a manifest has it.
func (v values) EncodedCABundle() string { return base64.StdEncoding.EncodeToString(v.CABundle) }

// Host is the name that API servers know the webhook by.
func (v values) Host() string { return "plumb-admission." + v.Namespace + ".svc" }

// GitPort is the port of the repository's server.
func (v values) GitPort() (int, error) { return gitPort(v.Git) }

// Scopes are the webhooks: one for each mode that a namespace may have, and one for all
// namespaces that have none.
func (v values) Scopes() []admission.Scope { return admission.Scopes(v.Mode) }

// mount is a volume of files that the server reads, from a Secret or a ConfigMap.
type mount struct{ Name, Path, Secret, ConfigMap string }

// Mounts are the server's volumes, but for those that it writes to.
func (v values) Mounts() []mount {
	var out []mount
	if !v.UsesAPI() {
		out = append(out, mount{Name: "tls", Path: "/etc/plumb/tls", Secret: "plumb-admission-tls"})
	}
	if v.Credentials != "" {
		out = append(out, mount{Name: "git", Path: "/etc/plumb/git", Secret: v.Credentials})
	}
	if v.TrustCommits != "" {
		out = append(out, mount{Name: "signers", Path: "/etc/plumb/signers",
			Secret: v.TrustCommits})
	}
	if v.Policy != "" {
		out = append(out, mount{Name: "policy", Path: "/etc/plumb/policy", ConfigMap: v.Policy})
	}
	return out
}

// customResource is one of Options.Resources.
type customResource struct{ Group, Plural string }

// CustomResources are Options.Resources.
func (v values) CustomResources() []customResource {
	var out []customResource
	for _, r := range v.Resources {
		group, plural, _ := strings.Cut(r, "/")
		out = append(out, customResource{group, plural})
	}
	return out
}
