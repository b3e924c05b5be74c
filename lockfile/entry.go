package lockfile

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is what sort of external input an entry or a reference names.
type Kind string

// The input kinds, in the order in which a lock lists them.
const (
	Artifact Kind = "artifact" // any OCI artifact that is no container image
	Chart    Kind = "chart"    // a Helm chart from a chart repository
	Git      Kind = "git"      // a git repository and a ref in it
	Image    Kind = "image"    // a container image
	URL      Kind = "url"      // a file that is fetched over HTTPS
)

// Entry says what one tracked name resolved to.
type Entry struct {
	// Kind is what sort of content the entry is.
	Kind Kind
	// Name is the tracked name in canonical form, such as
	// "docker.io/library/nginx:1.27"; for git the repository's URL, for a chart
	// "URL#name", and for a URL itself.
	Name string
	// Range is the range of versions that a chart or a git source follows, as its
	// consumer reads it; "" for one that follows a single version or ref.
	Range string
	// Ref is the git ref that was resolved, such as "refs/tags/v2.3.0", "HEAD", or the
	// commit itself where the tree names nothing else; "" otherwise.
	Ref string
	// Tag is the id of the annotated tag object that Ref names, "" if it names none.
	Tag string
	// Version is that of a chart; "" otherwise.
	Version string
	// Digest is the pin of everything but git: "sha256:" and 64 hex digits. A chart's is
	// that of its archive.
	Digest string
	// Content is the hash of the files in a chart's archive, "h1:" and base64 (package
	// golang.org/x/mod/sumdb/dirhash, Hash1), which repacking leaves as it is; "" otherwise.
	Content string
	// Commit is the pin of a git entry: 40 or 64 hex digits.
	Commit string
	// MediaType is that of the content that Digest names; "" for git.
	MediaType string
	// Platforms lists an image's platforms, sorted by Platform.
	Platforms []Platform
	// Verified reports who signed the content; a report, never a reason.
	Verified []Verified
}

// Platform is one platform of an image.
type Platform struct {
	Platform string // "os/architecture" or "os/architecture/variant"
	Manifest string // digest of the platform's manifest
	Config   string // digest of its config; "" where it was not requested
}

// Verified is one authority's statement about an entry.
type Verified struct {
	Policy    string // name of the policy that the authority is in
	Authority string // name of the authority
	Signer    string // who satisfied it, in words
	Evidence  string // digest of the evidence file's bytes
}

// Follows is what the entry's name is followed by: the range of a git source or a chart,
// else its ref or version; "" for other kinds.
func (e *Entry) Follows() string {
	switch {
	case e.Range != "":
		return e.Range
	case e.Kind == Git:
		return e.Ref
	}
	return e.Version
}

// Tracked is the entry's name with what it follows: "https://github.com/acme/bases.git@main",
// "https://charts.example.org#web@^1.2"; of images, artifacts and URLs it is the name alone.
func (e *Entry) Tracked() string {
	follows := e.Follows()
	if e.Kind == Git && e.Range == "" {
		follows = ShortRef(e.Ref)
	}
	if follows == "" {
		return e.Name
	}
	return e.Name + "@" + follows
}

// Label is what the entry is called beside its pin: a chart's version, the tag that a git
// source's range chose; "" where the name says it all.
func (e *Entry) Label() string {
	switch {
	case e.Kind == Chart:
		return e.Version
	case e.Kind == Git && e.Range != "":
		return ShortRef(e.Ref)
	}
	return ""
}

// ShortRef is a full ref of a branch or a tag without "refs/heads/" or "refs/tags/".
func ShortRef(ref string) string {
	if short, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		return short
	}
	return strings.TrimPrefix(ref, "refs/tags/")
}

// IsSource reports whether entries of the kind are found by what they follow: git sources,
// charts and URLs.
func (k Kind) IsSource() bool { return k == Git || k == Chart || k == URL }

// Compare orders entries as a lock lists them: by kind, tracked name and what it follows.
func (e Entry) Compare(o Entry) int { return e.key().compare(o.key()) }

// Equal reports whether e and o say the same, down to who signed it.
func (e Entry) Equal(o Entry) bool {
	return e.key() == o.key() && e.Digest == o.Digest && e.Commit == o.Commit &&
		e.Range == o.Range && e.Ref == o.Ref && e.Tag == o.Tag && e.Version == o.Version &&
		e.Content == o.Content && e.MediaType == o.MediaType &&
		slices.Equal(e.Platforms, o.Platforms) && slices.Equal(e.Verified, o.Verified)
}

// Pin is the content that the entry resolved to: a digest, for git a commit.
func (e Entry) Pin() string {
	if e.Kind == Git {
		return e.Commit
	}
	return e.Digest
}

// key is what a lock has at most one entry for.
type key struct {
	kind          Kind
	name, follows string
}

func (e *Entry) key() key { return key{e.Kind, e.Name, e.Follows()} }

func (k key) compare(o key) int {
	if c := strings.Compare(string(k.kind), string(o.kind)); c != 0 {
		return c
	}
	if c := strings.Compare(k.name, o.name); c != 0 {
		return c
	}
	return strings.Compare(k.follows, o.follows)
}

// String names the entry to people: "image docker.io/library/nginx:1.27".
func (k key) String() string {
	if k.follows != "" {
		return string(k.kind) + " " + k.name + " " + k.follows
	}
	return string(k.kind) + " " + k.name
}

// comparePlatforms orders an image's platforms. Those of Windows may share a
// name, as each build of Windows has a manifest of its own.
func comparePlatforms(a, b Platform) int {
	return cmp.Or(strings.Compare(a.Platform, b.Platform), strings.Compare(a.Manifest, b.Manifest))
}

// Compare orders the statements of an entry.
func (v Verified) Compare(o Verified) int {
	return cmp.Or(strings.Compare(v.Policy, o.Policy), strings.Compare(v.Authority, o.Authority),
		strings.Compare(v.Signer, o.Signer), strings.Compare(v.Evidence, o.Evidence))
}
