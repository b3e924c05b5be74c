package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

// memory returns what remembers verdicts by a set of policies on a lock root. It is nil
// where there is nothing to remember or no place for it, and where the secret would lie
// in the root's repository, for who writes that would write the secret.
func (s *session) memory(ctx context.Context, r *root, set *policy.Set) *evidence.VerdictCache {
	if !s.remembers || set.Len() == 0 {
		return nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	top, _, err := tree.TopLevel(ctx, r.dir)
	if err != nil || inside(top, config) || inside(r.dir, config) {
		return nil
	}
	if cache, err := os.UserCacheDir(); err == nil && s.verdicts == nil {
		// The secret is not kept beside the records: a cache folder travels, as when
		// CI restores one, and what travels is not to be believed.
		s.verdicts = evidence.OpenVerdictCache(filepath.Join(cache, "plumb", "verdicts"), filepath.Join(config, "plumb", "verdicts.key"), identity())
	}
	return s.verdicts
}

// inside reports whether a path lies in dir, or cannot be told not to.
func inside(dir, path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		// What is not there yet is where the folder is that it will be made in.
		if real, err := filepath.EvalSymlinks(at); err == nil {
			rel, err := filepath.Rel(dir, real)
			return err != nil || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}

// identity tells the running program from all others, another build of the same
// commit included.
func identity() string {
	file := ""
	if name, err := os.Executable(); err == nil {
		if info, err := os.Stat(name); err == nil {
			file = fmt.Sprint(name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return fmt.Sprintf("%+v %s", thisBuild(), file)
}
