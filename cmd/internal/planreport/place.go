// Package planreport says what lock, lock update and outdated plan, as text, JSON and
// Markdown.
package planreport

import (
	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/report"
)

// Places are places of a lock root as the report names them; never nil.
func Places(io *cli.IO, root string, places []resolver.Place) []report.Place {
	out := make([]report.Place, len(places))
	for i, p := range places {
		out[i] = report.Place{File: io.Placed(root, p.File), Line: p.Line, Column: p.Column}
	}
	return out
}

// Index is where the names of a lock root stand.
type Index map[name][]report.Place

type name struct {
	kind lockfile.Kind
	name string
}

// NewIndex lists where each name of a lock root stands.
func NewIndex(io *cli.IO, r *lockroot.Root) Index {
	out := Index{}
	for _, f := range r.Files {
		for _, ref := range f.References {
			key := name{ref.Input, ref.Tracked}
			out[key] = append(out[key], report.Place{File: io.Placed(r.Dir, ref.File),
				Line: ref.Line, Column: ref.Column, Object: report.ObjectOf(ref)})
		}
	}
	for _, i := range verify.NamedImages(r.Config) {
		key := name{lockfile.Image, i.Tracked}
		out[key] = append(out[key], report.Place{File: io.Placed(r.Dir, tree.ConfigFile),
			Line: i.Line, Column: i.Column})
	}
	return out
}

// Of are the places of a name; never nil.
func (i Index) Of(kind lockfile.Kind, of string) []report.Place {
	return append([]report.Place{}, i[name{kind, of}]...)
}
