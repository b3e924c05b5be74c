package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// The media types of indexes and manifests.
const (
	ociIndex       = string(types.OCIImageIndex)
	ociManifest    = string(types.OCIManifestSchema1)
	dockerList     = string(types.DockerManifestList)
	dockerManifest = string(types.DockerManifestSchema2)
)

const acceptManifests = ociIndex + ", " + dockerList + ", " + ociManifest + ", " + dockerManifest

// errSchema1 rejects the oldest format: a signature inside it gives one image as many
// digests as it has signatures.
var errSchema1 = errors.New("a Docker schema 1 manifest, which cannot be pinned and which " +
	"container runtimes no longer pull; build and push the image again")

func isSchema1(mediaType string) bool {
	return mediaType == string(types.DockerManifestSchema1) ||
		mediaType == string(types.DockerManifestSchema1Signed)
}

// manifest is what plumb needs of a manifest or an index (OCI
// image-spec, "Image Manifest" and "Image Index").
type manifest struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     string          `json:"mediaType"` // "" in some OCI manifests
	Manifests     []descriptor    `json:"manifests"` // of an index
	Config        *descriptor     `json:"config"`    // of a manifest
	Layers        json.RawMessage `json:"layers"`    // of a manifest
	Blobs         json.RawMessage `json:"blobs"`     // of an artifact as OCI once had it
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	URLs        []string          `json:"urls"` // where else the content is kept
	Platform    *platform         `json:"platform"`
	Annotations map[string]string `json:"annotations"`
}

// parseManifest parses a document and decides its media type: that of the content or,
// where it has none, that of the response.
func parseManifest(d document) (manifest, error) {
	var m manifest
	if isSchema1(d.headerType) {
		return m, errSchema1
	}
	if err := json.Unmarshal(d.body, &m); err != nil {
		return m, fmt.Errorf("not a manifest: %w", err)
	}
	if m.SchemaVersion == 1 || isSchema1(m.MediaType) {
		return m, errSchema1
	}
	if m.Manifests != nil && (m.Config != nil || m.Layers != nil) {
		// Runtimes differ in what they make of it.
		return m, errors.New("both an index and a manifest")
	}
	known := isKnown(d.headerType)
	switch {
	case m.MediaType == "" && known:
		m.MediaType = d.headerType
	case m.MediaType == "" && m.SchemaVersion == 2 && m.Manifests != nil:
		m.MediaType = ociIndex
	case m.MediaType == "" && m.SchemaVersion == 2 && m.Config != nil:
		m.MediaType = ociManifest
	case m.MediaType == "":
		return m, errors.New("not a manifest")
	case known && m.MediaType != d.headerType:
		return m, fmt.Errorf("the registry contradicts itself: its header says %s, the content %s",
			d.headerType, sanitize.Line(m.MediaType))
	}
	if !plainMediaType(m.MediaType) {
		return m, fmt.Errorf("invalid media type %q", sanitize.Line(m.MediaType))
	}
	return m, nil
}

// plainMediaType reports whether s is type/subtype in the letters that RFC 6838
// allows: it goes into the lock.
func plainMediaType(s string) bool {
	main, sub, ok := strings.Cut(s, "/")
	return ok && main != "" && sub != "" && len(s) <= 255 &&
		!strings.ContainsFunc(main+sub, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
				strings.ContainsRune("!#$&-^_.+", r))
		})
}

func isKnown(mediaType string) bool {
	return isIndex(mediaType) || isManifest(mediaType)
}

func isIndex(mediaType string) bool { return mediaType == ociIndex || mediaType == dockerList }

func isManifest(mediaType string) bool {
	return mediaType == ociManifest || mediaType == dockerManifest
}

// isImageConfig reports whether a config of this type may name the platform. Some tools
// leave the type out or give that of arbitrary bytes.
func isImageConfig(mediaType string) bool {
	switch mediaType {
	case string(types.OCIConfigJSON), string(types.DockerConfigJSON),
		"", "application/octet-stream":
		return true
	}
	return false
}
