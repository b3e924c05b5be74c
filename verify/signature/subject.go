package signature

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// MaxIndex is how many bytes an index may have.
const MaxIndex = 4 << 20

// Subject is the image that evidence is to be about.
type Subject struct {
	// Repository is the image's, host and path in canonical form:
	// "docker.io/library/nginx". It is compared with what a simple-signing payload names.
	Repository string
	// Digest of the image's manifest or index, "sha256:…" or "sha512:…".
	Digest string
	// Index holds, if the signature may be that of an index which lists the image,
	// the raw bytes of that index, at most MaxIndex. It is not believed: it must list Digest, and
	// its own digest must be what was signed.
	Index []byte
	// Content holds the raw bytes that Digest names, where they are at hand. Only
	// an Artifact signature by a pure Ed25519 key needs them.
	Content []byte
}

// digest is a digest that has been read.
type digest struct {
	algorithm string
	sum       []byte
}

func (d digest) String() string { return d.algorithm + ":" + hex.EncodeToString(d.sum) }

// parseDigest reads "sha256:…" or "sha512:…" in lower-case hex.
func parseDigest(s string) (digest, error) {
	algorithm, text, _ := strings.Cut(s, ":")
	sum, err := hex.DecodeString(text)
	size := map[string]int{"sha256": sha256.Size, "sha512": sha512.Size}[algorithm]
	if err != nil || size == 0 || len(sum) != size || strings.ToLower(text) != text {
		return digest{}, fmt.Errorf("%q is not a sha256 or sha512 digest", abbreviate(s))
	}
	return digest{algorithm, sum}, nil
}

// hashes reports whether data is what d names.
func (d digest) hashes(data []byte) bool {
	switch d.algorithm {
	case "sha256":
		sum := sha256.Sum256(data)
		return string(sum[:]) == string(d.sum)
	case "sha512":
		sum := sha512.Sum512(data)
		return string(sum[:]) == string(d.sum)
	}
	return false
}

// signed returns the digest of the subject, or of the index that lists it, for which
// about is true.
func (s Subject) signed(about func(digest) bool) (digest, error) {
	own, err := parseDigest(s.Digest)
	if err != nil {
		return digest{}, fmt.Errorf("subject: %w", err)
	}
	if s.Content != nil && !own.hashes(s.Content) {
		return digest{}, fmt.Errorf("subject: the content is not that of %s", own)
	}
	if about(own) {
		return own, nil
	}
	if s.Index == nil {
		return digest{}, fmt.Errorf("it is not about %s", own)
	}
	if err := s.listed(); err != nil {
		return digest{}, fmt.Errorf("it is not about %s, and the index: %w", own, err)
	}
	// The index is known by its bytes: whichever digest of them was signed.
	sum256, sum512 := sha256.Sum256(s.Index), sha512.Sum512(s.Index)
	for _, index := range []digest{{"sha256", sum256[:]}, {"sha512", sum512[:]}} {
		if about(index) {
			return index, nil
		}
	}
	return digest{}, fmt.Errorf("it is neither about %s nor about the index that lists it", own)
}

// listed returns nil if Index is an index that lists Digest (OCI image-spec,
// "Image Index"; Docker's manifest list has the same member).
func (s Subject) listed() error {
	if len(s.Index) > MaxIndex {
		return fmt.Errorf("%d bytes, more than the %d that are read", len(s.Index), MaxIndex)
	}
	var index struct {
		Manifests []struct {
			Digest string `json:"digest"`
		} `json:"manifests"`
	}
	if err := json.Unmarshal(s.Index, &index); err != nil {
		return err
	}
	for _, m := range index.Manifests {
		if m.Digest == s.Digest {
			return nil
		}
	}
	return errors.New("it does not list the image")
}

// abbreviate keeps what others wrote from filling an error.
func abbreviate(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
