// Package evidence judges locked images by policies and by the signatures that a tree
// keeps for them. Each signature or attestation is a file below Dir, named by the
// digest of its bytes, in the form that package signature documents; so is, as its
// registry served it, the index that lists an image, where it is the index that was
// signed, and the config of each of an image's platforms, where a policy needs them
// (fetchConfigFile): their digests are the entry's. A lock's "verified" lines say which
// of the files belong to an entry; they are a report, and nothing that they or the
// files say is believed: the files are verified, and the lines compared with what comes
// of it.
package evidence
