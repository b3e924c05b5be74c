// Package generate writes what a cluster is to be given so that nothing but the
// lock's images get in: the webhook's installation, and the same rule as a
// ValidatingAdmissionPolicy for clusters that want no webhook.
//
// All functions are pure: the same options give the same bytes. What they write is
// complete, with the defaults that an API server would fill in, so that what stands in
// a cluster can be compared with it field by field.
package generate
