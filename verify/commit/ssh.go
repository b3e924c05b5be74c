package commit

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// namespace is what git has SSH signatures made for.
const namespace = "git"

// allowed is a line of an allowed_signers file.
type allowed struct {
	where         string // file:line
	principals    string
	key           ssh.PublicKey
	namespaces    []string // patterns; nil: all
	after, before time.Time
}

// parseAllowed reads an allowed_signers file (ssh-keygen(1)).
func parseAllowed(name string, data []byte) ([]allowed, error) {
	var out []allowed
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseLine(line)
		a.where = fmt.Sprintf("%s:%d", name, number)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.where, err)
		}
		out = append(out, a)
	}
	return out, nil
}

func parseLine(line string) (allowed, error) {
	var a allowed
	rest := ""
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		a.principals, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return a, errors.New("a quote is not closed")
		}
	} else if i := strings.IndexAny(line, " \t"); i > 0 {
		a.principals, rest = line[:i], line[i:]
	}
	if a.principals == "" || !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "\t") {
		return a, errors.New(
			"not a line of allowed_signers: write principals, options, type and key")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(rest)))
	if err != nil {
		return a, fmt.Errorf("cannot read the key: %w", err)
	}
	if _, ok := key.(*ssh.Certificate); ok {
		return a, errors.New("a certificate is not a signing key")
	}
	a.key = key
	for _, o := range options {
		if err := a.option(o); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (a *allowed) option(o string) error {
	name, value, _ := strings.Cut(o, "=")
	value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
	var err error
	switch strings.ToLower(name) {
	case "namespaces":
		a.namespaces = strings.Split(value, ",")
		for _, pattern := range a.namespaces {
			if pattern == "" || strings.ContainsAny(pattern, `[\!`) {
				err = fmt.Errorf("unsupported pattern %q in namespaces: write names, * and ?",
					pattern)
			}
		}
	case "valid-after":
		a.after, err = parseTime(value)
	case "valid-before":
		a.before, err = parseTime(value)
	case "cert-authority":
		err = errors.New(
			"cert-authority: SSH certificates are not supported: list the keys themselves")
	default:
		err = fmt.Errorf("unsupported option %s", name)
	}
	return err
}

// parseTime reads a time as ssh-keygen takes it, local unless it ends with Z.
func parseTime(s string) (time.Time, error) {
	zone, digits := time.Local, s
	if cut, ok := strings.CutSuffix(s, "Z"); ok {
		zone, digits = time.UTC, cut
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) == len(layout) {
			return time.ParseInLocation(layout, digits, zone)
		}
	}
	return time.Time{}, fmt.Errorf(
		"invalid time %q: write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with a Z for UTC", s)
}

// takes says why a line's key does not sign a commit of a time; nil if it does.
func (a *allowed) takes(at time.Time) error {
	if a.namespaces != nil && !slices.ContainsFunc(a.namespaces, func(p string) bool {
		ok, _ := path.Match(p, namespace)
		return ok
	}) {
		return fmt.Errorf("%s: the key is not for the namespace git", a.where)
	}
	if !a.after.IsZero() && at.Before(a.after) {
		return fmt.Errorf("%s: the key is valid only after %s, and the commit is of %s", a.where,
			a.after.UTC().Format(time.RFC3339), at.Format(time.RFC3339))
	}
	if !a.before.IsZero() && !at.Before(a.before) {
		return fmt.Errorf("%s: the key is valid only before %s, and the commit is of %s", a.where,
			a.before.UTC().Format(time.RFC3339), at.Format(time.RFC3339))
	}
	return nil
}

// sshSignature is a signature as OpenSSH's PROTOCOL.sshsig says, after its magic.
type sshSignature struct {
	Version   uint32
	PublicKey string
	Namespace string
	Reserved  string
	Hash      string
	Signature string
}

// sshSigned is what is signed, after the magic.
type sshSigned struct{ Namespace, Reserved, Hash, Digest string }

const sshMagic = "SSHSIG"

func (s *Signers) checkSSH(c git.Commit) (string, error) {
	sig, key, err := parseSSH(c.Signature)
	if err != nil {
		return "", fmt.Errorf("its SSH signature: %w", err)
	}
	var failures []error
	for _, a := range s.ssh {
		if !bytes.Equal(a.key.Marshal(), key.Marshal()) {
			continue
		}
		if err := a.takes(c.Time); err != nil {
			failures = append(failures, err)
			continue
		}
		if err := sig.verify(key, c.Payload); err != nil {
			return "", fmt.Errorf("its SSH signature: %w", err)
		}
		return a.principals + " (SSH key " + ssh.FingerprintSHA256(key) + ")", nil
	}
	if len(failures) == 0 {
		return "", fmt.Errorf("it is signed with the SSH key %s, which is not listed",
			ssh.FingerprintSHA256(key))
	}
	return "", errors.Join(failures...)
}

func parseSSH(armoured string) (*sshSignature, ssh.PublicKey, error) {
	block, rest := pem.Decode([]byte(armoured))
	if block == nil || block.Type != "SSH SIGNATURE" || len(block.Headers) > 0 ||
		len(bytes.TrimSpace(rest)) > 0 {
		return nil, nil, errors.New("it cannot be read")
	}
	raw, ok := bytes.CutPrefix(block.Bytes, []byte(sshMagic))
	var sig sshSignature
	if !ok || ssh.Unmarshal(raw, &sig) != nil || sig.Version != 1 {
		return nil, nil, errors.New("it cannot be read")
	}
	if sig.Namespace != namespace {
		return nil, nil, fmt.Errorf("it is made for %q, not for git", sig.Namespace)
	}
	key, err := ssh.ParsePublicKey([]byte(sig.PublicKey))
	if err != nil {
		return nil, nil, err
	}
	if _, ok := key.(*ssh.Certificate); ok {
		return nil, nil, errors.New("SSH certificates are not supported")
	}
	return &sig, key, nil
}

func (s *sshSignature) verify(key ssh.PublicKey, message []byte) error {
	var h hash.Hash
	switch s.Hash {
	case "sha256":
		h = sha256.New()
	case "sha512":
		h = sha512.New()
	default:
		return fmt.Errorf("unsupported hash function %q", s.Hash)
	}
	h.Write(message)
	var sig ssh.Signature
	if err := ssh.Unmarshal([]byte(s.Signature), &sig); err != nil {
		return err
	}
	if sig.Format == ssh.KeyAlgoRSA {
		return errors.New("SHA-1 is not supported")
	}
	signed := append([]byte(sshMagic), ssh.Marshal(sshSigned{s.Namespace, s.Reserved, s.Hash,
		string(h.Sum(nil))})...)
	return key.Verify(signed, &sig)
}
