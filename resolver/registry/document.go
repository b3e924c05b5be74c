package registry

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// document is a manifest, an index or a config as it was read.
type document struct {
	digest     string // hash of body
	headerType string // media type that the response claimed, without parameters
	body       []byte
	at         string // URL
	host       string // the registry in canonical form
}

// invalid makes the error of a document that cannot be used.
func (d *document) invalid(err error) *Error { return transport.InvalidContent(d.host, d.at, err) }

// checkDigest compares the content with the tag or digest that was requested, and with
// the digest that the registry claims. A schema 1 manifest is not hashed as it is
// served, and is rejected later with a clearer message.
func (d *document) checkDigest(ref, claimed string) error {
	is := d.digest
	if strings.HasPrefix(claimed, "sha512:") {
		is = fmt.Sprintf("sha512:%x", sha512.Sum512(d.body))
	}
	switch {
	case isSchema1(d.headerType):
		return nil
	case isDigest(ref) && ref != d.digest:
		return fmt.Errorf("the registry returned other content, %s", d.digest)
	case isComparable(claimed) && claimed != is:
		return fmt.Errorf("the registry contradicts itself: its header says %s, the content is %s",
			claimed, is)
	}
	return nil
}

// isDigest reports whether ref, of a name, is a digest and not a tag.
func isDigest(ref string) bool { return strings.Contains(ref, ":") }

// isComparable reports whether a claimed digest is of a kind that can be compared.
func isComparable(claimed string) bool {
	hex, ok := strings.CutPrefix(claimed, "sha512:")
	return lockfile.ValidDigest(claimed) ||
		ok && len(hex) == 128 && strings.Trim(hex, "0123456789abcdef") == ""
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
