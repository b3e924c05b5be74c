package lockroot

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// unknownInput is the rule of what a consumer would read and plumb cannot. Package verify
// has all rules.
const unknownInput = "unknown-input"

// unknown notes an input, the symlink or submodule at a path, that cannot be read.
func (s *survey) unknown(name, message string) {
	s.unknowns = append(s.unknowns, manifest.Remark{File: name, Line: 1, Column: 1,
		Rule: unknownInput, Severe: true, Message: message})
}

// unknownNamed notes a file that another one names, and that cannot be read.
func (s *survey) unknownNamed(n manifest.Named, message string) {
	s.unknowns = append(s.unknowns, manifest.Remark{File: n.By, Line: max(n.Line, 1),
		Column: max(n.Column, 1), Rule: unknownInput, Severe: !n.Values, Reference: n.Path,
		Message: message})
}

// notHere says that what is named is not in the tree.
func notHere(what string) string { return what + ", which is not in the tree" }

// leave notes a file that plumb.yaml leaves out, and that may hold manifests.
func (s *survey) leave(name string) {
	if s.left == nil {
		s.left = map[string]bool{}
	}
	s.left[name] = true
}

// leftOutRemark is the remark on the files that plumb.yaml leaves out.
func (s *survey) leftOutRemark() (manifest.Remark, bool) {
	var names []string
	for name := range s.left {
		if !s.inNested(name) && !s.deleted(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return manifest.Remark{}, false
	}
	slices.Sort(names)
	what := names[0]
	if len(names) > 1 {
		what = fmt.Sprintf("%d files, such as %s", len(names), names[0])
	}
	by := "exclude leaves"
	if s.cfg.Include != nil {
		by = "include and exclude leave"
	}
	return manifest.Remark{File: tree.ConfigFile, Line: 1, Column: 1, Rule: unknownInput,
		Message: by + " out " + what + ": not searched, whatever applies them"}, true
}

// deleted reports whether a file that git lists is not in the work tree any more.
func (s *survey) deleted(name string) bool {
	t, ok := s.tree.(*tree.WorkTree)
	if !ok || t.LeftOut(name) {
		return false
	}
	_, err := os.Lstat(filepath.Join(t.Root(), filepath.FromSlash(name)))
	return err != nil
}

// remarks adds what the survey has to say of files to these, which are sorted.
func (s *survey) remarks(files []manifest.File) []manifest.File {
	if r, ok := s.leftOutRemark(); ok {
		s.unknowns = append(s.unknowns, r)
	}
	for _, r := range s.unknowns {
		i, found := slices.BinarySearchFunc(files, r.File, func(f manifest.File, name string) int {
			return strings.Compare(f.Path, name)
		})
		if !found {
			files = slices.Insert(files, i, manifest.File{Path: r.File})
		}
		all := append(slices.Clone(files[i].Remarks), r)
		slices.SortStableFunc(all, func(a, b manifest.Remark) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		files[i].Remarks = all
	}
	return files
}

// pruneNested forgets the lock roots inside of the work tree whose plumb.yaml is deleted,
// and notes those that a sparse checkout leaves out.
func (s *survey) pruneNested() {
	t, ok := s.tree.(*tree.WorkTree)
	if !ok {
		return
	}
	for dir := range s.nested {
		name := path.Join(dir, tree.ConfigFile)
		if s.deleted(name) {
			delete(s.nested, dir)
		}
		if !t.LeftOut(name) {
			continue
		}
		s.missing = append(s.missing, dir)
		s.unknown(name, "a lock root that a sparse checkout leaves out: "+
			"git sparse-checkout add "+dir)
	}
}

// candidate reports whether a file that is not read may hold manifests.
func candidate(cfg *config.Config, name string) bool {
	return (cfg.Include != nil || cfg.Exclude != nil) && config.DefaultInclude(name)
}
