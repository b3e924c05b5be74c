package manifest

import "github.com/plumb-dev/plumb/resolver/manifest/syntax"

// Options widen what a scan looks for. The zero Options are the defaults.
type Options struct {
	Fields []Field
	// Included reports whether plumb.yaml's include names the file, so that
	// text that is no manifest is searched all the same. Nil means never.
	Included func(path string) bool
}

// Field is a further place that holds images (plumb.yaml, fields).
type Field struct {
	APIGroup string // "" matches every group
	Kind     string // "" matches every kind
	Path     string // "spec.image", "spec.nodes[].image", "spec.*.image"

	// Where an image stands in parts, their keys below Path; all empty for a
	// plain string.
	Registry, Repository, Tag, Digest string
}

// Scanner finds references, one file at a time. One Scanner serves one goroutine.
type Scanner struct {
	opts   Options
	parser syntax.Parser
}

// NewScanner returns a Scanner for opts.
func NewScanner(opts Options) *Scanner { return &Scanner{opts: opts} }

// Candidate reports whether a file of this name may hold manifests.
func Candidate(path string) bool { panic("not written") }

// Scan finds what src holds. path is slash-separated and relative to the tree's root.
func (s *Scanner) Scan(path string, src []byte) File { panic("not written") }

// ValuesFiles returns the paths in the tree that files name as Helm values and
// that a scan by itself does not know to be such.
func ValuesFiles(files []File) []string { panic("not written") }

// ScanValues finds what src holds, read as a Helm values file.
func (s *Scanner) ScanValues(path string, src []byte) File { panic("not written") }
