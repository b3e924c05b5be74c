package signature

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/sigstore/sigstore-go/pkg/verify"
)

// Identity says who a certificate must name: its subject and the issuer that
// authenticated the subject, each exactly or by a regexp. NewIdentity makes one; the
// zero Identity matches nothing.
type Identity struct {
	matcher verify.CertificateIdentity
	written string
}

// NewIdentity makes an identity. Of issuer and its regexp at least one must be set,
// and of subject and its regexp; where both are, both must match. A regexp has
// Go's syntax (RE2) and must match the whole value: "^" and "$" are implied.
func NewIdentity(issuer, issuerRegExp, subject, subjectRegExp string) (Identity, error) {
	if issuer == "" && issuerRegExp == "" {
		return Identity{}, errors.New("identity: neither an issuer nor a regexp for it")
	}
	if subject == "" && subjectRegExp == "" {
		return Identity{}, errors.New("identity: neither a subject nor a regexp for it")
	}
	issuerWhole, err := whole(issuerRegExp)
	if err != nil {
		return Identity{}, fmt.Errorf("identity: issuer regexp: %w", err)
	}
	subjectWhole, err := whole(subjectRegExp)
	if err != nil {
		return Identity{}, fmt.Errorf("identity: subject regexp: %w", err)
	}
	matcher := verify.CertificateIdentity{
		SubjectAlternativeName: verify.SubjectAlternativeNameMatcher{
			SubjectAlternativeName: subject, Regexp: *subjectWhole},
		Issuer: verify.IssuerMatcher{Issuer: issuer, Regexp: *issuerWhole},
	}
	return Identity{matcher: matcher, written: describe("subject", subject, subjectRegExp) +
		" from " +
		describe("issuer", issuer, issuerRegExp)}, nil
}

// String says in words who is meant.
func (i Identity) String() string { return i.written }

func (i Identity) empty() bool { return i.written == "" }

func describe(what, exact, pattern string) string {
	switch {
	case pattern == "":
		return fmt.Sprintf("%s %q", what, exact)
	case exact == "":
		return fmt.Sprintf("%s like %q", what, pattern)
	}
	return fmt.Sprintf("%s %q like %q", what, exact, pattern)
}

// whole compiles a pattern that must match all of a string. The pattern is parsed
// by itself and written anew before it is put between anchors, so that no "a)|(b"
// and no "\Q" left open can get round them. The empty pattern gives an empty regexp, which
// stands for none.
func whole(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return regexp.Compile("")
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + parsed.String() + `)\z`)
}
