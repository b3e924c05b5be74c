package config

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// matchesAny reports whether one of globs matches name or a directory that it
// lies in.
func matchesAny(globs []string, name string) bool {
	for _, glob := range globs {
		if doublestar.MatchUnvalidated(glob, name) ||
			doublestar.MatchUnvalidated(glob+"/**", name) {
			return true
		}
	}
	return false
}

// globFault says what is wrong with a glob of paths, or "".
func globFault(glob string) string {
	switch {
	case glob == "":
		return "is empty"
	case !doublestar.ValidatePattern(glob):
		return "is not a valid glob"
	case strings.HasPrefix(glob, "/"):
		return "is absolute: globs are relative to this file's directory"
	case strings.HasPrefix(glob, "!"):
		return "begins with an exclamation mark: list it in exclude instead"
	}
	for _, name := range strings.Split(glob, "/") {
		if name == ".." {
			return `holds "..": nothing above this file's directory is read`
		}
	}
	return ""
}

// cleanGlob returns a valid glob as it is matched: "./apps//" as "apps".
func cleanGlob(glob string) string { return path.Clean(glob) }
