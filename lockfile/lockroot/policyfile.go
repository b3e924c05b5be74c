package lockroot

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// PolicyFile is a file that holds policies.
type PolicyFile struct {
	File string // path in the lock root
	Data []byte
}

// TUFSuffix ends the name of a folder with a copy of a TUF repository. The files in it
// are not policies.
const TUFSuffix = ".tuf"

// policyFolder is where policies are kept where plumb.yaml names none: in the files below
// it that are called *.yaml, *.yml or *.json. Other tools keep their policies in such a
// folder too: of these files, only those count that MentionsPolicy accepts.
const policyFolder = "policies"

// MentionsPolicy reports whether a file mentions a kind of document that plumb reads as
// a policy, or as a trust root of policies.
func MentionsPolicy(data []byte) bool {
	return bytes.Contains(data, []byte("policy.sigstore.dev/")) ||
		bytes.Contains(data, []byte("application/vnd.dev.sigstore.trustedroot")) ||
		bytes.IndexByte(data, 0) >= 0 // another encoding, which readers of policies refuse
}

// MisnamedPolicy reports whether a file holds policies under a name by which they are not
// read. Documentation that quotes policies is none.
func MisnamedPolicy(name string, data []byte) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json", ".md", ".markdown", ".adoc", ".rst":
		return false
	}
	for line := range bytes.Lines(data) {
		key, value, ok := bytes.Cut(line, []byte(":"))
		if ok && string(bytes.Trim(key, " \t\"'{")) == "apiVersion" &&
			bytes.Contains(value, []byte("policy.sigstore.dev/")) {
			return true
		}
	}
	return false
}

// isPolicyName reports whether a file of this name is read as YAML or JSON.
func isPolicyName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// documentless reports whether a file holds nothing but comments.
func documentless(data []byte) bool {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) > 0 && line[0] != '#' && string(line) != "---" && string(line) != "..." {
			return false
		}
	}
	return true
}

// InTUFCopy reports whether a file is in a copy of a TUF repository.
func InTUFCopy(name string) bool { return strings.Contains("/"+name, TUFSuffix+"/") }

// MissingPoliciesError reports a glob of plumb.yaml's policies that matches no file: an
// important policy may be missing.
type MissingPoliciesError struct{ Glob string }

// Error returns a message that names the glob.
func (e *MissingPoliciesError) Error() string { return "policies: " + e.Glob + " matches no file" }

// NoPolicyError reports files that were to hold policies, and that hold none.
type NoPolicyError struct {
	File string // as messages call it
	Why  string
}

// Error returns the file and why there is no policy in it.
func (e *NoPolicyError) Error() string { return e.File + ": " + e.Why }

// IsPolicyFile reports whether the file at a path would be read as policies.
func (r *Root) IsPolicyFile(path string) bool {
	if r.Config.Policies == nil {
		return !InTUFCopy(path) && isPolicyName(path) && isBelow(path, policyFolder)
	}
	return !InTUFCopy(path) && slices.ContainsFunc(r.Config.Policies, func(glob string) bool {
		return doublestar.MatchUnvalidated(glob, path)
	})
}

// PolicyFiles returns the files that hold policies, sorted by path. They are read once.
// The error is an *InvalidError where plumb.yaml names a file that does not exist, or what
// should hold policies holds none.
func (r *Root) PolicyFiles(ctx context.Context) ([]PolicyFile, error) {
	if r.policies == nil {
		files, err := r.readPolicies(ctx)
		if err != nil {
			return nil, err
		}
		r.policies = &files
	}
	return *r.policies, nil
}

func (r *Root) readPolicies(ctx context.Context) ([]PolicyFile, error) {
	p := &policyReader{root: r, seen: map[string]bool{}, named: r.Config.Policies != nil}
	p.matched = make([]bool, len(r.Config.Policies))
	if p.mayMatch() {
		err := r.Tree.Each(ctx, p.match, func(_ int, f tree.File, data []byte) error {
			return p.take(f.Path, data)
		})
		if err != nil {
			return nil, err
		}
		if err := p.follow(ctx); err != nil {
			return nil, err
		}
	}
	for i, glob := range r.Config.Policies {
		if !p.matched[i] {
			return nil, invalidf("%s: %w", r.Display(tree.ConfigFile), &MissingPoliciesError{glob})
		}
	}
	if len(p.files) == 0 && len(p.empty) > 0 && !p.others {
		return nil, p.none(p.empty[0], "it holds no policy, and no other file of "+policyFolder+
			" does: delete it, or write one")
	}
	slices.SortFunc(p.files, func(a, b PolicyFile) int { return strings.Compare(a.File, b.File) })
	return p.files, nil
}

// policyReader gathers the files that hold policies.
type policyReader struct {
	root    *Root
	named   bool   // plumb.yaml names them
	matched []bool // which of its globs match a file

	mu     sync.Mutex
	files  []PolicyFile
	seen   map[string]bool
	empty  []string // those of the default folder without a document
	others bool     // other tools have policies there
}

// none is the error of a file without a policy.
func (p *policyReader) none(file, why string) error {
	return &InvalidError{&NoPolicyError{p.root.Display(file), why}}
}

// match reports whether to read a file: those that may be misnamed, too.
func (p *policyReader) match(path string) bool {
	if InTUFCopy(path) {
		return false
	}
	if !p.named {
		return isBelow(path, policyFolder)
	}
	found := false
	for i, glob := range p.root.Config.Policies {
		if doublestar.MatchUnvalidated(glob, path) {
			p.matched[i], found = true, true
		}
	}
	return found
}

// take judges one file.
func (p *policyReader) take(file string, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.seen[file]:
		return nil
	case !p.named && !isPolicyName(file):
		if MisnamedPolicy(file, data) {
			return p.none(file, "it looks like a policy, and its name does not end in .yaml, "+
				".yml or .json: rename it, or name it under policies in "+tree.ConfigFile)
		}
		return nil
	case documentless(data) && p.named:
		return p.none(file, "it holds no policy, and policies in "+tree.ConfigFile+" names it")
	case documentless(data):
		p.empty = append(p.empty, file)
		return nil
	case !p.named && !MentionsPolicy(data):
		p.others = true
		return nil
	}
	p.seen[file] = true
	p.files = append(p.files, PolicyFile{file, bytes.Clone(data)})
	return nil
}

// globs are those of the files to read.
func (p *policyReader) globs() []string {
	if !p.named {
		return []string{policyFolder + "/**"}
	}
	return p.root.Config.Policies
}

// mayMatch reports whether one of the folders is there, and so whether a walk is due: a
// symlink that leads nowhere, and what a sparse checkout leaves out, count.
func (p *policyReader) mayMatch() bool {
	t, ok := p.root.Tree.(*tree.WorkTree)
	return !ok || t.LeavesOut() || slices.ContainsFunc(p.globs(), func(glob string) bool {
		base, _ := doublestar.SplitPattern(glob)
		_, err := os.Lstat(filepath.Join(p.root.Dir, filepath.FromSlash(base)))
		return err == nil
	})
}
