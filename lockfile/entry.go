package lockfile

// Kind is what sort of external input an entry or a reference names.
type Kind string

// The input kinds, in the order in which a lock lists them.
const (
	Artifact Kind = "artifact" // any OCI artifact that is no container image
	Chart    Kind = "chart"    // a Helm chart from an HTTP repository
	Git      Kind = "git"      // a git repository and a ref in it
	Image    Kind = "image"    // a container image
)

// Entry says what one tracked name resolved to.
type Entry struct {
	Kind Kind
	// Name is the tracked name in canonical form, such as
	// "docker.io/library/nginx:1.27"; for git the repository's URL.
	Name string
	// Ref is the tracked git ref, such as "refs/tags/v2.3.0"; "" otherwise.
	Ref string
	// Digest is the pin of everything but git: "sha256:" and 64 hex digits.
	Digest string
	// Commit is the pin of a git entry: 40 or 64 hex digits.
	Commit string
	// MediaType is that of the content that Digest names; "" for git.
	MediaType string
	// Platforms lists an image's platforms, sorted by Platform.
	Platforms []Platform
	// Verified reports who vouched for the content; a report, never a reason.
	Verified []Verified
}

// Platform is one platform of an image.
type Platform struct {
	Platform string // "os/architecture" or "os/architecture/variant"
	Manifest string // digest of the platform's manifest
	Config   string // digest of its config; "" where it was not asked for
}

// Verified is one authority's statement about an entry.
type Verified struct {
	Policy    string
	Authority string
	Signer    string
	Evidence  string // digest of the evidence file's bytes
}

// Lock is the set of entries of one lock root, sorted by Kind, Name and Ref,
// no two of which share all three.
type Lock struct {
	Entries []Entry
}
