// Package admission decides whether an object may enter a cluster, by the lock of the
// repository that the cluster is deployed from: each of its images has to be pinned to what
// the lock has, and the evidence kept beside the lock has to satisfy the policies. It
// decides from memory, without a network.
//
// A Version of the repository becomes a State once all its evidence has been verified
// (Load); a State reviews objects (Review), with the scanner of package manifest and the
// rules of package verify, so that a manifest in a repository and the object that is
// created from it get the same findings. A Reloader keeps the State up to date. Zero values
// deny.
package admission
