package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// failed is a name that could not be resolved, as it is printed.
type failed struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Error  string `json:"error"`
	Fix    string `json:"fix"`
	Places []spot `json:"places"`

	late    bool   // time ran out before it was asked for
	unasked string // why the registry was not asked for it at all, the same for all its names
}

// failure turns a Failure into what is printed of it.
func (s *session) failure(f resolver.Failure, places []spot) failed {
	out := failed{Kind: string(f.Kind), Name: f.Name, Error: f.Err.Error(), Places: places, late: timeUp(f.Err) != nil}
	var e *registry.Error
	var c *registry.CredentialsError
	switch up := timeUp(f.Err); {
	case up != nil:
		out.Fix = up.more()
		return out
	case errors.As(f.Err, &c):
		out.Fix = c.Hint()
		return out
	case !errors.As(f.Err, &e):
		return out
	}
	if e.NotSent() {
		out.unasked = e.Err.Error()
	}
	if out.Fix = e.Hint(); e.NotFound() {
		out.Fix = "if it is not meant to be pulled, name it under exceptions in plumb.yaml"
	}
	return out
}

// printFailures tells what went wrong in doing something for names. Those that a
// registry was not asked for are told of together, by the reason.
func (s *session) printFailures(doing string, all []failed) {
	unasked := map[string][]failed{}
	var reasons []string
	for _, f := range all {
		switch {
		case f.late: // told of by leftover
		case f.unasked == "":
			s.printFailure(doing, f)
		default:
			if unasked[f.unasked] == nil {
				reasons = append(reasons, f.unasked)
			}
			unasked[f.unasked] = append(unasked[f.unasked], f)
		}
	}
	for _, reason := range reasons {
		if group := unasked[reason]; len(group) == 1 {
			s.printFailure(doing, group[0])
		} else {
			s.printUnasked(doing, reason, group)
		}
	}
}

// printFailure tells what went wrong in doing something for a name.
func (s *session) printFailure(doing string, f failed) {
	s.errorf("%s %s: %s\n", doing, f.Name, f.Error)
	var who string
	switch len(f.Places) {
	case 0:
		who = "plumb.yaml or plumb.lock names it"
	case 1:
		who = somePlaces(f.Places) + " refers to it"
	default:
		who = somePlaces(f.Places) + " refer to it"
	}
	s.errorf("    %s\n", strings.Join(append([]string{who}, nonEmpty(f.Fix)...), "; "))
}

// maxNames is how many names a message for people gives.
const maxNames = 5

// printUnasked tells of names that a registry was not asked for.
func (s *session) printUnasked(doing, reason string, group []failed) {
	var names []string
	var places []spot
	for _, f := range group {
		names = append(names, f.Name)
		places = append(places, f.Places...)
	}
	shown := strings.Join(names[:min(len(names), maxNames)], ", ")
	if more := len(names) - maxNames; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	s.errorf("%s %s more: %s\n    %s\n", doing, count(len(names), "name", "names"), reason, shown)
	if len(places) > 0 {
		s.errorf("    %s refer to them\n", somePlaces(places))
	}
	for _, fix := range nonEmpty(group[0].Fix) {
		s.errorf("    %s\n", fix)
	}
	s.errorf("    what has been read is kept: run it again later, and only the rest is asked for\n")
}
