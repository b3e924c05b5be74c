package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/report"
)

// summary counts what verify looked at and found.
type summary struct {
	References int `json:"references"`
	Errors     int `json:"errors"`
	Remarks    int `json:"remarks"`

	undecided bool // to say that no policy asks for signatures
}

func (s summary) String() string {
	text := fmt.Sprintf("%s: %s, %s", cli.Count(s.References, "reference", "references"), cli.Count(s.Errors, "error", "errors"), cli.Count(s.Remarks, "remark", "remarks"))
	if s.undecided {
		text += "; no policy says who must have signed the images"
	}
	return text
}

// verifyReport is what verify says. As JSON it is the document plumb.dev/verify/v1.
type verifyReport struct {
	Schema   string           `json:"schema"`
	OK       bool             `json:"ok"`
	Summary  summary          `json:"summary"`
	Findings []verify.Finding `json:"findings"`
	Failures []failed         `json:"failures"` // pins of which --online could not learn whether they are there

	Base    string    `json:"base,omitempty"`   // the commit of --base
	Changes []changed `json:"changes,omitzero"` // of the locks since Base

	s     *session
	roots []*root
	asked asked
}

// verifyOptions say how verify judges, and what it tells of besides.
type verifyOptions struct {
	policies *outside // from outside of the tree; nil: the tree's own
	online   bool     // ask whether each pin is still there
	base     string   // the commit since which changes are told of, or ""
}

func (s *session) verify(ctx context.Context, roots []*root, o verifyOptions) error {
	r := &verifyReport{Schema: "plumb.dev/verify/v1", Findings: []verify.Finding{}, Base: o.base, s: s, roots: roots, asked: asked{failures: []failed{}}}
	if err := s.NameForPrograms(ctx); err != nil {
		return err
	}
	if o.base != "" {
		var err error
		if r.Changes, err = s.since(ctx, o.base, roots); err != nil {
			return err
		}
	}
	for _, root := range roots {
		judge, err := s.judging(ctx, root, o.policies)
		if err != nil {
			return err
		}
		found, refs := s.check(root, judge)
		r.Findings = append(r.Findings, found...)
		if f, ok := judge.undecided(root); ok {
			r.undecided(s.shown(root, f))
		}
		r.Summary.References += refs
		if o.online {
			if err := s.online(ctx, root, &r.asked); err != nil {
				return err
			}
		}
	}
	r.Findings = verify.Sort(append(r.Findings, r.asked.findings...))
	r.Failures = r.asked.failures
	for _, f := range r.Findings {
		if f.Severity == verify.Error {
			r.Summary.Errors++
		} else {
			r.Summary.Remarks++
		}
	}
	r.OK = r.code() == cli.ExitYes
	if err := r.print(ctx); err != nil {
		return err
	}
	return cli.Status(r.code())
}

// undecided takes in that no policy asks for signatures. It is so in each run until
// somebody says what is meant: so it stands in the document, and in what people and
// programs are shown of a change it is no finding, but a word in the summary.
func (r *verifyReport) undecided(f verify.Finding) {
	if r.s.JSON() {
		r.Findings = append(r.Findings, f)
	} else {
		r.Summary.undecided = true
	}
}

// code is the exit status.
func (r *verifyReport) code() int {
	if r.Summary.Errors > 0 {
		return max(cli.ExitNo, r.asked.code())
	}
	return r.asked.code()
}

// print prints the report in the session's format.
func (r *verifyReport) print(ctx context.Context) error {
	switch out := r.s.Stdout; r.s.Format {
	case cli.JSON:
		return r.s.PrintJSON(r)
	case cli.SARIF:
		return report.SARIF(out, r.forPrograms(ctx))
	case cli.JUnit:
		return report.JUnit(out, r.forPrograms(ctx))
	case cli.GitLab:
		return report.GitLab(out, r.forPrograms(ctx))
	case cli.Markdown:
		r.s.Printf("%s", r.markdown())
	case cli.GitHub:
		if err := report.GitHub(out, r.forPrograms(ctx)); err != nil {
			return err
		}
	default:
		r.s.changes(r.Changes)
		r.s.findings(r.Findings)
		r.asked.print(r.s)
	}
	r.s.Hintf("%s\n", r.Summary)
	return nil
}

// forPrograms is the report as package report takes it.
func (r *verifyReport) forPrograms(ctx context.Context) report.Report {
	out := report.Report{Version: r.s.Build.Version, Findings: r.Findings, Line: r.lines(ctx)}
	for _, f := range r.Failures {
		failure := report.Failure{Name: f.Name, Message: f.Error, Fix: f.Fix}
		if len(f.Places) > 0 {
			failure.File, failure.Line = f.Places[0].File, f.Places[0].Line
		}
		out.Failures = append(out.Failures, failure)
	}
	return out
}

// lines returns what reads a line of a file that the report names. Findings are
// sorted by file, so one is kept.
func (r *verifyReport) lines(ctx context.Context) func(file string, line int) (string, bool) {
	var name string
	var text []string
	return func(file string, line int) (string, bool) {
		if file != name {
			src, _ := r.source(ctx, file) // without it there are no lines
			name, text = file, strings.Split(string(src), "\n")
		}
		if line < 1 || line > len(text) {
			return "", false
		}
		return text[line-1], true
	}
}

// source reads a file that the report names.
func (r *verifyReport) source(ctx context.Context, file string) ([]byte, error) {
	abs := filepath.Join(r.s.Top, filepath.FromSlash(file))
	var inner *root
	for _, root := range r.roots {
		if file == stdinName {
			return root.stdin, nil
		}
		if rel, err := filepath.Rel(root.dir, abs); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			continue
		}
		if inner == nil || len(root.dir) > len(inner.dir) {
			inner = root
		}
	}
	if inner == nil {
		return nil, fmt.Errorf("%s lies in no lock root", file)
	}
	return inner.tree.Read(ctx, cli.Relative(inner.dir, r.s.Top, file))
}
