package registrytest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Attestation, as a platform of PushIndex, makes a child that is not an image but a
// statement about one, as BuildKit adds them.
const Attestation = "unknown/unknown"

// artifactConfig is the media type of an artifact's config, Flux's.
const artifactConfig = "application/vnd.cncf.flux.config.v1+json"

// image returns an image of one small layer for a platform such as
// "linux/arm/v7", and pushes its blobs to repo.
func (s *Server) image(repo string, seed int, platform string) ([]byte, *v1.Platform) {
	p := parsePlatform(platform)
	layer := layer(fmt.Sprintf("seed %d for %s\n", seed, platform))
	config := encode(map[string]any{
		"architecture": p.Architecture,
		"os":           p.OS,
		"variant":      p.Variant,
		"config":       map[string]any{"Labels": map[string]string{"seed": fmt.Sprint(seed)}},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{digest(layer)}},
		"history": []map[string]string{
			{"created": "2024-01-01T00:00:00Z", "created_by": "registrytest"},
		},
	})
	manifest := encode(v1.Manifest{
		SchemaVersion: 2,
		MediaType:     s.pick(types.OCIManifestSchema1, types.DockerManifestSchema2),
		Config: s.descriptor(repo,
			s.pick(types.OCIConfigJSON, types.DockerConfigJSON), config),
		Layers: []v1.Descriptor{
			s.descriptor(repo, s.pick(types.OCIUncompressedLayer, types.DockerUncompressedLayer),
				layer),
		},
	})
	return manifest, p
}

// PushImage pushes an image for linux/amd64 without an index, and returns its digest.
func (s *Server) PushImage(repo, tag string, seed int) string {
	manifest, _ := s.image(repo, seed, "linux/amd64")
	return s.PushManifest(repo, tag,
		string(s.pick(types.OCIManifestSchema1, types.DockerManifestSchema2)), manifest)
}

// PushIndex pushes an index of one image for each platform, by default
// linux/amd64 and linux/arm64, and returns the index's digest.
func (s *Server) PushIndex(repo, tag string, seed int, platforms ...string) string {
	if len(platforms) == 0 {
		platforms = []string{"linux/amd64", "linux/arm64"}
	}
	index := v1.IndexManifest{
		SchemaVersion: 2,
		MediaType:     s.pick(types.OCIImageIndex, types.DockerManifestList),
	}
	for _, platform := range platforms {
		manifest, p := s.image(repo, seed, platform)
		mediaType := s.pick(types.OCIManifestSchema1, types.DockerManifestSchema2)
		child := v1.Descriptor{
			MediaType: mediaType,
			Size:      int64(len(manifest)),
			Digest:    hash(s.PushManifest(repo, "", string(mediaType), manifest)),
			Platform:  p,
		}
		if platform == Attestation {
			child.Annotations = map[string]string{
				"vnd.docker.reference.type": "attestation-manifest",
			}
		}
		index.Manifests = append(index.Manifests, child)
	}
	return s.PushManifest(repo, tag, string(index.MediaType), encode(index))
}

// PushArtifact pushes an artifact that is not a container image, like those in which Flux
// stores manifests, and returns its digest.
func (s *Server) PushArtifact(repo, tag string, seed int) string {
	layer := layer(fmt.Sprintf("artifact %d\n", seed))
	manifest := encode(v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		Config:        s.descriptor(repo, artifactConfig, []byte("{}")),
		Layers: []v1.Descriptor{
			s.descriptor(repo, "application/vnd.cncf.flux.content.v1.tar", layer),
		},
	})
	return s.PushManifest(repo, tag, string(types.OCIManifestSchema1), manifest)
}

// descriptor pushes a blob and returns its descriptor.
func (s *Server) descriptor(repo string, mediaType types.MediaType, data []byte) v1.Descriptor {
	return v1.Descriptor{
		MediaType: mediaType,
		Size:      int64(len(data)),
		Digest:    hash(s.PushBlob(repo, data)),
	}
}

func (s *Server) pick(oci, docker types.MediaType) types.MediaType {
	if s.options.DockerTypes {
		return docker
	}
	return oci
}

// parsePlatform reads "os/architecture" or "os/architecture/variant".
func parsePlatform(platform string) *v1.Platform {
	parts := strings.SplitN(platform+"//", "/", 4)
	return &v1.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
}

// layer returns a tar archive of one file.
func layer(text string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	must(w.WriteHeader(&tar.Header{Name: "content.txt", Mode: 0o644, Size: int64(len(text))}))
	_, err := w.Write([]byte(text))
	must(err)
	must(w.Close())
	return b.Bytes()
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	must(err)
	return data
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func hash(digest string) v1.Hash {
	h, err := v1.NewHash(digest)
	must(err)
	return h
}

// must panics on a mistake in the fixture.
func must(err error) {
	if err != nil {
		panic("registrytest: " + err.Error())
	}
}
