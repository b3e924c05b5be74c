package cli

import (
	"runtime"
	"runtime/debug"
)

// Build says which plumb this is and what it was built from. A field that is
// not known is empty.
type Build struct {
	Module     string      `json:"module,omitempty"` // the path of plumb's module
	Version    string      `json:"version"`
	Commit     string      `json:"commit,omitempty"`
	CommitTime string      `json:"commitTime,omitempty"` // RFC 3339, UTC
	Modified   bool        `json:"modified"`             // the checkout differs from Commit
	Go         string      `json:"go"`
	Platform   string      `json:"platform"`
	Modules    []BuildPart `json:"modules"`
}

// BuildPart is a module that is linked in.
type BuildPart struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// Complete returns b with what it does not say of the running program, as far as
// the Go tool recorded it.
func (b Build) Complete() Build {
	b.Go, b.Platform, b.Modules = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, []BuildPart{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	b.Module = info.Main.Path
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(unknown)"
	}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		b.Modules = append(b.Modules, BuildPart{d.Path, d.Version})
	}
	if b.Commit == "" {
		b.readSettings(info.Settings)
	}
	return b
}

// readSettings takes what the Go tool recorded of the checkout.
func (b *Build) readSettings(settings []debug.BuildSetting) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.CommitTime = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
}
