// Package signature verifies one signature or attestation of one OCI image: it
// answers who signed what, and when, from bytes alone. It opens no socket and no
// file, knows no registry and no policy document, reads no clock and keeps no
// state. Whatever bytes it is given, it does not panic.
//
// There is one verifier for both formats that cosign writes. A sigstore bundle
// is verified as it is; the older format (a layer of a .sig or .att manifest with
// its annotations) is brought into the form that the same verifier takes.
//
// # Evidence
//
// Evidence is stored as one file for each signature, in one of two forms. The
// reader tells them apart by the member "schema", or "mediaType":
//
//   - A sigstore bundle (media type application/vnd.dev.sigstore.bundle…, versions
//     0.1 to 0.3), byte for byte as the registry served it.
//   - The older format's parts, as one line of JSON and a newline.
//
// The latter is broken into lines only here. Its members are in this order, and those
// that are empty are left out:
//
//	{"schema":"plumb.dev/evidence/v1",
//	 "mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",
//	 "payload":"<base64 of the layer>",
//	 "signature":"<annotation dev.cosignproject.cosign/signature>",
//	 "certificate":"<annotation dev.sigstore.cosign/certificate>",
//	 "chain":"<annotation dev.sigstore.cosign/chain>",
//	 "bundle":"<annotation dev.sigstore.cosign/bundle>",
//	 "rfc3161timestamp":"<annotation dev.sigstore.cosign/rfc3161timestamp>"}
//
// The annotations are strings exactly as the manifest had them. ParseEvidence
// takes exactly what Format writes. Nothing in evidence is believed: Verify checks
// it each time it is used.
//
// # Limits
//
// Evidence is read up to MaxEvidence, an index up to MaxIndex. Besides, a bundle may
// have four log entries and four timestamps of 16 KiB each, certificates of 16 KiB
// with RSA keys of 8192 bits, and one signature; the older format a chain of ten
// certificates. What has more is refused: parsers that this package stands on
// would otherwise take what they are given too far.
//
// # What is not done
//
// Nothing is asked of a log or a certificate authority: revocation, consistency of
// a log with its other views, and entries that the evidence does not carry are
// out of reach. The time of signing is what a trusted log or timestamp authority
// signed; without one there is none, and a certificate is then rejected.
package signature
