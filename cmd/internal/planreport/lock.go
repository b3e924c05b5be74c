package planreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/shell"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/report"
)

// Problem is what a person has to fix, or should know, as it is printed.
type Problem struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Reference string `json:"reference"`
	Message   string `json:"message"`
	Fix       string `json:"fix"`
}

// Lock is what lock and lock update report. As JSON it is the document
// plumb.dev/lock/v1 or plumb.dev/lock-update/v1.
type Lock struct {
	Schema   string           `json:"schema"`
	OK       bool             `json:"ok"`
	Written  bool             `json:"written"`
	Files    []string         `json:"files"` // that change
	Changes  []report.Change  `json:"changes"`
	Problems []Problem        `json:"problems"`
	Notes    []Problem        `json:"notes"` // what a reader should know although nothing is wrong
	Failures []report.Failure `json:"failures"`

	// Blocked says that nothing may be written.
	Blocked bool `json:"-"`

	io       *cli.IO
	mode     LockMode
	writes   []patch
	merged   []string
	failures Failures
	queried  int  // names that were to be queried
	stale    bool // some name is not locked, because its digest is another tag's
	still    []string
	base     string // what the names in a patch are relative to
}

// LockMode says how lock or lock update runs.
type LockMode struct {
	Name                   string   // of the command, as in its JSON schema
	Args                   []string // paths or names that it is limited to
	Check, Diff, KeepGoing bool
}

// Dry reports whether nothing is written.
func (m LockMode) Dry() bool { return m.Check || m.Diff }

// patch is a file that changes, under its name in a patch.
type patch struct {
	name string
	tree.Write
}

// NewLock returns a report. Names in its patches are relative to base.
func NewLock(io *cli.IO, m LockMode, base string) *Lock {
	return &Lock{Schema: "plumb.dev/" + m.Name + "/v1", io: io, mode: m, base: base,
		Files: []string{}, Changes: []report.Change{}, Problems: []Problem{}, Notes: []Problem{},
		Failures: []report.Failure{}}
}

// Add adds the plan of a lock root.
func (r *Lock) Add(p *resolver.RootPlan) {
	r.merged = append(r.merged, p.Disputed...)
	objects := objectsIn(p)
	places := func(places []resolver.Place) []report.Place {
		list := Places(r.io, p.Root.Dir, places)
		for i, place := range places {
			list[i].Object = objects[place]
		}
		return list
	}
	for _, c := range p.Changes {
		r.Changes = append(r.Changes, report.NewChange(c.Move, places(c.Places)))
	}
	for i := range p.Root.Files {
		r.addFile(p, &p.Root.Files[i])
	}
	for _, problem := range slices.Concat(p.Conflicts, p.Plan.Stale, p.Plan.Problems) {
		message := problem.Message
		for i, pin := range problem.Pins {
			at := report.SomePlaces(Places(r.io, p.Root.Dir, pin.Places))
			message += []string{": ", "; "}[min(i, 1)] + pin.Digest + " at " + at
		}
		r.Problems = append(r.Problems, r.problem(p, problem, message))
	}
	for _, note := range p.Notes {
		r.Notes = append(r.Notes, r.problem(p, note, note.Message))
	}
	for _, f := range p.Plan.Failures {
		r.failures.Add(f, places(f.Places))
	}
	r.Failures = append(r.Failures, r.failures.All[len(r.Failures):]...)
	r.queried += p.Queried
	r.still = append(r.still, p.Still...)
	r.stale = r.stale || len(p.Plan.Stale) > 0
	if len(p.Conflicts) > 0 || len(p.Plan.Failures)+len(p.Plan.Stale) > 0 && !r.mode.KeepGoing {
		r.Blocked = true
	}
}

func (r *Lock) problem(p *resolver.RootPlan, of resolver.Problem, message string) Problem {
	file := r.io.Display(p.Root.Dir, of.File)
	return Problem{file, of.Line, of.Column, of.Reference, message, of.Fix}
}

// objectsIn are the objects that hold what a plan changes or cannot resolve, by place.
func objectsIn(p *resolver.RootPlan) map[resolver.Place]string {
	objects := map[resolver.Place]string{}
	for _, c := range p.Changes {
		for _, place := range c.Places {
			objects[place] = ""
		}
	}
	for _, f := range p.Plan.Failures {
		for _, place := range f.Places {
			objects[place] = ""
		}
	}
	for _, f := range p.Root.Files {
		for _, ref := range f.References {
			place := resolver.Place{File: ref.File, Line: ref.Line, Column: ref.Column}
			if _, ok := objects[place]; ok {
				objects[place] = report.ObjectOf(ref)
			}
		}
	}
	return objects
}

// addFile adds what a file holds that lock cannot work on.
func (r *Lock) addFile(p *resolver.RootPlan, f *manifest.File) {
	// Whatever the paths, the pins of all files settle a merge.
	undecided := f.Unreadable != nil && len(p.Disputed) > 0
	r.Blocked = r.Blocked || undecided
	if !p.Root.Covers(f.Path) && !undecided {
		return
	}
	shown := r.io.Display(p.Root.Dir, f.Path)
	if u := f.Unreadable; u != nil {
		r.Problems = append(r.Problems, Problem{shown, u.Line, u.Column, "", u.Message, ""})
	}
	for _, m := range f.Remarks {
		if !m.Severe || p.Excepted(f.Path, m.Reference) {
			continue
		}
		problem := Problem{shown, m.Line, m.Column, m.Reference, m.Message + ": left as it is",
			"pin it where its value is set, or name it under exceptions in plumb.yaml"}
		if m.Rule == verify.UnknownInput {
			problem.Message = m.Message
			problem.Fix = "bring it into the tree, or leave it out: exclude in plumb.yaml"
		}
		r.Problems = append(r.Problems, problem)
	}
}

// Wrote adds the files of a lock root that change.
func (r *Lock) Wrote(root string, writes []tree.Write) {
	for _, w := range writes {
		r.Files = append(r.Files, r.io.Display(root, w.Path))
		r.writes = append(r.writes, patch{lockroot.Relative(r.base, root, w.Path), w})
	}
}

// code is the exit status.
func (r *Lock) code() int {
	switch {
	case len(r.failures.All) > 0:
		return r.failures.Code()
	case len(r.Problems) > 0, r.mode.Dry() && len(r.writes) > 0:
		return cli.ExitNo
	}
	return cli.ExitYes
}

// Print prints the report, and ends the command with its exit status.
func (r *Lock) Print() error {
	code := r.code()
	r.OK = code == cli.ExitYes
	r.Written = !r.Blocked && !r.mode.Dry() && len(r.writes) > 0
	if r.io.JSON() {
		if err := r.io.PrintJSON(r); err != nil {
			return err
		}
		return cli.Status(code)
	}
	if r.io.Format == cli.Markdown {
		r.io.Printf("%s", r.markdown())
		return cli.Status(code)
	}
	if r.mode.Diff {
		for _, w := range r.writes {
			r.io.Printf("%s", w.Patch(w.name))
		}
	} else if !r.Blocked {
		r.io.Printf("%s", report.ChangesText(r.Changes, r.io.Bold))
	}
	r.printProblems()
	r.io.Hintf("%s\n", r.outcome())
	return cli.Status(code)
}

// printProblems prints what a person has to fix.
func (r *Lock) printProblems() {
	for _, name := range r.merged {
		if r.Blocked {
			r.io.Hintf("%s is in conflict in the merge\n", name)
			continue
		}
		r.io.Hintf("%s was in conflict in the merge: the manifests' pin was taken, or the name "+
			"resolved anew\n", name)
	}
	for _, p := range r.Problems {
		text := p.Message
		if p.Reference != "" {
			text = fmt.Sprintf("%q %s", p.Reference, p.Message)
		}
		r.io.Errorf("%s:%d:%d: %s\n", p.File, p.Line, p.Column, text)
		if p.Fix != "" {
			r.io.Hintf("    %s\n", p.Fix)
		}
	}
	for _, p := range r.Notes {
		r.io.Hintf("%s:%d:%d: %q %s\n", p.File, p.Line, p.Column, p.Reference, p.Message)
	}
	printBuilds(r.io, r.still)
	r.failures.Print(r.io, "resolving", r.queried)
}

// outcome is what became of it all, in a line.
func (r *Lock) outcome() string {
	var parts []string
	switch {
	case r.Blocked:
		parts = append(parts, "no file was changed")
	case len(r.writes) == 0:
		parts = append(parts, "nothing to change")
	case r.mode.Dry():
		parts = append(parts, cli.Count(len(r.writes), "file", "files")+" would change")
	default:
		parts = append(parts, cli.Count(len(r.writes), "file", "files")+" changed")
	}
	if n := len(r.Problems); n > 0 {
		parts = append(parts, cli.Count(n, "problem", "problems"))
	}
	if n := len(r.Failures) - len(r.failures.timedOut()); n > 0 {
		if done := r.queried - len(r.Failures); done > 0 {
			parts = append(parts, cli.Count(done, "name", "names")+" resolved")
		}
		parts = append(parts, cli.Count(n, "name", "names")+" could not be resolved")
	}
	if r.Blocked && (r.stale || len(r.Failures) > 0) && len(r.Changes) > 0 {
		command := "plumb " + strings.ReplaceAll(r.mode.Name, "-", " ") + " --keep-going"
		for _, arg := range r.mode.Args {
			command += " " + shell.Word(arg)
		}
		parts = append(parts, "to pin the rest: "+command)
	}
	return strings.Join(parts, "; ")
}

// markdown is the report as a pull request's summary.
func (r *Lock) markdown() string {
	m := &report.Document{}
	m.Add("### plumb %s: %s\n", strings.ReplaceAll(r.mode.Name, "-", " "), r.outcome())
	if len(r.Changes) > 0 {
		m.Add("\n")
		m.AddChanges(r.Changes)
	}
	if r.mode.Diff && len(r.writes) > 0 {
		r.addPatches(m)
	}
	if len(r.Problems) > 0 {
		m.Add("\n")
	}
	for _, p := range r.Problems {
		place := fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		m.Add("- %s %s %s\n", report.Code(place), report.Code(p.Reference),
			report.Plain(p.Message)+report.Fix(p.Fix))
	}
	m.AddFailures("resolved", r.Failures)
	return m.Done()
}

// addPatches adds the patch, file by file, folded.
func (r *Lock) addPatches(m *report.Document) {
	m.Add("\n<details><summary>%s</summary>\n\n", cli.Count(len(r.writes), "file", "files"))
	for _, w := range r.writes {
		text := w.Patch(w.name)
		fence := "```"
		for strings.Contains(text, fence) {
			fence += "`"
		}
		m.Add("%sdiff\n%s%s\n", fence, text, fence)
	}
	m.WriteString("\n</details>\n")
}
