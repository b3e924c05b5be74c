package main

import (
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// hookRefusal is why no hook can be installed, or nil.
func (s *session) hookRefusal(f *hookFolder, force bool) error {
	no := func(format string, args ...any) error { return cli.No(fmt.Errorf(format, args...)) }
	path := s.displayHook(f.hook.path)
	own := f.own()
	switch {
	case f.Foreign && !force:
		reason := f.Setting
		if reason == "" {
			reason = f.Dir + " is a symlink"
		}
		return no("%s: is outside of the repository, so that other repositories may run it too: %s\nto install it all the same: plumb hook install --force", path, reason)
	case f.state() == hookChanged:
		return no("%s: has been changed since plumb wrote it: remove it, or what was added to it", s.displayHook(own.path))
	case own.ours():
		return nil
	case filepath.Base(f.Dir) == "_" && goesByName(own.text):
		return no("%s: is husky's: add this line to %s: plumb verify --staged", path,
			s.displayHook(filepath.Join(filepath.Dir(f.Dir), hookName)))
	case goesByName(own.text):
		return no("%s: goes by its own name, so that it cannot be run under another: add this line to it: plumb verify --staged", path)
	}
	return nil
}

// hookHints tells what else there is to know of a new hook.
func (s *session) hookHints(f *hookFolder, p hookPlumb) {
	if f.InTree {
		s.Hintf("the hooks of this repository lie in its tree: to have others use this one, commit it\n")
	}
	if f.Outside {
		s.Hintf("the hook lies outside of the repository, as %s: others that name the folder run it too\n", f.Setting)
	}
	if _, err := exec.LookPath(p.command); err == nil {
		return
	}
	if p.fallback != "" {
		s.Hintf("plumb is not in PATH: the hook runs %s\n", p.fallback)
		return
	}
	s.Hintf("plumb is not in PATH: until it is, the hook stops each commit\n")
}

func (s *session) hookText(f *hookFolder, state hookState) {
	path := s.displayHook(f.own().path)
	switch state {
	case hookInstalled:
		s.Printf("%s: verifies what is about to be committed\n", path)
		if f.kept.there() {
			s.Printf("%s: was there before, and is run first\n", s.displayHook(f.kept.path))
		}
	case hookDormant:
		s.Printf("%s: is plumb's, but git does not run it: it has no execute bit\n", path)
		s.Hintf("    to mend it: plumb hook install\n")
	case hookChanged:
		s.Printf("%s: has been changed since plumb wrote it\n", path)
	default:
		s.Printf("%s: there is no hook of plumb's\n", path)
		s.Hintf("    to have one: plumb hook install\n")
	}
}

// printHook prints the state of the hook as a document.
func (s *session) printHook(f *hookFolder, changed bool) error {
	kept := ""
	if f.kept.there() {
		kept = f.kept.path
	}
	return s.PrintJSON(struct {
		Schema  string    `json:"schema"`
		State   hookState `json:"state"`
		Changed bool      `json:"changed"`
		Hook    string    `json:"hook"`
		Kept    string    `json:"kept"`
		InTree  bool      `json:"inTree"`
	}{"plumb.dev/hook/v1", f.state(), changed, f.own().path, kept, f.InTree})
}

// displayHook is a file of the hooks' folder as it is shown: relative to where
// the command runs, if it lies below.
func (s *session) displayHook(path string) string {
	if rel, err := filepath.Rel(s.Dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
