package planreport

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify/report"
)

// outdatedName is a name whose tag points to something else than its pin.
type outdatedName struct {
	Kind   lockfile.Kind  `json:"kind"`
	Name   string         `json:"name"`
	Old    string         `json:"old"`
	New    string         `json:"new"`
	Tag    string         `json:"tag"`   // the newest in the range, "" if none is newer
	Range  string         `json:"range"` // that plumb.yaml gives, or ""
	Places []report.Place `json:"places"`
}

// stillName is a name that does not move by itself.
type stillName struct {
	Kind   lockfile.Kind  `json:"kind"`
	Name   string         `json:"name"`
	Reason string         `json:"reason"`
	Places []report.Place `json:"places"`

	build bool // it has no range, and a tag of one build
}

// oneBuild is the reason of a name without a range.
const oneBuild = "follows a tag of one build, which does not move"

// Outdated is what outdated reports, as the JSON document plumb.dev/outdated/v1.
type Outdated struct {
	Schema   string           `json:"schema"`
	OK       bool             `json:"ok"`
	Outdated []outdatedName   `json:"outdated"`
	Still    []stillName      `json:"still"` // what does not move although nothing is wrong
	Failures []report.Failure `json:"failures"`

	io       *cli.IO
	failures Failures
	total    int // of names that are locked
}

// NewOutdated returns a report.
func NewOutdated(io *cli.IO) *Outdated {
	return &Outdated{Schema: "plumb.dev/outdated/v1", io: io, Outdated: []outdatedName{},
		Still: []stillName{}, Failures: []report.Failure{}}
}

// Add adds what was found for a lock root.
func (r *Outdated) Add(root *lockroot.Root, found resolver.OutdatedNames) {
	if root.Lock != nil {
		r.total += len(root.Lock.Entries)
	}
	places := NewIndex(r.io, root)
	for _, o := range found.Outdated {
		r.Outdated = append(r.Outdated, outdatedName{o.Kind, o.Name, o.Old, o.New, o.Tag, o.Range,
			places.Of(o.Kind, o.Name)})
	}
	for _, s := range found.Still {
		r.Still = append(r.Still, stillName{s.Kind, s.Name, cmp.Or(s.Reason, oneBuild),
			places.Of(s.Kind, s.Name), s.Reason == ""})
	}
	for _, f := range found.Failures {
		r.failures.Add(f, places.Of(f.Kind, f.Name))
	}
	r.Failures = append(r.Failures, r.failures.All[len(r.Failures):]...)
}

// Print prints the report, and ends the command with its exit status.
func (r *Outdated) Print() error {
	code := r.failures.Code()
	if code == cli.ExitYes && len(r.Outdated) > 0 {
		code = cli.ExitNo
	}
	r.OK = code == cli.ExitYes
	switch {
	case r.io.JSON():
		if err := r.io.PrintJSON(r); err != nil {
			return err
		}
	case r.io.Format == cli.Markdown:
		r.io.Printf("%s", r.markdown())
	default:
		r.printText()
	}
	return cli.Status(code)
}

func (r *Outdated) printText() {
	for _, o := range r.Outdated {
		places := cli.Count(len(o.Places), "place", "places")
		r.io.Printf("%s %s\n", o.Kind, r.io.Bold(o.Name))
		switch {
		case o.Old == o.New, o.Kind.IsSource() && o.Tag != "":
		case o.Kind.IsSource():
			r.io.Printf("    %s -> %s (ref unchanged, commit moved; %s)\n", o.Old, o.New, places)
		default:
			r.io.Printf("    %s -> %s (tag unchanged, digest moved; %s)\n", o.Old, o.New, places)
		}
		if o.Tag != "" {
			r.io.Printf("    %s is newer, in the range %s (%s)\n", o.Tag, o.Range, places)
		}
	}
	var builds []string
	for _, s := range r.Still {
		if s.build {
			builds = append(builds, s.Name)
			continue
		}
		r.io.Hintf("%s %s %s\n", s.Kind, s.Name, s.Reason)
	}
	printBuilds(r.io, builds)
	r.failures.Print(r.io, "resolving", r.total)
	r.io.Hintf("%d of %s moved", len(r.Outdated), cli.Count(r.total, "name", "names"))
	if len(r.Outdated) > 0 {
		r.io.Hintf("; to update the pins: plumb lock update")
	}
	r.io.Hintf("\n")
}

// printBuilds tells of names without a range whose tags are of one build.
func printBuilds(io *cli.IO, names []string) {
	if len(names) == 0 {
		return
	}
	names = slices.Compact(slices.Sorted(slices.Values(names))) // lock roots may share some
	io.Hintf("%s a tag of one build, which does not move: %s\n",
		cli.Count(len(names), "name has", "names have"), report.Some(names))
	follows := func(name string) bool {
		n, err := oci.Parse(name)
		_, ok := version.Parse(n.Tag)
		return err == nil && ok
	}
	if slices.ContainsFunc(names, follows) {
		io.Hintf("    to follow a range of versions: track, under images in plumb.yaml\n")
	}
}

// markdown is the report as a pull request's summary.
func (r *Outdated) markdown() string {
	m := &report.Document{}
	m.Add("### plumb outdated: %d of %s moved\n", len(r.Outdated), cli.Count(r.total, "name", "names"))
	if len(r.Outdated) > 0 {
		m.Add("\n| what | name | from | to | where |\n|---|---|---|---|---|\n")
	}
	for _, o := range r.Outdated {
		var what []string
		if o.Old != o.New {
			what = append(what, "**tag unchanged, digest moved**")
		}
		if o.Tag != "" {
			what = append(what, report.Code(o.Tag)+" is newer, in the range "+report.Code(o.Range))
		}
		m.Add("| %s | %s | %s | %s | %s |\n", strings.Join(what, "; "), report.Code(o.Name),
			report.Code(report.Short(o.Old)), report.Code(report.Short(o.New)), report.Where(o.Places))
	}
	m.AddFailures("resolved", r.Failures)
	return m.Done()
}
