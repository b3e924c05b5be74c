package signature

import "github.com/sigstore/sigstore-go/pkg/fulcio/certificate"

// Match reports whether a certificate with the given subject and issuer is meant.
func (i Identity) Match(subject, issuer string) bool {
	summary := certificate.Summary{SubjectAlternativeName: subject, Extensions: certificate.Extensions{Issuer: issuer}}
	return i.matcher.Verify(summary) == nil
}
