// Package admission decides whether an object may enter a cluster, by the lock of
// the repository that the cluster is made from: each of its images has to be
// pinned to what the lock has, and the evidence kept beside the lock has to satisfy the
// policies. It decides from memory and asks nobody.
//
// A Version of the repository becomes a State, once all its evidence has been
// verified (Load); a State reviews objects (Review), with the finder of package
// manifest and the rules of package verify, so that what is said of a manifest in a
// repository is said of the object that is made from it. Zero values deny.
package admission
