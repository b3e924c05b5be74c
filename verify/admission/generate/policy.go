package generate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
)

// Form says how a policy knows the digests. The zero Form is Buckets.
type Form int

const (
	// Buckets keeps them in a DigestList, an object of plumb's own kind, that the
	// policy has as its parameter: when the lock changes, only that changes.
	Buckets Form = iota
	// Literals writes them into the policy, so that the cluster needs no
	// CustomResourceDefinition.
	Literals
)

// ParseForm reads "buckets" or "literals".
func ParseForm(name string) (Form, error) {
	switch name {
	case "buckets":
		return Buckets, nil
	case "literals":
		return Literals, nil
	}
	return Buckets, fmt.Errorf("%q is no form: the forms are buckets and literals", name)
}

// PolicyOptions are what Policy is told. The zero options, but for Locks, deny
// everywhere what is not locked.
type PolicyOptions struct {
	Locks []*lockfile.Lock
	// Name is that of each object; "plumb" if it is "".
	Name string
	Form Form
	Mode admission.Mode
	// Only are the namespaces that are judged; none: all.
	Only []string
	// Exempt are namespaces that are not judged.
	Exempt []string
	// Existing lets an update through that brings no image.
	Existing bool
	// Repository is where people mend what is rejected; "" if they know.
	Repository string
}

// DigestListKind is plumb's own kind, which holds the digests (form Buckets).
const DigestListKind = "DigestList"

const (
	group       = "plumb.dev"
	digestLists = "digestlists." + group
)

// Policy writes a ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1) with its
// bindings and its parameter. The error is an *OptionError, or a *LimitError where
// the locks hold more than an API server takes.
func Policy(o PolicyOptions) ([]byte, error) {
	objects, err := o.objects()
	if err != nil {
		return nil, err
	}
	return write(policyComment, objects)
}

// Definition writes the CustomResourceDefinition alone, which has to be in place before
// an object of its kind can be.
func Definition() ([]byte, error) { return write("", []object{definition()}) }

// objects are what Policy writes, in the order in which they take effect safely: a
// binding last, as it denies where the parameter is missing.
func (o PolicyOptions) objects() ([]object, error) {
	if o.Name == "" {
		o.Name = defaultName
	}
	if o.Repository == "" {
		o.Repository = "the cluster's repository"
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	d := digestsOf(o.Locks)
	var out []object
	if o.Form == Buckets {
		out = append(out, definition(), o.digestList(d))
	}
	out = append(out, o.policy(d))
	for _, s := range scopes(o.Mode, o.Only, o.Exempt) {
		out = append(out, o.binding(s))
	}
	return out, checkLimits(out, d)
}

const defaultName = "plumb"

const policyComment = `Lets a Pod in, and what makes Pods, only if each of its images is pinned to a digest
that plumb.lock holds. Written by plumb admission policy.

    kubectl apply --server-side --force-conflicts -f FILE

It cannot check
  - evidence: who signed an image. Whoever writes the digests decides. plumb verify has
    checked it in the repository; at admission only the webhook does
    (plumb admission manifests).
  - names: the same content under another name gets in, and so does the manifest that a
    locked image has for one platform.
  - custom resources that name images. The Pods that come of them are checked.
  - what is there already, until it is changed.

The label ` + modeLabel + ` of a namespace (enforce, warn, audit) sets its mode: whoever may set
it decides whether anything is denied there.`

// OptionError says which option cannot be.
type OptionError struct{ Option, Value, Reason string }

// Error names the option, what it was given, and why that cannot be.
func (e *OptionError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Option, e.Value, e.Reason)
}

// label matches a DNS label (RFC 1123), which namespaces and most names are.
var label = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
})

// maxName leaves room for the suffix of a scope.
const maxName = 63 - len("-enforce")

func (o PolicyOptions) check() error {
	switch {
	case len(o.Locks) == 0:
		return errors.New("there is no lock: nothing would be let in")
	case !known(o.Mode):
		return &OptionError{"mode", o.Mode.String(), "is no mode"}
	case !label().MatchString(o.Name) || len(o.Name) > maxName:
		return &OptionError{"name", o.Name, fmt.Sprintf("is not up to %d letters, digits and dashes", maxName)}
	case strings.ContainsAny(o.Repository, "\r\n\x00") || len(o.Repository) > 512:
		return &OptionError{"repository", o.Repository, "is not one line of up to 512 bytes"}
	}
	if err := checkNamespaces("only", o.Only); err != nil {
		return err
	}
	return checkNamespaces("exempt", o.Exempt)
}

func checkNamespaces(option string, names []string) error {
	for i, name := range names {
		if !label().MatchString(name) {
			return &OptionError{option, name, "is no name of a namespace"}
		}
		if slices.Contains(names[:i], name) {
			return &OptionError{option, name, "is given twice"}
		}
	}
	return nil
}

// policy is the rule itself.
func (o PolicyOptions) policy(d digests) object {
	var spec mapping
	lookup := "params.spec.digests[?" + leading(bucketDigits) + "].orValue([])"
	var own []variable
	if o.Form == Buckets {
		spec = mapping{{key: "paramKind", value: mapping{
			{key: "apiVersion", value: group + "/v1"}, {key: "kind", value: DigestListKind}}}}
	} else {
		own = literals(d)
		lookup = "variables.digests[?" + leading(1) + "][?" + leading(bucketDigits) + "].orValue([])"
	}
	var vars list
	for _, v := range append(own, variables(lookup, o.Existing)...) { // one knows those before it
		vars = append(vars, mapping{{key: "name", value: v.name}, {key: "expression", value: v.expression}})
	}
	var rules list
	for _, v := range validations(o.Repository) {
		rules = append(rules, mapping{
			{key: "expression", value: v.expression},
			{key: "message", value: v.message},
			{key: "messageExpression", value: v.messageExpression},
			{key: "reason", value: "Forbidden"},
		})
	}
	spec = append(spec,
		field{key: "failurePolicy", value: "Fail", comment: "what cannot be judged does not get in"},
		field{key: "matchConstraints", value: mapping{
			{key: "matchPolicy", value: "Equivalent"},
			{key: "namespaceSelector", value: mapping{}},
			{key: "objectSelector", value: mapping{}},
			{key: "resourceRules", value: workloads()},
		}},
		field{key: "variables", value: vars},
		field{key: "validations", value: rules},
	)
	return object{apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", name: o.Name,
		body: mapping{{key: "spec", value: spec}}}
}

// binding puts the policy in force where a mode holds.
func (o PolicyOptions) binding(s scope) object {
	spec := mapping{{key: "policyName", value: o.Name}}
	if o.Form == Buckets {
		spec = append(spec, field{key: "paramRef", value: mapping{
			{key: "name", value: o.Name},
			{key: "parameterNotFoundAction", value: "Deny"},
		}})
	}
	spec = append(spec,
		field{key: "validationActions", value: []string{s.action}},
		field{key: "matchResources", value: mapping{
			{key: "matchPolicy", value: "Equivalent"},
			{key: "namespaceSelector", value: s.selector},
			{key: "objectSelector", value: mapping{}},
		}})
	return object{apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding", name: o.Name + s.suffix,
		body: mapping{{key: "spec", value: spec}}}
}
