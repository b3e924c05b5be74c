package planreport

import (
	"errors"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/verify/report"
)

// Failures are the names of which something could not be learned.
type Failures struct {
	All []report.Failure

	timeout *cli.TimeoutError // nil if time did not run out
}

// Add adds a failure and the places that refer to its name.
func (f *Failures) Add(failure resolver.Failure, places []report.Place) {
	if up := cli.AsTimeout(failure.Err); up != nil {
		f.timeout = up
	}
	f.All = append(f.All, newFailure(failure, places))
}

// Code is the exit status.
func (f *Failures) Code() int {
	switch {
	case f.timeout != nil:
		return cli.ExitTimeout
	case len(f.All) > 0:
		return cli.ExitCannotTell
	}
	return cli.ExitYes
}

// timedOut are the names for which the time did not suffice.
func (f *Failures) timedOut() []string {
	var out []string
	for _, one := range f.All {
		if one.TimedOut {
			out = append(out, one.Name)
		}
	}
	return out
}

// hinted is an error that knows how it is fixed, as those of registries, git repositories,
// chart repositories and files at URLs do.
type hinted interface {
	error
	Hint() string
}

// newFailure is what is reported of a failure.
func newFailure(f resolver.Failure, places []report.Place) report.Failure {
	out := report.Failure{Kind: f.Kind, Name: f.Name, Error: f.Err.Error(), Places: places}
	var known hinted
	switch up := cli.AsTimeout(f.Err); {
	case up != nil:
		out.TimedOut, out.Fix = true, up.Hint()
		return out
	case !errors.As(f.Err, &known):
		return out
	}
	e, ok := known.(*registry.Error)
	if !ok {
		out.Fix = known.Hint()
		if c, ok := known.(interface{ Cause() string }); ok {
			out.Cause = c.Cause()
		}
		return out
	}
	out.Cause, out.NotSent = e.Cause(), e.NotSent()
	if out.Fix = e.Hint(); e.NotFound() {
		out.Fix = "if it is not meant to be pulled, name it under exceptions in plumb.yaml"
		if f.Digest != "" && strings.HasSuffix(e.URL, f.Digest) && !strings.Contains(f.Name, "@") {
			out.Fix = "to pin what the tag means now: plumb lock update " + f.Name + "; " + out.Fix
		}
	}
	return out
}

// Print tells people what went wrong in doing something for names, of total: each cause
// once, with all names that failed for it, and in the end those for which the time did
// not suffice.
func (f *Failures) Print(io *cli.IO, doing string, total int) {
	var failed []report.Failure
	for _, one := range f.All {
		if !one.TimedOut {
			failed = append(failed, one)
		}
	}
	for _, group := range report.ByCause(failed) {
		printGroup(io, doing, group)
	}
	f.printTimedOut(io, total)
}

// printTimedOut tells what was done, of so many names, and what is left.
func (f *Failures) printTimedOut(io *cli.IO, total int) {
	if f.timeout == nil {
		return
	}
	left := f.timedOut()
	io.Errorf("plumb: %v: %d of %s done; left: %s\n", f.timeout, max(0, total-len(left)),
		cli.Count(total, "name", "names"), report.Some(left))
	io.Hintf("    %s\n", f.timeout.Hint())
}

// printGroup tells what went wrong, for one cause, in doing something for names.
func printGroup(io *cli.IO, doing string, f report.Failures) {
	what := f[0].Name
	if len(f) > 1 {
		what = cli.Count(len(f), "name", "names")
	}
	io.Errorf("%s %s: %s\n", doing, what, f.Text())
	if len(f) > 1 {
		io.Errorf("    %s\n", report.Some(f.Names()))
	}
	who, fixes := referrers(f), cli.NonEmpty(f[0].Fix)
	if io.Quiet {
		fixes = nil
	}
	io.Errorf("    %s\n", strings.Join(append([]string{who}, fixes...), "; "))
	if slices.ContainsFunc(f, func(one report.Failure) bool { return one.NotSent }) {
		io.Hintf("    what has been read is cached: a later run queries only the rest\n")
	}
}

// referrers says what refers to the names that failed.
func referrers(f report.Failures) string {
	places := f.Places()
	verb, object := "refers to", "it"
	if len(places) > 1 {
		verb = "refer to"
	}
	if len(f) > 1 {
		object = "them"
	}
	if len(places) == 0 {
		return "no manifest refers to " + object
	}
	return report.SomePlaces(places) + " " + verb + " " + object
}
