// Package git reads one commit of a repository without the git program: it fetches the tip
// of a branch from a server (HTTPS, SSH, git) without its history, or reads a repository on
// disk, and finds out whether one commit descends from another.
//
// It does not trust servers: everything that it reads is bounded, each object is identified
// by its hash, and names in trees are checked. It supports version 0 of the protocol, which
// every server speaks, and SHA-1 repositories: others are an *ObjectFormatError.
package git

// The bounds of what a server sends.
const (
	maxRefs    = 32 << 20  // bytes of the list of refs
	maxPack    = 1 << 30   // bytes of a pack, on disk
	maxCount   = 1_000_000 // objects of a pack
	maxObject  = 64 << 20  // bytes of an object
	maxCommit  = 1 << 20   // bytes of a commit, as it is kept in memory
	maxDepth   = 64        // folders within one another
	maxEntries = 1_000_000 // files and folders that a walk looks at
)
