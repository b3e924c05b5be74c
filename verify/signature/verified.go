package signature

import (
	"time"

	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
)

// Verified is what one piece of evidence proves. Verify alone makes one with
// anything in it.
type Verified struct {
	Kind   Kind
	Signer Signer

	// ID is the hex SHA-256 of the signature and, if it counts, the certificate in PEM. It is
	// the same for the same signature, in whatever form evidence holds it.
	ID string

	// Extensions are what the certificate says of the build besides its subject and
	// issuer: repository, workflow, trigger. They are empty for a key.
	Extensions certificate.Extensions

	// Digest is what was signed: the subject's digest, or its index's.
	Digest string

	// Times are the times that logs and timestamp authorities prove, the
	// earliest first; none if nothing that was demanded has one.
	Times []Time

	// Log holds the log entries that were verified; none if no log is demanded.
	Log []LogEntry

	// PredicateType of a statement, "" for a simple-signing payload or bare signature.
	PredicateType string

	// Payload is what the signature is over: the in-toto statement or simple-signing
	// payload, as JSON that is the signer's word. It is nil for a bare signature.
	Payload []byte
}

// Signer is who signed: by key, or by a certificate that names subject and issuer.
type Signer struct {
	Key             string // fingerprint, "" for a certificate
	Subject, Issuer string // "" for a key
}

// String is the signer in the words of the lock's report.
func (s Signer) String() string {
	if s.Key != "" {
		return "key " + s.Key
	}
	if s.Subject == "" {
		return ""
	}
	return s.Subject + " (issuer " + s.Issuer + ")"
}

// Time is a time of signing, in UTC, and what proves it.
type Time struct {
	Time time.Time
	// Log says that a transparency log does, otherwise a timestamp authority.
	Log bool
	// URI names the log or authority, "" if the trusted material gives it none.
	URI string
}

// LogEntry is an entry in a transparency log.
type LogEntry struct {
	LogID string // hex SHA-256 of the log's key
	Index int64  // in the log, from 0
	URI   string // of the log, "" if the trusted material gives it none
}
