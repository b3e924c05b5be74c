package planreport

import (
	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/report"
)

// checked is what policies make of an image.
type checked struct {
	Name     string `json:"name"`
	Digest   string `json:"digest"`
	Accepted bool   `json:"accepted"`
	policy.Decision
	Faults []string `json:"faults"`
}

// PolicyCheck is what policy check reports, as the JSON document plumb.dev/policy-check/v1.
type PolicyCheck struct {
	Schema   string           `json:"schema"`
	OK       bool             `json:"ok"`
	Images   []checked        `json:"images"`
	Failures []report.Failure `json:"failures"`

	io       *cli.IO
	external bool // the policies are not the tree's own
	failures Failures
}

// NewPolicyCheck returns a report. external says that the policies are not the tree's own.
func NewPolicyCheck(io *cli.IO, external bool) *PolicyCheck {
	return &PolicyCheck{Schema: "plumb.dev/policy-check/v1", io: io, external: external,
		Images: []checked{}, Failures: []report.Failure{}}
}

// Add adds what policies make of an image.
func (r *PolicyCheck) Add(e lockfile.Entry, v evidence.Verdict) {
	faults := append(append([]string{}, v.Faults...), v.Unproven...)
	r.Images = append(r.Images, checked{e.Name, e.Digest, v.Accepted, v.Decision, faults})
}

// Fail adds an image of which it cannot be told, and the places that refer to it.
func (r *PolicyCheck) Fail(name string, err error, places []report.Place) {
	r.failures.Add(resolver.Failure{Kind: lockfile.Image, Name: name, Err: err}, places)
	r.Failures = append(r.Failures, r.failures.All[len(r.Failures):]...)
}

// Names are the names of all images that were added.
func (r *PolicyCheck) Names() []string {
	names := report.Failures(r.Failures).Names()
	for _, c := range r.Images {
		names = append(names, c.Name)
	}
	return names
}

// Print prints the report, and ends the command with its exit status.
func (r *PolicyCheck) Print() error {
	code, denied := cli.ExitYes, 0
	for _, c := range r.Images {
		if !c.Accepted || len(c.Faults) > 0 {
			code = cli.ExitNo
			denied++
		}
	}
	code = max(code, r.failures.Code())
	if r.OK = code == cli.ExitYes; r.io.JSON() {
		if err := r.io.PrintJSON(r); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, c := range r.Images {
		r.printImage(c)
	}
	r.failures.Print(r.io, "checking", len(r.Images)+len(r.Failures))
	r.io.Hintf("%s: %d not accepted\n", cli.Count(len(r.Images), "image", "images"), denied)
	return cli.Status(code)
}

// printImage prints what policies make of an image, and why.
func (r *PolicyCheck) printImage(c checked) {
	for i, line := range c.Lines() {
		if i == 0 {
			line = r.io.Bold(line)
		}
		r.io.Printf("%s\n", line)
	}
	switch {
	case c.Verdict == policy.Unmatched && r.external:
		r.io.Printf("  no policy matches it: it is rejected, whatever plumb.yaml says (--policy)\n")
	case c.Verdict == policy.Unmatched:
		why := "rejected (unsigned: reject, the default with policies)"
		if c.Accepted {
			why = "accepted (unsigned: allow, the default without policies)"
		}
		r.io.Printf("  no policy matches it: it is %s\n", why)
	}
	for _, f := range c.Faults {
		r.io.Printf("  %s\n", f)
	}
}
