package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/resolver/tree"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// openMemory returns what remembers verdicts, or nil where the user has no place
// for it. The secret is not kept beside the records: a cache folder travels, as
// when CI restores one, and what travels is not to be believed.
func openMemory() *evidence.Memory {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	return evidence.OpenMemory(filepath.Join(cache, "plumb", "verdicts"), filepath.Join(config, "plumb", "verdicts.key"), identity())
}

// memory returns what remembers verdicts on a lock root: nothing if the secret would
// lie in its repository, where who writes the tree writes the secret.
func (s *session) memory(ctx context.Context, r *root) *evidence.Memory {
	config, err := os.UserConfigDir()
	if s.verdicts == nil || err != nil {
		return nil
	}
	top, _, err := tree.TopLevel(ctx, r.dir)
	if err != nil || inside(top, config) || inside(r.dir, config) {
		return nil
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
