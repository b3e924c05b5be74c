// Package manifest finds the external inputs that Kubernetes manifests name,
// and edits them in place, byte by byte. It reads text and nothing else: no
// file system, no registry.
package manifest

import (
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
)

// Reference is one place in a file that names an external input.
type Reference struct {
	File         string // slash-separated, relative to the tree's root
	Line, Column int    // 1-based, of the value; columns count bytes

	Input lockfile.Kind

	Kind, Namespace, Name string // the resource that holds it; "" where there is none
	Field                 string // path inside the resource, "spec.containers[0].image"

	Reference string // as written; what stands in parts is joined
	Tracked   string // canonical tracked name; "" where none can be worked out
	Digest    string // the digest it carries, or ""
	Editable  bool   // plumb can pin it in place
	Why       string // why it is not editable, or has no tracked name; "" otherwise

	// Inherits says that this place only renames images: their tags and digests
	// come from the manifests it is applied to, so there is nothing to pin here.
	Inherits bool

	// Source says more of a reference that is neither image nor artifact; nil for those.
	Source *Source

	// Policy is the ImagePolicy of Flux, "flux-system:web", that a marker beside
	// the value names; "" if there is none. Its tag is then Flux's to change.
	Policy string

	site site
}

// Pinned reports whether the reference names content rather than a mutable name.
func (r Reference) Pinned() bool {
	return r.Digest != "" || r.Source != nil && r.Source.Pin != "" && r.Source.Holder != ByPlumbAlone
}

// Remark is a place that is no reference but that a reader should know of.
type Remark struct {
	File                  string
	Line, Column          int
	Rule                  string // "suspect", "uneditable", "unreadable" or "unknown-input"
	Severe                bool   // the verifier rejects it, rather than only saying so
	Kind, Namespace, Name string
	Field                 string
	Reference             string // the text in question
	Message               string

	open  bool          // a placeholder, of which this file does not say what fills it
	Input lockfile.Kind // what a placeholder is to name; "" for an image
}

// File is what a scan found in one file.
type File struct {
	Path       string
	References []Reference // in order of position
	Remarks    []Remark    // in order of position
	// Unreadable is why the file cannot be read although it should hold manifests;
	// its Rule is "unreadable", or "unknown-input" where the file is elsewhere. Nil if all
	// is well.
	Unreadable *Remark
	// Judged tells apart the sets of charts that its Helm values were judged by; 0 is none.
	Judged uint64

	role     role
	as       readAs   // the ways in which others name it, and it was read for them
	objects  bool     // it holds Kubernetes objects
	manifest bool     // it holds, or is meant to hold, what consumers read
	uses     []use    // files that it names
	charts   []string // directories of charts that it has values for
	links
	offers []offer
	source string // its text, where that fills placeholders in others; else ""
}

// IsManifest reports whether the file holds, or is meant to hold, what a consumer of
// manifests reads: Kubernetes objects, a kustomization, a chart, its templates or values.
func (f *File) IsManifest() bool {
	return f.manifest || f.role == chartFile || f.role == valuesFile || len(f.References) > 0
}

// HasObjects reports whether the file holds Kubernetes objects: mappings with an
// apiVersion and a kind.
func (f *File) HasObjects() bool { return f.objects }

// Hides reports whether the file, or what it leads to, may hold references that were not
// found: it cannot be read, or is not here.
func (f *File) Hides() bool {
	return f.Unreadable != nil || slices.ContainsFunc(f.Remarks, func(r Remark) bool {
		return r.Rule == "unknown-input" && r.Severe
	})
}

// Edit replaces the bytes of one span. It is refused where Old is not there.
type Edit struct {
	Start, End int
	Old, New   string
}
