// Package vap writes the digests of locks as a ValidatingAdmissionPolicy, for clusters that
// want no webhook: embedded templates with the options and the digests filled in. The same
// options give the same bytes. What it writes has the defaults that an API server would fill
// in, so that what is in a cluster can be compared with it field by field.
package vap

import (
	_ "embed"
	"sync"
	"text/template"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/yamltemplate"
)

// DigestListKind is plumb's own kind, which holds the digests (form Buckets).
const DigestListKind = "DigestList"

var (
	//go:embed policy.yaml
	policyText string
	// definitionText is the CustomResourceDefinition of DigestListKind. It belongs to the
	// cluster, not to a namespace, and none of Kubernetes' roles for users of a namespace may
	// write it.
	//
	//go:embed definition.yaml
	definitionText string
)

var parsed = sync.OnceValue(func() *template.Template {
	return yamltemplate.Parse("policy.yaml", policyText)
})

// Policy writes a ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1) with its
// bindings and its parameter, in the order in which they take effect safely: the bindings
// last, as they deny where the parameter is missing. The error is an *admission.OptionError,
// or a *LimitError where the locks hold more than an API server takes.
func Policy(o Options) ([]byte, error) {
	p, err := o.policy()
	return p.text, err
}

// Definition is the CustomResourceDefinition alone, which has to be in place before an
// object of its kind can be.
func Definition() []byte { return []byte(definitionText) }

// policy is what Policy writes.
type policy struct {
	text    []byte
	objects []object
	digests digests
}

// policy writes the policy, and checks it against the limits.
func (o Options) policy() (policy, error) {
	if o.Name == "" {
		o.Name = "plumb"
	}
	if o.Repository == "" {
		o.Repository = "the cluster's repository"
	}
	if err := o.check(); err != nil {
		return policy{}, err
	}
	d := digestsOf(o.Locks)
	text, err := yamltemplate.Execute(parsed(), values{o, d})
	if err != nil {
		return policy{}, err
	}
	objects, err := decode(text)
	if err != nil {
		return policy{}, err
	}
	return policy{text, objects, d}, checkLimits(objects, d)
}

// values is what the template is executed with: the options, and what follows from them.
type values struct {
	Options
	digests digests
}

// Buckets reports whether the form is Buckets.
func (v values) Buckets() bool { return v.Form == Buckets }

// Definition is the definition of DigestListKind.
func (v values) Definition() string { return definitionText }

// Digests are the buckets of the DigestList.
func (v values) Digests() []bucket { return v.digests.buckets(bucketDigits) }

// Variables are the policy's. Each knows those before it.
func (v values) Variables() []variable {
	if v.Form == Buckets {
		return variables("params.spec.digests[?"+leading(bucketDigits)+"].orValue([])", v.Existing)
	}
	lookup := "variables.digests[?" + leading(1) + "][?" + leading(bucketDigits) + "].orValue([])"
	return append(literals(v.digests), variables(lookup, v.Existing)...)
}

// Validations are the policy's rules.
func (v values) Validations() []validation { return validations(v.Repository) }

// Scopes are the bindings: one for each mode that a namespace may have, and one for all
// namespaces that have none.
func (v values) Scopes() []admission.Scope { return admission.Scopes(v.Mode) }

// Action is what a binding calls a mode.
func (v values) Action(mode admission.Mode) string {
	switch mode {
	case admission.Warn:
		return "Warn"
	case admission.Audit:
		return "Audit"
	}
	return "Deny"
}
