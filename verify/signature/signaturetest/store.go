package signaturetest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/plumb-dev/plumb/verify/signature"
)

// Image is what is signed, as a registry describes it.
type Image struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// Stored is evidence as a registry holds it beside an image.
type Stored struct {
	MediaType string // of Manifest
	Manifest  []byte
	// Tag names the manifest of the older format. A bundle's manifest is found by its
	// subject, or by the fallback tag where the registry lists no referrers (OCI
	// distribution-spec, "Referrers Tag Schema").
	Tag   string
	Blobs [][]byte // that the manifest refers to
}

const (
	mediaTypeManifest = "application/vnd.oci.image.manifest.v1+json"
	mediaTypeBundle   = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

// Store lays evidence out as cosign does, one piece a manifest.
func Store(e signature.Evidence, image Image) (Stored, error) {
	s := Stored{MediaType: mediaTypeManifest}
	var err error
	if e.Legacy == nil {
		config := s.blob("application/vnd.oci.empty.v1+json", []byte("{}"))
		s.Manifest, err = json.Marshal(object{"schemaVersion": 2,
			"mediaType": mediaTypeManifest, "artifactType": mediaTypeBundle,
			"config": config, "layers": []any{s.blob(mediaTypeBundle, e.Bundle)}, "subject": image,
			"annotations": object{"dev.sigstore.bundle.content": "dsse-envelope"}})
		return s, err
	}
	l := e.Legacy
	s.Tag = strings.Replace(image.Digest, ":", "-", 1) + ".sig"
	if l.MediaType == signature.MediaTypeDSSE {
		s.Tag = strings.Replace(image.Digest, ":", "-", 1) + ".att"
	}
	layer := s.blob(l.MediaType, l.Payload)
	annotations := object{"dev.cosignproject.cosign/signature": l.Signature}
	optional := map[string]string{
		"dev.sigstore.cosign/certificate": l.Certificate, "dev.sigstore.cosign/chain": l.Chain,
		"dev.sigstore.cosign/bundle": l.Bundle, "dev.sigstore.cosign/rfc3161timestamp": l.Timestamp}
	for name, value := range optional {
		if value != "" {
			annotations[name] = value
		}
	}
	layer["annotations"] = annotations
	config, err := json.Marshal(object{"architecture": "", "os": "", "config": object{},
		"rootfs": object{"type": "layers", "diff_ids": []any{layer["digest"]}}})
	if err != nil {
		return s, err
	}
	s.Manifest, err = json.Marshal(object{"schemaVersion": 2, "mediaType": mediaTypeManifest,
		"config": s.blob("application/vnd.oci.image.config.v1+json", config), "layers": []any{layer}})
	return s, err
}

// blob adds a blob and describes it.
func (s *Stored) blob(mediaType string, data []byte) object {
	s.Blobs = append(s.Blobs, data)
	sum := sha256.Sum256(data)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	return object{"mediaType": mediaType, "digest": digest, "size": len(data)}
}
