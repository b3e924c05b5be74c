package planreport

import (
	"errors"
	"fmt"
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

// newFailure is what is reported of a failure.
func newFailure(f resolver.Failure, places []report.Place) report.Failure {
	out := report.Failure{Kind: f.Kind, Name: f.Name, Error: f.Err.Error(), Places: places}
	var e *registry.Error
	var c *registry.CredentialsError
	switch up := cli.AsTimeout(f.Err); {
	case up != nil:
		out.TimedOut, out.Fix = true, up.Hint()
		return out
	case errors.As(f.Err, &c):
		out.Fix = c.Hint()
		return out
	case !errors.As(f.Err, &e):
		return out
	}
	if e.NotSent() {
		out.NotQueried = e.Err.Error()
	}
	if out.Fix = e.Hint(); e.NotFound() {
		out.Fix = "if it is not meant to be pulled, name it under exceptions in plumb.yaml"
	}
	return out
}

// Print tells people what went wrong in doing something for names, of total. Those for
// which a registry was not queried are told of together, by the reason, and so are those
// for which the time did not suffice.
func (f *Failures) Print(io *cli.IO, doing string, total int) {
	groups := map[string][]report.Failure{}
	var reasons []string
	for _, one := range f.All {
		switch {
		case one.TimedOut: // told of in the end
		case one.NotQueried == "":
			printFailure(io, doing, one)
		default:
			if groups[one.NotQueried] == nil {
				reasons = append(reasons, one.NotQueried)
			}
			groups[one.NotQueried] = append(groups[one.NotQueried], one)
		}
	}
	for _, reason := range reasons {
		if group := groups[reason]; len(group) == 1 {
			printFailure(io, doing, group[0])
		} else {
			printNotQueried(io, doing, reason, group)
		}
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
		cli.Count(total, "name", "names"), some(left))
	io.Errorf("    %s\n", f.timeout.Hint())
}

// printFailure tells what went wrong in doing something for a name.
func printFailure(io *cli.IO, doing string, f report.Failure) {
	io.Errorf("%s %s: %s\n", doing, f.Name, f.Error)
	var who string
	switch len(f.Places) {
	case 0:
		who = "plumb.yaml or plumb.lock names it"
	case 1:
		who = report.SomePlaces(f.Places) + " refers to it"
	default:
		who = report.SomePlaces(f.Places) + " refer to it"
	}
	io.Errorf("    %s\n", strings.Join(append([]string{who}, cli.NonEmpty(f.Fix)...), "; "))
}

// maxNames is how many names a message for people gives.
const maxNames = 5

// some names the first few names and counts the rest.
func some(names []string) string {
	shown := strings.Join(names[:min(len(names), maxNames)], ", ")
	if more := len(names) - maxNames; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return shown
}

// printNotQueried tells of names for which a registry was not queried.
func printNotQueried(io *cli.IO, doing, reason string, group []report.Failure) {
	var names []string
	var places []report.Place
	for _, f := range group {
		names = append(names, f.Name)
		places = append(places, f.Places...)
	}
	io.Errorf("%s %s more: %s\n    %s\n", doing, cli.Count(len(names), "name", "names"), reason,
		some(names))
	if len(places) > 0 {
		io.Errorf("    %s refer to them\n", report.SomePlaces(places))
	}
	for _, fix := range cli.NonEmpty(group[0].Fix) {
		io.Errorf("    %s\n", fix)
	}
	io.Errorf("    what has been read is cached: a later run queries only the rest\n")
}
