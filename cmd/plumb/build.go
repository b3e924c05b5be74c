package main

import (
	"runtime"
	"runtime/debug"
)

// What the Makefile tells the linker of the checkout that it builds. A build
// without the Makefile finds the same in what the Go tool records by itself.
var (
	version    = "" // git describe
	commit     = "" // full commit id
	commitTime = "" // RFC 3339, UTC
	modified   = "" // "true" where the checkout differs from commit
)

// build says which plumb this is and what it was built from. A field that is
// not known is empty.
type build struct {
	Version    string      `json:"version"`
	Commit     string      `json:"commit,omitempty"`
	CommitTime string      `json:"commitTime,omitempty"`
	Modified   bool        `json:"modified"`
	Go         string      `json:"go"`
	Platform   string      `json:"platform"`
	Modules    []buildPart `json:"modules"`
}

// buildPart is a module that is linked in.
type buildPart struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// thisBuild is the build of the running program.
func thisBuild() build {
	b := build{
		Version: version, Commit: commit, CommitTime: commitTime, Modified: modified == "true",
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Modules: []buildPart{},
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
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
		b.Modules = append(b.Modules, buildPart{d.Path, d.Version})
	}
	if b.Commit == "" {
		b.readSettings(info.Settings)
	}
	return b
}

// readSettings takes over what the Go tool recorded of the checkout.
func (b *build) readSettings(settings []debug.BuildSetting) {
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

func buildVersion() string { return thisBuild().Version }
