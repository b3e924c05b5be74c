package signature

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// inWords says why the verifier refused. Who has signed instead is said
// only of what is otherwise right: the verifier compares names last.
func inWords(err error, e *entity, r Requirement) error {
	var other *verify.ErrNoMatchingCertificateIdentity
	if !errors.As(err, &other) || e.certificate == nil {
		for _, known := range refusals {
			if strings.Contains(err.Error(), known.text) {
				return fmt.Errorf("%s: %w", known.words, plain(err))
			}
		}
		return plain(err)
	}
	summary, failed := certificate.SummarizeCertificate(e.certificate)
	if failed != nil {
		return plain(err)
	}
	var wanted []string
	for _, id := range r.Identities {
		wanted = append(wanted, id.String())
	}
	by := Signer{Subject: summary.SubjectAlternativeName, Issuer: summary.Issuer}
	return plain(fmt.Errorf("it is signed by %s, not by %s", by, strings.Join(wanted, " or ")))
}

// refusals are what the verifier says most often when it refuses what is sound, and
// what that means.
var refusals = [...]struct{ text, words string }{
	{"not enough verified log entries", "no log that is trusted has an entry of it"},
	{"threshold not met for verified",
		"no trusted log or timestamp authority proves when it was signed"},
	{"leaf certificate verification failed",
		"its certificate is of no authority that is trusted, or was not valid when it signed"},
	{"integrated time outside certificate validity",
		"its certificate was not valid when it signed"}, {"unable to meet threshold of 1",
		"no certificate transparency log that is trusted has seen its certificate"},
	{"could not verify envelope", "it is altered, or another key's"},
	{"could not verify message", "it is altered, or another key's"},
}

// maxWords is how long an error may be that quotes what others wrote.
const maxWords = 1000

// plain is an error on one line, without control characters and of bounded length:
// what others wrote may be in it. The verifier's own "failed to" is left out.
func plain(err error) error {
	text := strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "failed to ", "")
	for _, empty := range []string{"; error: %!w(<nil>)", ": %!w(<nil>)"} {
		text = strings.ReplaceAll(text, empty, "") // the verifier wraps no error there
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if runes := []rune(text); len(runes) > maxWords {
		text = string(runes[:maxWords]) + "…"
	}
	return errors.New(text)
}
