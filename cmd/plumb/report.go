package main

import (
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
)

// changed is one entry of a lock that changes, as it is printed.
type changed struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Reason string `json:"reason"`
	From   string `json:"from"` // the name that this one took the place of, or ""
	Places []spot `json:"places"`
}

// trouble is what a person has to mend, as it is printed.
type trouble struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Reference string `json:"reference"`
	Message   string `json:"message"`
	Fix       string `json:"fix"`
}

// lockReport is what lock and lock update say in the end. As JSON it is the
// document plumb.dev/lock/v1 or plumb.dev/lock-update/v1.
type lockReport struct {
	Schema   string    `json:"schema"`
	OK       bool      `json:"ok"`
	Written  bool      `json:"written"`
	Files    []string  `json:"files"` // that change
	Changes  []changed `json:"changes"`
	Problems []trouble `json:"problems"`
	Notes    []trouble `json:"notes"` // what a reader should know although nothing is wrong
	Failures []failed  `json:"failures"`

	s       *session
	mode    lockMode
	blocked bool // nothing may be written
	writes  []shownWrite
	merged  []string
	left    leftover
	asked   int    // names that were to be asked for
	base    string // what the names in a patch are relative to
}

type shownWrite struct {
	patched string // name in a patch
	tree.Write
}

func newLockReport(s *session, m lockMode, jobs []*job) *lockReport {
	r := &lockReport{Schema: "plumb.dev/" + m.name + "/v1", s: s, mode: m,
		Files: []string{}, Changes: []changed{}, Problems: []trouble{}, Notes: []trouble{}, Failures: []failed{}}
	for _, j := range jobs {
		r.add(j)
	}
	return r
}

func (r *lockReport) add(j *job) {
	r.merged = append(r.merged, j.notes...)
	owners := j.owners()
	spots := func(places []resolver.Place) []spot {
		list := r.s.spots(j.dir, places)
		for i, p := range places {
			list[i].who = owners[p]
		}
		return list
	}
	for _, c := range j.plan.Changes {
		r.Changes = append(r.Changes, changed{Kind: string(c.Kind), Name: c.Name, Old: c.Old, New: c.New,
			Reason: string(c.Reason), From: c.From, Places: spots(c.Places)})
	}
	for _, f := range j.files {
		r.addFile(j, &f)
	}
	for _, p := range append(j.plan.Conflicts, j.plan.Problems...) {
		message := p.Message
		for i, pin := range p.Pins {
			message += []string{": ", "; "}[min(i, 1)] + pin.Digest + " at " + somePlaces(r.s.spots(j.dir, pin.Places))
		}
		r.Problems = append(r.Problems, trouble{r.s.Display(j.dir, p.File), p.Line, p.Column, p.Reference, message, p.Fix})
	}
	for _, p := range j.plan.Notes {
		r.Notes = append(r.Notes, trouble{r.s.Display(j.dir, p.File), p.Line, p.Column, p.Reference, p.Message, p.Fix})
	}
	for _, f := range j.plan.Failures {
		r.left.add(f)
		r.Failures = append(r.Failures, r.s.failure(f, spots(f.Places)))
	}
	r.asked += j.plan.Asked
	if len(j.plan.Conflicts) > 0 || len(j.plan.Failures) > 0 && !r.mode.keepGoing {
		r.blocked = true
	}
}

// owners are the objects that hold what plumb changes or cannot resolve, by place.
func (j *job) owners() map[resolver.Place]string {
	owners := map[resolver.Place]string{}
	for _, c := range j.plan.Changes {
		for _, p := range c.Places {
			owners[p] = ""
		}
	}
	for _, f := range j.plan.Failures {
		for _, p := range f.Places {
			owners[p] = ""
		}
	}
	for _, f := range j.files {
		for _, ref := range f.References {
			p := resolver.Place{File: ref.File, Line: ref.Line, Column: ref.Column}
			if _, ok := owners[p]; ok {
				owners[p] = whose(ref)
			}
		}
	}
	return owners
}

// addFile notes what a file holds that lock cannot work on.
func (r *lockReport) addFile(j *job, f *manifest.File) {
	// Whatever the paths, the pins of all files settle a merge.
	undecided := f.Unreadable != nil && len(j.notes) > 0
	r.blocked = r.blocked || undecided
	if !j.covers(f.Path) && !undecided {
		return
	}
	shown := r.s.Display(j.dir, f.Path)
	if u := f.Unreadable; u != nil {
		r.Problems = append(r.Problems, trouble{shown, u.Line, u.Column, "", u.Message, ""})
	}
	for _, m := range f.Remarks {
		if m.Severe && !j.spares(f.Path, m.Reference) {
			r.Problems = append(r.Problems, trouble{shown, m.Line, m.Column, m.Reference, m.Message + ": left as it is",
				"pin it where its value is set, or name it under exceptions in plumb.yaml"})
		}
	}
}

// wrote notes the files of j that change.
func (r *lockReport) wrote(j *job) {
	for _, w := range j.writes {
		r.Files = append(r.Files, r.s.Display(j.dir, w.Path))
		r.writes = append(r.writes, shownWrite{cli.Relative(r.base, j.dir, w.Path), w})
	}
}

// code is the exit status.
func (r *lockReport) code() int {
	switch {
	case r.left.up != nil:
		return cli.ExitTimeout
	case len(r.Failures) > 0:
		return cli.ExitCannotTell
	case len(r.Problems) > 0, r.mode.dry() && len(r.writes) > 0:
		return cli.ExitNo
	}
	return cli.ExitYes
}

func (r *lockReport) print() error {
	code := r.code()
	r.OK = code == cli.ExitYes
	r.Written = !r.blocked && !r.mode.dry() && len(r.writes) > 0
	if r.s.JSON() {
		if err := r.s.PrintJSON(r); err != nil {
			return err
		}
		return cli.Status(code)
	}
	if r.s.Format == cli.Markdown {
		r.s.Printf("%s", r.markdown())
		return cli.Status(code)
	}
	if r.mode.diff {
		for _, w := range r.writes {
			r.s.Printf("%s", unified(w.patched, w.Write))
		}
	} else if !r.blocked {
		r.s.changes(r.Changes)
	}
	r.troubles()
	r.summary()
	return cli.Status(code)
}

// troubles prints what stands in the way, to people.
func (r *lockReport) troubles() {
	for _, name := range r.merged {
		if r.blocked {
			r.s.Hintf("%s is in dispute in the merge\n", name)
			continue
		}
		r.s.Hintf("%s was in dispute in the merge: the manifests' pin was taken, or the name resolved anew\n", name)
	}
	for _, p := range r.Problems {
		text := p.Message
		if p.Reference != "" {
			text = fmt.Sprintf("%q %s", p.Reference, p.Message)
		}
		r.s.Errorf("%s:%d:%d: %s\n", p.File, p.Line, p.Column, text)
		if p.Fix != "" {
			r.s.Errorf("    %s\n", p.Fix)
		}
	}
	for _, p := range r.Notes {
		r.s.Hintf("%s:%d:%d: %q %s\n", p.File, p.Line, p.Column, p.Reference, p.Message)
	}
	r.s.printFailures("resolving", r.Failures)
	r.left.print(r.s, r.asked)
}

func (r *lockReport) summary() { r.s.Hintf("%s\n", r.outcome()) }

// outcome is what became of it all, in a line.
func (r *lockReport) outcome() string {
	var parts []string
	switch {
	case r.blocked:
		parts = append(parts, "no file was changed")
	case len(r.writes) == 0:
		parts = append(parts, "nothing to change")
	case r.mode.dry():
		parts = append(parts, cli.Count(len(r.writes), "file", "files")+" would change")
	default:
		parts = append(parts, cli.Count(len(r.writes), "file", "files")+" changed")
	}
	if n := len(r.Problems); n > 0 {
		parts = append(parts, cli.Count(n, "problem", "problems"))
	}
	if n := len(r.Failures) - len(r.left.names); n > 0 {
		if done := r.asked - len(r.Failures); done > 0 {
			parts = append(parts, cli.Count(done, "name", "names")+" resolved")
		}
		parts = append(parts, cli.Count(n, "name", "names")+" could not be resolved")
	}
	if r.blocked && len(r.Failures) > 0 && len(r.Changes) > 0 {
		parts = append(parts, "to pin the rest: plumb "+strings.ReplaceAll(r.mode.name, "-", " ")+" --keep-going")
	}
	return strings.Join(parts, "; ")
}
