// Package commit verifies the signatures of git commits. Those who may sign are listed
// in files: OpenSSH's allowed_signers (ssh-keygen(1), ALLOWED SIGNERS), armoured OpenPGP
// keys, and documents of kind CommitSigners, with the identities in certificates as gitsign
// gets them from a sigstore instance, and that instance's trusted root:
//
//	apiVersion: plumb.dev/v1
//	kind: CommitSigners
//	trustedRoot: trusted_root.json # a file beside this one
//	identities:
//	  - {issuer: "https://accounts.example.org", subject: ada@example.org}
//
// A certificate's time is proven by the log or a timestamp authority. A key's validity is
// judged by the time that the signature or the commit claims, as git does: anyone with
// the key can date a commit back. A key that is lost or stolen must be taken out of the
// file, or be revoked.
package commit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// maxFile is how many bytes a file of signers may have.
const maxFile = 4 << 20

// Files are the names of files that list signers.
type Files []string

// Check says in words who signed a commit. The error says why it is none of those
// listed. The files are read each time, so that what is mounted may change.
func (f Files) Check(c git.Commit) (string, error) {
	s, err := f.Read()
	if err != nil {
		return "", err
	}
	return s.Check(c)
}

// Read reads the files.
func (f Files) Read() (*Signers, error) {
	all := &Signers{}
	for _, name := range f {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		one, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		all.ssh = append(all.ssh, one.ssh...)
		all.pgp = append(all.pgp, one.pgp...)
		all.certified = append(all.certified, one.certified...)
	}
	return all, nil
}

// Signers are those who may sign commits. The zero Signers accepts no signature.
type Signers struct {
	ssh       []allowed
	pgp       keyring
	certified []certified
}

// Parse reads one file, whose name is for errors and for the files that it names.
func Parse(name string, data []byte) (*Signers, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: %d bytes exceed the limit of %d", name, len(data), maxFile)
	}
	var s Signers
	var err error
	switch {
	case bytes.Contains(data, []byte("-----BEGIN PGP")):
		s.pgp, err = parseKeys(name, data)
	case isDocument(data):
		var c certified
		if c, err = parseDocument(name, data); err == nil {
			s.certified = []certified{c}
		}
	default:
		s.ssh, err = parseAllowed(name, data)
	}
	if err != nil {
		return nil, err
	}
	if len(s.ssh)+len(s.pgp)+len(s.certified) == 0 {
		return nil, fmt.Errorf("%s: lists no signers", name)
	}
	return &s, nil
}

// Check says in words who signed a commit. The error says why the signature is not
// that of one of the signers.
func (s *Signers) Check(c git.Commit) (who string, err error) {
	defer func() {
		// Anyone who can push can make it, and it passes parsers that others wrote.
		if p := recover(); p != nil {
			who, err = "", fmt.Errorf("its signature: parser panicked: %v", p)
		}
	}()
	switch kind, _, _ := strings.Cut(c.Signature, "\n"); kind {
	case "":
		return "", errors.New("it is not signed")
	case "-----BEGIN SSH SIGNATURE-----":
		return s.checkSSH(c)
	case "-----BEGIN PGP SIGNATURE-----":
		return s.pgp.check(c)
	case "-----BEGIN SIGNED MESSAGE-----":
		return s.checkCertified(c)
	default:
		return "", fmt.Errorf("unknown kind of signature: %.60q", kind)
	}
}
