package report

import (
	"fmt"

	"github.com/plumb-dev/plumb/lockfile"
)

// Change is a change of a lock's entry, as in JSON documents.
type Change struct {
	Kind   lockfile.Kind   `json:"kind"`
	Name   string          `json:"name"`
	Old    string          `json:"old"`
	New    string          `json:"new"`
	Reason lockfile.Reason `json:"reason"`
	From   string          `json:"from"` // the name that this one replaces, or ""
	Places []Place         `json:"places"`
	// OldVersion and NewVersion are the versions of a chart, or the tags of a git source, that
	// the pins are; "" where the name says it.
	OldVersion string `json:"oldVersion"`
	NewVersion string `json:"newVersion"`
	Commits    int    `json:"commits"` // by which a git source has moved; 0 where that is not known
}

// NewChange returns a change of a lock with the places that refer to the name.
func NewChange(m lockfile.Move, places []Place) Change {
	return Change{m.Kind, m.Name, m.Old, m.New, m.Reason, m.From,
		append([]Place{}, places...), m.OldLabel, m.NewLabel, m.Commits}
}

// moved says what has moved under a name that has not.
func (c Change) moved() string {
	what := "tag unchanged, digest moved"
	switch c.Kind {
	case lockfile.Git:
		what = "ref unchanged, commit moved"
	case lockfile.Chart:
		what = "version unchanged, archive replaced"
	case lockfile.URL:
		what = "URL unchanged, content replaced"
	}
	return what
}

// old is the pin that was, with what it is called.
func (c Change) old() string { return labelled(c.Old, c.OldVersion) }

// new is the pin that is, with what it is called and how many commits it moved by.
func (c Change) new() string {
	text := labelled(c.New, c.NewVersion)
	if c.Commits > 0 {
		text += " (" + count(c.Commits, "commit", "commits") + ")"
	}
	return text
}

// labelled is a pin behind its name, if it has one besides the tracked name.
func labelled(pin, label string) string {
	if label == "" {
		return pin
	}
	return label + " " + pin
}

// byReason groups changes by their reasons, and keeps the order within a group.
func byReason(all []Change) [][]Change {
	var out [][]Change
	for _, reason := range lockfile.Reasons() {
		var group []Change
		for _, c := range all {
			if c.Reason == reason {
				group = append(group, c)
			}
		}
		if group != nil {
			out = append(out, group)
		}
	}
	return out
}

// heading is what changes of a reason have in common.
func heading(reason lockfile.Reason) string {
	switch reason {
	case lockfile.Moved:
		return "name unchanged, content moved"
	case lockfile.TagMoved:
		return "moved in its range"
	case lockfile.TagEdited:
		return "tag edited by hand"
	case lockfile.StaleTag:
		return "tag edited by hand, digest left behind"
	case lockfile.KeptPin:
		return "the manifests' pin is kept"
	}
	return string(reason)
}

// ChangesText returns the changes of locks for people, grouped by their reasons if there
// are several. bold marks text, as on a terminal.
func ChangesText(all []Change, bold func(string) string) string {
	var out string
	groups := byReason(all)
	for _, g := range groups {
		if len(groups) > 1 {
			names := count(len(g), "name", "names")
			out += bold(fmt.Sprintf("%s (%s):", heading(g[0].Reason), names)) + "\n"
		}
		for _, c := range g {
			out += c.text(bold)
		}
	}
	return out
}

// text is the change in one or more lines.
func (c Change) text(bold func(string) string) string {
	where := count(len(c.Places), "place", "places")
	changed := func(how string) string {
		return fmt.Sprintf("~ %s %s (%s; %s)\n    %s -> %s\n",
			c.Kind, bold(c.Name), how, where, c.old(), c.new())
	}
	switch c.Reason {
	case lockfile.Added, lockfile.MergedPins:
		return fmt.Sprintf("+ %s %s %s (%s, %s)\n", c.Kind, bold(c.Name), c.new(), c.Reason, where)
	case lockfile.Dropped:
		return fmt.Sprintf("- %s %s %s (nothing refers to it)\n", c.Kind, bold(c.Name), c.old())
	case lockfile.Moved:
		return changed(c.moved())
	case lockfile.TagMoved:
		if c.From == "" {
			return changed("newest in its range")
		}
		return changed("tag moved from " + c.From)
	case lockfile.TagEdited:
		return changed("tag edited by hand, was " + c.From)
	case lockfile.StaleTag:
		return fmt.Sprintf("~ %s %s (tag edited by hand, was %s, but the digest was not; %s)\n    %s\n"+
			"    to pin what the new tag means: plumb lock update %s\n",
			c.Kind, bold(c.Name), c.From, where, c.New, c.Name)
	case lockfile.KeptPin:
		return changed("the manifests' pin is kept")
	case lockfile.Proven:
		return fmt.Sprintf("~ %s %s (the evidence of who signed it)\n    %s\n",
			c.Kind, bold(c.Name), c.New)
	}
	return fmt.Sprintf("~ %s %s (facts completed)\n    %s\n", c.Kind, bold(c.Name), c.New)
}
