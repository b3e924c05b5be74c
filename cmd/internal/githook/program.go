package githook

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is how a hook finds plumb.
type Program struct {
	Name     string // in PATH, or a path
	Fallback string // the path to use where Name is not found; may be ""
}

// DefaultProgram is plumb in PATH, else the executable that is running. A hook
// that is committed is for other machines too, and has no path of this one.
func (f *Folder) DefaultProgram() Program {
	path, err := os.Executable()
	if err != nil || f.InTree {
		path = ""
	}
	return Program{"plumb", filepath.ToSlash(path)}
}

// NamedProgram is the program that a user names, by a path, relative to the
// directory that Find was given, or by a name in PATH. It must be executable.
func (f *Folder) NamedProgram(name string) (Program, error) {
	path := name
	if strings.ContainsRune(filepath.ToSlash(name), '/') && !filepath.IsAbs(name) {
		path = filepath.Join(f.from, name)
	}
	if _, err := exec.LookPath(path); err != nil {
		return Program{}, fmt.Errorf("cannot be run: %w", err)
	}
	return Program{Name: filepath.ToSlash(path)}, nil
}

// Hints are what there is to know of a new hook that runs p.
func (f *Folder) Hints(p Program) []string {
	var out []string
	if f.InTree {
		out = append(out, "the hooks are in the work tree: commit this one to share it")
	}
	if f.Outside {
		out = append(out, "the hook is outside of the repository ("+f.Setting+
			"): other repositories with this setting run it too")
	}
	if _, err := exec.LookPath(p.Name); err == nil {
		return out
	}
	if p.Fallback != "" {
		return append(out, "plumb is not in PATH: the hook runs "+p.Fallback)
	}
	return append(out, "plumb is not in PATH: the hook rejects every commit until it is")
}
