package vap

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
)

// Form is how a policy has the digests. The zero Form is Buckets.
type Form int

// The forms.
const (
	// Buckets keeps them in a DigestList, an object of plumb's own kind, which is the policy's
	// parameter: when the lock changes, only that changes.
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
	return Buckets, fmt.Errorf("invalid form %q: want buckets or literals", name)
}

// Options are the options of Policy. Locks are required; all others are strict when zero.
type Options struct {
	// Locks are the locks whose digests are allowed.
	Locks []*lockfile.Lock
	// Name is that of each object; "plumb" if it is "".
	Name string
	// Form is how the policy has the digests.
	Form Form
	// Mode is that of the namespaces whose label sets none.
	Mode admission.Mode
	// Only are the namespaces that the policy applies to; none: all.
	Only []string
	// Exempt are namespaces that the policy does not apply to.
	Exempt []string
	// Existing allows an update that adds no image.
	Existing bool
	// Repository is where a denied image can be fixed, for messages; "" for "the cluster's
	// repository".
	Repository string
}

// maxName leaves room for the suffix of a binding.
const maxName = 63 - len("-enforce")

// check returns an error for the first invalid option.
func (o Options) check() error {
	switch {
	case len(o.Locks) == 0:
		return errors.New("no lock: every image would be denied")
	case !admission.ValidName(o.Name) || len(o.Name) > maxName:
		return &admission.OptionError{Option: "name", Value: o.Name,
			Reason: fmt.Sprintf("must be at most %d letters, digits and dashes", maxName)}
	case strings.ContainsAny(o.Repository, "\r\n\x00") || len(o.Repository) > 512:
		return &admission.OptionError{Option: "repository", Value: o.Repository,
			Reason: "must be one line of at most 512 bytes"}
	}
	if err := admission.CheckMode(o.Mode); err != nil {
		return err
	}
	if err := admission.CheckNamespaces("only", o.Only); err != nil {
		return err
	}
	return admission.CheckNamespaces("exempt", o.Exempt)
}
