// Package policy reads who must have signed what, and decides by it. It takes the
// documents of sigstore's policy-controller unchanged: ClusterImagePolicy
// (policy.sigstore.dev/v1alpha1 and v1beta1) and TrustRoot (v1alpha1). It opens no
// socket, reads no file but through Options.ReadFile, and knows no clock but Options.Now.
//
// # What is taken
//
// Every field that policy-controller knows, in documents or in Lists of them. What it can only decide inside a cluster or
// by fetching is an error that says what to write instead: key.secretRef, key.kms,
// policy.configMapRef, policy.remote, and spec.remote of a TrustRoot of whose
// repository there is no copy. Such a copy is in a folder beside the document that is
// called as the TrustRoot, with ".tuf" behind it; it holds N.root.json for the roots
// after the one that the document has, timestamp.json, snapshot.json, targets.json, and
// below targets what these name. Two things are plumb's own, and policy-controller
// refuses them: key.file (and ca-cert.file), the path of a PEM file relative to the
// policy's folder, in place of data; and policy.type cel. A third it does not see: the
// annotation plumb.dev/any-repository: "true" lets signatures of the older format name
// another repository than the image's, as those of a copied image do. A
// trusted_root.json among the documents is the root for authorities that name no
// trustRootRef.
//
// The fields keyless.url and ctlog.url are never fetched: they stand for the public
// instance, or for the TrustRoot that is named with them. signaturePullSecrets are
// not used; a remark says so.
//
// # Where it is stricter
//
//   - Unknown fields, an empty list of identities or authorities, two policies, TrustRoots,
//     authorities or attestations of one name, and a match without resource or
//     version are errors.
//   - Regular expressions of identities must match the whole value.
//   - A certificate needs a time of signing inside its life. Where a log is demanded, its
//     entry may name the time, or a timestamp by an authority of the same trust root, as
//     with Rekor v2. Where an authority names a TrustRoot and neither ctlog nor
//     rfc3161timestamp, a log entry or a timestamp by that root is demanded; where it names
//     both, both are.
//   - A certificate must have been shown to a log of the trust root unless
//     insecureIgnoreSCT says otherwise. keyless.ca-cert takes certificates, and
//     replaces the certificate authorities of the root, not its logs.
//   - An image that a manifest writes in another way ("nginx", "docker.io/library/nginx")
//     is the same image: a glob that matches one way of writing it, by tag or by digest,
//     matches it.
//   - A signature of the older format must name the image's repository.
//   - One signature counts once, in however many pieces of evidence it is.
//   - A policy with match must pass for an image whose object is not known; that it does is
//     a reason to allow the image only if a signature satisfies it, not if it is static.
//
// A tag that stands beside a digest decides nothing about what is pulled, and
// policy-controller does not look at it. A policy that matches by the tag alone must pass
// all the same, so that none is evaded; but it is a reason to allow the image only where
// Image.TagResolved says that the tag meant the digest.
//
// Where it is wider: without signatureFormat, signatures of either format count.
//
// # What policies are evaluated on
//
// A policy on an attestation is evaluated on its in-toto statement:
//
//	{"_type", "predicateType", "subject": [{"name", "digest"}], "predicate"}
//
// A policy on the whole (spec.policy) is evaluated once an authority has passed, on
//
//	{"authorityMatches": {AUTHORITY: {
//	   "signatures": [{"id", "subject", "issuer", "githubWorkflowTrigger", "githubWorkflowSha",
//	     "githubWorkflowName", "githubWorkflowRepo", "githubWorkflowRef"}],
//	   "attestations": {NAME: [{as a signature, and "predicateType", "digest"}]},
//	   "static": true}},
//	 "config": {PLATFORM: image configuration},  with fetchConfigFile
//	 "spec", "metadata": the object's,           with includeSpec, includeObjectMeta
//	 "typemeta": {"kind", "apiVersion"}}         with includeTypeMeta
//
// where what is empty is left out; subject, issuer and the workflow are those of a
// certificate. What a policy asks for and the caller does not know fails it.
//
// CUE: the policy and the input must unify. As in policy-controller, a field that the
// input lacks is no conflict: write "field!: value" to demand that it is there. Rego
// (version 0): data.sigstore.isCompliant must be true, or be a set of objects with result,
// error and warning, of which the first with a true result has no warning. CEL: the expression
// must be true; its variables are the members above, and input, the whole.
//
// Nothing that an evaluation calls can reach the network, files or the environment, and it
// is bounded in time. The same input gives the same answer: what asks for the time or for chance is
// an error, but for the time where Options.Now is set.
//
// # TUF
//
// spec.repository and the copy of spec.remote are verified as the TUF specification
// says: each root by the one before, up from the root that the document holds, then timestamp,
// snapshot, targets and the target's hash. Whether metadata has expired is asked only
// for Options.Now: a commit that was accepted once must not be refused because a week has
// passed. So, without it, anyone who can replace a copy can put back an older one that
// the same root has signed, and nothing else.
package policy
