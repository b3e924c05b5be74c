package registry

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// Bounds on what is read, in bytes. A registry need not take a manifest of more
// than 4 MiB (OCI distribution-spec, "Pushing manifests"), and no config comes
// near it.
const (
	maxManifest = 4 << 20
	maxConfig   = 4 << 20
)

// digestHeader is the header in which a registry claims what it serves.
const digestHeader = "Docker-Content-Digest"

// document is a manifest or an index as it was read.
type document struct {
	digest     string // hash of body
	headerType string // media type that the answer claimed, without parameters
	body       []byte
	at         string // URL
	host       string // the registry in canonical form
}

// bad makes the error of a document that cannot be used.
func (d *document) bad(err error) *Error {
	return &Error{Op: http.MethodGet, URL: d.at, Host: d.host, Status: http.StatusOK, Err: err}
}

// manifest reads what ref, a tag or a digest, names in repo. What a digest names
// is what hashes to it and nothing else.
func (h *host) manifest(ctx context.Context, repo, ref string) (document, error) {
	resp, at, err := h.ask(ctx, http.MethodGet, repo, "/manifests/"+ref, acceptManifests)
	if err != nil {
		return document{}, err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return document{}, h.statusError(resp, http.MethodGet, at)
	}
	d := document{at: at, host: h.name}
	if d.body, err = h.read(ctx, resp, at, "manifest", maxManifest); err != nil {
		return document{}, err
	}
	d.digest = digestOf(d.body)
	d.headerType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err := checkDigest(&d, ref, resp.Header.Get(digestHeader)); err != nil {
		return document{}, d.bad(err)
	}
	return d, nil
}

// checkDigest compares what was read with what was asked for and with what the
// registry claims it is. A schema 1 manifest is not hashed as it is served, and
// is refused later in clearer words.
func checkDigest(d *document, ref, claimed string) error {
	is := d.digest
	if strings.HasPrefix(claimed, "sha512:") {
		is = fmt.Sprintf("sha512:%x", sha512.Sum512(d.body))
	}
	switch {
	case isSchema1(d.headerType):
		return nil
	case isDigest(ref) && ref != d.digest:
		return fmt.Errorf("the registry answered with other content, %s", d.digest)
	case claimsDigest(claimed) && claimed != is:
		return fmt.Errorf("the registry contradicts itself: its header says %s, the content is %s", claimed, is)
	}
	return nil
}

// isDigest reports whether ref, of a name, is a digest and not a tag.
func isDigest(ref string) bool { return strings.Contains(ref, ":") }

// claimsDigest reports whether a header's value is a digest of a kind that can be
// compared. Others claim nothing.
func claimsDigest(claimed string) bool {
	hex, ok := strings.CutPrefix(claimed, "sha512:")
	return lockfile.ValidDigest(claimed) || ok && len(hex) == 128 && strings.Trim(hex, "0123456789abcdef") == ""
}

// blob reads a blob of at most maxConfig bytes.
func (h *host) blob(ctx context.Context, repo, digest string) (document, error) {
	resp, at, err := h.ask(ctx, http.MethodGet, repo, "/blobs/"+digest, "")
	if err != nil {
		return document{}, err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return document{}, h.statusError(resp, http.MethodGet, at)
	}
	d := document{at: at, host: h.name}
	if d.body, err = h.read(ctx, resp, at, "config", maxConfig); err != nil {
		return document{}, err
	}
	if d.digest = digestOf(d.body); d.digest != digest {
		return document{}, d.bad(fmt.Errorf("the registry answered with other content, %s", d.digest))
	}
	return d, nil
}

// read reads the whole body of an answer, if it is not longer than limit.
func (h *host) read(ctx context.Context, resp *http.Response, at, what string, limit int64) ([]byte, error) {
	tooLong := fmt.Errorf("the %s is longer than %d MiB", what, limit>>20)
	if resp.ContentLength > limit {
		resp.Body.Close()
		return nil, h.bad(at, tooLong)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, h.bad(at, fmt.Errorf("the answer ends after %d bytes: %w", len(body), err))
	case err != nil:
		return nil, h.failed(ctx, http.MethodGet, at, err)
	case int64(len(body)) > limit:
		resp.Body.Close() // the rest is not worth its while
		return nil, h.bad(at, tooLong)
	}
	return body, nil
}

// head returns the digest that the registry claims for ref, "" if it claims none.
func (h *host) head(ctx context.Context, repo, ref string) (string, error) {
	resp, at, err := h.ask(ctx, http.MethodHead, repo, "/manifests/"+ref, acceptManifests)
	if err != nil {
		return "", err
	}
	defer drain(resp)
	switch {
	case resp.StatusCode == http.StatusOK:
		if claimed := resp.Header.Get(digestHeader); lockfile.ValidDigest(claimed) {
			return claimed, nil
		}
		return "", nil
	case headRefused(resp.StatusCode):
		return "", nil
	}
	return "", h.statusError(resp, http.MethodHead, at)
}

// headRefused reports whether a status may be for the HEAD and not for what it
// asked about: a GET may be answered, or will say what is wrong.
func headRefused(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusNotAcceptable, http.StatusNotImplemented:
		return true
	}
	return false
}

// bad makes the error of an answer that cannot be used.
func (h *host) bad(at string, err error) *Error {
	return &Error{Op: http.MethodGet, URL: at, Host: h.name, Status: http.StatusOK, Err: err}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
