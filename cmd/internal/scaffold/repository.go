package scaffold

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/githook"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// FindRepository adds what the git repository of t uses.
func (f *Found) FindRepository(t *Target) error {
	f.CI = inUse(t.Top)
	err := f.findBots(t.Top)
	if err != nil {
		return err
	}
	if f.Framework, err = exists(filepath.Join(t.Top, frameworkFile)); err != nil {
		return err
	}
	if t.Hooks != nil {
		f.Hook = t.Hooks.State()
		f.OtherHook = f.Hook == githook.None && t.Hooks.Exists()
	}
	return nil
}

// Next are hints for people on what to do after w was written to t.
func (f *Found) Next(t *Target, w Writes) []string {
	var out []string
	if t.Configured {
		out = append(out, tree.ConfigFile+": already exists, and was not changed")
	} else if t.Dir != t.Top {
		out = append(out, "this directory is a lock root now: "+
			"the plumb.yaml and plumb.lock above do not apply to it")
	}
	if f.Unpinned > f.Uneditable {
		out = append(out, "    to pin the references: plumb lock")
	}
	if len(f.Fields) > 0 {
		out = append(out, "    to pin the possible images: see fields in plumb.yaml")
	}
	if !t.Git {
		return out
	}
	switch {
	case w.Hook || f.Hook != githook.None || w.System != nil && w.System.Name == preCommit:
	case f.Framework:
		out = append(out, "    to verify before each commit: add the hook plumb-verify to "+
			frameworkFile+", as plumb init --ci pre-commit --stdout prints it")
	default:
		out = append(out, "    to verify before each commit: plumb hook install")
	}
	if w.System != nil {
		if !w.Source.Named {
			out = append(out, unpublished+": name a clone that can be reached in "+w.System.File)
		}
		out = append(out, f.botHints(w)...)
		if !w.System.extra {
			return out
		}
	}
	command := "plumb init --ci SYSTEM"
	if len(f.CI) > 0 {
		command = "plumb init --ci " + f.CI[0]
		s, _ := SystemNamed(f.CI[0])
		if there, err := t.HasFile(s); err == nil && there {
			command += " --stdout" // an existing file is changed by hand only
		}
	}
	return append(out, "    to verify in CI: "+command)
}

// internal reports whether a registry's host looks like an internal one, which may
// need settings in plumb.yaml. Loopback addresses need none.
func internal(host string) bool {
	name, _, port := strings.Cut(host, ":")
	if ap, err := netip.ParseAddrPort(host); err == nil {
		return !ap.Addr().IsLoopback()
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return !addr.IsLoopback()
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return false
	}
	suffixes := []string{".local", ".internal", ".lan", ".svc", ".home.arpa", ".corp"}
	private := slices.ContainsFunc(suffixes, func(suffix string) bool {
		return strings.HasSuffix(name, suffix)
	})
	return port || private || !strings.Contains(name, ".")
}
