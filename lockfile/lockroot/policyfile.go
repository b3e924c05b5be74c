package lockroot

import (
	"bytes"
	"context"
	"os"
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

// defaultPolicies are the globs of policy files where plumb.yaml names none. Other tools
// keep their policies in such a folder too: of these files, only those count that
// MentionsPolicy accepts.
var defaultPolicies = []string{"policies/**/*.yaml", "policies/**/*.yml", "policies/**/*.json"}

// MentionsPolicy reports whether a file mentions a kind of document that plumb reads as
// a policy, or as a trust root of policies.
func MentionsPolicy(data []byte) bool {
	return bytes.Contains(data, []byte("policy.sigstore.dev/")) ||
		bytes.Contains(data, []byte("application/vnd.dev.sigstore.trustedroot"))
}

// InTUFCopy reports whether a file is in a copy of a TUF repository.
func InTUFCopy(name string) bool { return strings.Contains("/"+name, TUFSuffix+"/") }

// MissingPoliciesError reports a glob of plumb.yaml's policies that matches no file: an
// important policy may be missing.
type MissingPoliciesError struct{ Glob string }

// Error returns a message that names the glob.
func (e *MissingPoliciesError) Error() string { return "policies: " + e.Glob + " matches no file" }

// policyGlobs returns the globs of policy files. named reports whether they are those of
// plumb.yaml.
func (r *Root) policyGlobs() (globs []string, named bool) {
	if r.Config.Policies != nil {
		return r.Config.Policies, true
	}
	return defaultPolicies, false
}

// IsPolicyFile reports whether the file at a path would be read as policies.
func (r *Root) IsPolicyFile(path string) bool {
	globs, _ := r.policyGlobs()
	return !InTUFCopy(path) && slices.ContainsFunc(globs, func(glob string) bool {
		return doublestar.MatchUnvalidated(glob, path)
	})
}

// PolicyFiles returns the files that hold policies, sorted by path. They are read once.
// The error is an *InvalidError where plumb.yaml names a file that does not exist.
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
	globs, named := r.policyGlobs()
	if _, ok := r.Tree.(*tree.WorkTree); ok && !r.mayMatch(globs) {
		globs = nil // saves a walk
	}
	var (
		mu    sync.Mutex
		files []PolicyFile
	)
	matched := make([]bool, len(globs))
	match := func(path string) bool {
		found := false
		for i, glob := range globs {
			if !InTUFCopy(path) && doublestar.MatchUnvalidated(glob, path) {
				matched[i], found = true, true
			}
		}
		return found
	}
	if len(globs) > 0 {
		err := r.Tree.Each(ctx, match, func(_ int, f tree.File, data []byte) error {
			if !named && !MentionsPolicy(data) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			files = append(files, PolicyFile{f.Path, bytes.Clone(data)})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i, glob := range r.Config.Policies {
		if i >= len(matched) || !matched[i] {
			return nil, invalidf("%s: %w", r.Display(tree.ConfigFile), &MissingPoliciesError{glob})
		}
	}
	slices.SortFunc(files, func(a, b PolicyFile) int { return strings.Compare(a.File, b.File) })
	return files, nil
}

// mayMatch reports whether a folder exists in which some glob may match.
func (r *Root) mayMatch(globs []string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		base, _ := doublestar.SplitPattern(glob)
		_, err := os.Stat(filepath.Join(r.Dir, filepath.FromSlash(base)))
		return err == nil
	})
}
