// Package config reads plumb.yaml, the configuration of a lock root.
//
// A document begins with apiVersion "plumb.dev/v1" and kind "Config"; every
// other field has a default. Paths and globs are slash-separated and relative
// to the directory of the file. In a glob "*" stands for any part of one name,
// "**" for any number of directories, and "{a,b}" for either; a glob that
// matches a directory matches all that lies in it.
//
// Reading is strict: a field that is not known, is named twice, or holds
// something else than it should is an error with its position, and all such
// errors are reported together. Aliases and merge keys are refused, so that
// what a line says does not depend on another.
package config

import (
	"path"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// The values of the fields that hold one of a few words.
const (
	APIVersion = "plumb.dev/v1" // of every document
	Kind       = "Config"       // of every document

	UnsignedReject = "reject" // an image that no policy matches is refused
	UnsignedAllow  = "allow"  // it is let through

	PinTagAndDigest = "tag+digest" // "nginx:1.27@sha256:…"
	PinDigest       = "digest"     // "nginx@sha256:…"
)

// Config is the configuration of one lock root.
type Config struct {
	// Name is that of the environment. Parse leaves it empty where the file gives
	// none; it is then the directory's.
	Name string
	// Include are the globs of the files to read; nil for DefaultInclude's.
	Include []string
	// Exclude are the globs of the files to leave out. They win over Include.
	Exclude []string
	// Policies are the files, or globs of files, that hold policies.
	Policies []string
	// Unsigned says what becomes of an image that no policy matches:
	// UnsignedReject, UnsignedAllow, or "" where the file does not say.
	Unsigned string
	// Pin is how a pin is written: PinTagAndDigest or PinDigest.
	Pin string
	// Platforms are those that the nodes run, as "os/architecture" or
	// "os/architecture/variant"; nil where the file does not say.
	Platforms []string
	// Registries holds what is special about a registry, keyed by its host in
	// canonical form, with the port.
	Registries map[string]Registry
	// Fields are further places that hold images.
	Fields []Field
	// Images are names to lock although no file holds them, and the ranges that
	// names follow.
	Images []Image
	// Self are the URLs of the repository that the lock root lies in: a source that names
	// one of them is the tree itself.
	Self []Self
	// Require are the kinds of inputs that must be pinned and locked, words of kinds; nil
	// for all.
	Require []string
	// Exceptions are what a finding is not made of, for a time.
	Exceptions []Exception
}

// Registry is what is special about a registry.
type Registry struct {
	// PlainHTTP says that it is reached without TLS.
	PlainHTTP bool
	// CAFile is the PEM file of the authorities to trust, relative to plumb.yaml; "" for
	// the system's.
	CAFile string
	// Concurrency is how many requests may be under way at once; 0 for the default.
	Concurrency int

	// Timeout is how long one request may take; 0 for the default.
	Timeout time.Duration
	// Mirrors are queried before the registry itself, in their order:
	// "host[:port][/prefix]", the host in canonical form.
	Mirrors []string
}

// Image is a name that the file gives, as a string or as a mapping.
type Image struct {
	// Name is as written. With Track it may be a repository, without a tag; it
	// is then not locked by itself.
	Name string
	// Track is the range of versions in which the tags of Name move, as
	// track.ParseRange takes it; "" for none.
	Track        string
	Line, Column int // of Name
}

// Locked reports whether the name is to be locked although no file holds it.
func (i Image) Locked() bool {
	n, err := oci.Parse(i.Name)
	return err == nil && (i.Track == "" || n.Tag != "")
}

// Field is a further place that holds images.
type Field struct {
	APIGroup string // "" matches every group
	Kind     string // "" matches every kind
	Path     string // "spec.image", "spec.nodes[].image", "spec.*.image"

	// Where an image stands in parts, their keys below Path; all empty for a
	// plain string.
	Registry, Repository, Tag, Digest string
}

// Default returns the configuration of a lock root without a plumb.yaml, in a
// directory of the given name.
func Default(dirname string) *Config {
	return &Config{Name: dirname, Pin: PinTagAndDigest}
}

// AcceptsUnmatched reports whether an image that no policy matches is accepted,
// where there are this many policies: if the file says so, or if it says nothing
// and there is no policy at all.
func (c *Config) AcceptsUnmatched(policies int) bool {
	return c.Unsigned == UnsignedAllow || c.Unsigned == "" && policies == 0
}

// Matches reports whether plumb reads the file at path: whether Include, or
// its default, matches and Exclude does not.
func (c *Config) Matches(path string) bool {
	if c.Include == nil {
		return DefaultInclude(path) && !matchesAny(c.Exclude, path)
	}
	return c.Included(path)
}

// Included reports whether the file names path in its own include, so that it
// is to be read whatever it looks like, and not in exclude.
func (c *Config) Included(path string) bool {
	return matchesAny(c.Include, path) && !matchesAny(c.Exclude, path)
}

// Excluded reports whether exclude leaves the file at path out.
func (c *Config) Excluded(path string) bool { return matchesAny(c.Exclude, path) }

// helmfileTemplate reports whether a file is a helmfile that is a template, by its name.
func helmfileTemplate(name, base string) bool {
	stem, ok := strings.CutSuffix(base, ".yaml.gotmpl")
	if !ok {
		stem, ok = strings.CutSuffix(base, ".yml.gotmpl")
	}
	return ok && (stem == "helmfile" || strings.HasSuffix(stem, ".helmfile") ||
		path.Base(path.Dir(name)) == "helmfile.d")
}

// DefaultInclude reports whether plumb reads the file at path where no include
// says otherwise: YAML and JSON by their suffixes, whose case k3s does not mind, and
// the files of kustomize and kpt that have none; and templates of YAML that helmfile fills
// in. No folder is left out, not even that
// of plumb's evidence: those who apply a tree take what lies in any of them.
func DefaultInclude(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(path.Ext(base)) {
	case ".yaml", ".yml", ".json":
		return true
	case ".gotmpl":
		return helmfileTemplate(name, base)
	}
	return base == "Kustomization" || base == "Kptfile"
}
