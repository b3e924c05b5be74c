package main

import (
	"fmt"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
)

// changes prints the changes of locks. Several are grouped by what came about.
func (s *session) changes(all []changed) {
	groups := byReason(all)
	for _, g := range groups {
		if len(groups) > 1 {
			s.Printf("%s\n", s.Bold(fmt.Sprintf("%s (%s):", g.heading(), cli.Count(len(g), "name", "names"))))
		}
		for _, c := range g {
			s.change(c)
		}
	}
}

// alike are changes that came about for one reason.
type alike []changed

// byReason groups changes: what came about without a commit that says so stands
// first. In a group their order stays.
func byReason(all []changed) []alike {
	var out []alike
	for _, reason := range reasonOrder() {
		var g alike
		for _, c := range all {
			if resolver.Reason(c.Reason) == reason {
				g = append(g, c)
			}
		}
		if g != nil {
			out = append(out, g)
		}
	}
	return out
}

// heading is what the changes have in common.
func (a alike) heading() string {
	switch resolver.Reason(a[0].Reason) {
	case resolver.Moved:
		return "tag unchanged, digest moved"
	case resolver.TagMoved:
		return "tag moved in its range"
	case resolver.TagEdited:
		return "tag edited by hand"
	case resolver.StaleTag:
		return "tag edited by hand, digest left behind"
	case resolver.KeptPin:
		return "the manifests' pin is kept"
	}
	return a[0].Reason
}

// reasonOrder is the order in which reports have the changes of a lock.
func reasonOrder() []resolver.Reason {
	return []resolver.Reason{resolver.Moved, resolver.StaleTag, resolver.TagMoved, resolver.TagEdited, resolver.KeptPin,
		resolver.MergedPins, resolver.Added, resolver.Completed, resolver.Proven, resolver.Dropped}
}

// change prints a change of the lock.
func (s *session) change(c changed) {
	where := cli.Count(len(c.Places), "place", "places")
	switch resolver.Reason(c.Reason) {
	case resolver.Added, resolver.MergedPins:
		s.Printf("+ %s %s %s (%s, %s)\n", c.Kind, s.Bold(c.Name), c.New, c.Reason, where)
	case resolver.Dropped:
		s.Printf("- %s %s %s (nothing refers to it)\n", c.Kind, s.Bold(c.Name), c.Old)
	case resolver.Moved:
		s.Printf("~ %s %s (tag unchanged, digest moved; %s)\n    %s -> %s\n", c.Kind, s.Bold(c.Name), where, c.Old, c.New)
	case resolver.TagMoved:
		s.Printf("~ %s %s (tag moved from %s; %s)\n    %s -> %s\n", c.Kind, s.Bold(c.Name), c.From, where, c.Old, c.New)
	case resolver.TagEdited:
		s.Printf("~ %s %s (tag edited by hand, was %s; %s)\n    %s -> %s\n", c.Kind, s.Bold(c.Name), c.From, where, c.Old, c.New)
	case resolver.StaleTag:
		s.Printf("~ %s %s (tag edited by hand, was %s, but the digest was not; %s)\n    %s\n    to pin what the new tag means: plumb lock update %s\n",
			c.Kind, s.Bold(c.Name), c.From, where, c.New, c.Name)
	case resolver.KeptPin:
		s.Printf("~ %s %s (the manifests' pin is kept; %s)\n    %s -> %s\n", c.Kind, s.Bold(c.Name), where, c.Old, c.New)
	case resolver.Proven:
		s.Printf("~ %s %s (the proof of who signed it)\n    %s\n", c.Kind, s.Bold(c.Name), c.New)
	case resolver.Completed:
		s.Printf("~ %s %s (facts completed)\n    %s\n", c.Kind, s.Bold(c.Name), c.New)
	}
}
