// Package signaturestest puts signatures where cosign puts them in a registry, for
// tests and the demonstration.
package signaturestest

import (
	"encoding/json"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/verify/signature"
)

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
	bundleType   = "application/vnd.dev.sigstore.bundle.v0.3+json"
	emptyType    = "application/vnd.oci.empty.v1+json"
)

type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	ArtifactType  string       `json:"artifactType,omitempty"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Subject       *descriptor  `json:"subject,omitempty"`
}

// Attach attaches all the evidence about an image of a repository to it: bundles
// as referrers, which a registry without the referrers API is told of by the
// fallback tag, and the older format under its tags, in place of what was there.
// It panics where the registry refuses, which is a mistake in the test.
func Attach(s *registrytest.Server, repo, digest string, evidence ...signature.Evidence) {
	layers := map[string][]descriptor{} // of the older format, by the suffix of the tag
	var bundles []descriptor
	for _, e := range evidence {
		if e.Legacy == nil {
			bundles = append(bundles, attachBundle(s, repo, digest, e.Bundle))
			continue
		}
		suffix := ".sig"
		if e.Legacy.MediaType == signature.MediaTypeDSSE {
			suffix = ".att"
		}
		payload := e.Legacy.Payload
		layers[suffix] = append(layers[suffix], descriptor{MediaType: e.Legacy.MediaType,
			Size: len(payload), Digest: s.PushBlob(repo, payload), Annotations: annotations(e.Legacy)})
	}
	tag := strings.Replace(digest, ":", "-", 1)
	for suffix, list := range layers {
		push(s, repo, tag+suffix, manifest{Layers: list})
	}
	if bundles != nil {
		index := encode(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": bundles})
		s.PushManifest(repo, tag, indexType, index)
	}
}

func attachBundle(s *registrytest.Server, repo, digest string, bundle []byte) descriptor {
	layer := descriptor{MediaType: bundleType, Size: len(bundle), Digest: s.PushBlob(repo, bundle)}
	m := manifest{
		ArtifactType: bundleType,
		Layers:       []descriptor{layer},
		Subject:      &descriptor{MediaType: indexType, Digest: digest},
	}
	return push(s, repo, "", m)
}

func push(s *registrytest.Server, repo, tag string, m manifest) descriptor {
	config := []byte("{}")
	m.SchemaVersion, m.MediaType = 2, manifestType
	m.Config = descriptor{MediaType: emptyType, Digest: s.PushBlob(repo, config), Size: len(config)}
	text := encode(m)
	return descriptor{MediaType: manifestType, Size: len(text), ArtifactType: m.ArtifactType,
		Digest: s.PushManifest(repo, tag, manifestType, text)}
}

// annotations are what the older format keeps beside the payload.
func annotations(l *signature.Legacy) map[string]string {
	all := map[string]string{
		"dev.cosignproject.cosign/signature":   l.Signature,
		"dev.sigstore.cosign/certificate":      l.Certificate,
		"dev.sigstore.cosign/chain":            l.Chain,
		"dev.sigstore.cosign/bundle":           l.Bundle,
		"dev.sigstore.cosign/rfc3161timestamp": l.Timestamp,
	}
	for key, value := range all {
		if value == "" {
			delete(all, key)
		}
	}
	return all
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers
	}
	return data
}
