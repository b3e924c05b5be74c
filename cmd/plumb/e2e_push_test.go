package main_test

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/plumb-dev/plumb/lockfile"
)

// platforms are those of the index that pushIndex pushes.
var platforms = []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}

// pushIndex pushes an index of an image for each of platforms, and returns what
// a lock says of it.
func pushIndex(t *testing.T, r *realRegistry, repository, tag string) lockfile.Entry {
	t.Helper()
	var index v1.ImageIndex = empty.Index
	var locked []lockfile.Platform
	for _, p := range platforms {
		image := newImage(t, p)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p}})
		locked = append(locked, platform(t, image, p))
	}
	ref := reference(t, r, repository, tag)
	if err := remote.WriteIndex(ref, index, r.credentials()...); err != nil {
		t.Fatalf("pushing %s: %v", ref, err)
	}
	return entry(t, ref, index, locked)
}

// pushImage pushes an image that is in no index, and returns what a lock says
// of it.
func pushImage(t *testing.T, r *realRegistry, repository, tag string) lockfile.Entry {
	t.Helper()
	image := newImage(t, platforms[0])
	ref := reference(t, r, repository, tag)
	if err := remote.Write(ref, image, r.credentials()...); err != nil {
		t.Fatalf("pushing %s: %v", ref, err)
	}
	return entry(t, ref, image, []lockfile.Platform{platform(t, image, platforms[0])})
}

func (r *realRegistry) credentials() []remote.Option {
	return []remote.Option{
		remote.WithTransport(r.client.Transport),
		remote.WithAuth(&authn.Basic{Username: registryUser, Password: registryPassword}),
	}
}

func reference(t *testing.T, r *realRegistry, repository, tag string) name.Tag {
	t.Helper()
	ref, err := name.NewTag(r.host + "/" + repository + ":" + tag)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func newImage(t *testing.T, p v1.Platform) v1.Image {
	t.Helper()
	const bytes, layers = 512, 1
	image, err := random.Image(bytes, layers)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = p.OS, p.Architecture
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	return image
}

func platform(t *testing.T, image v1.Image, p v1.Platform) lockfile.Platform {
	t.Helper()
	manifest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	return lockfile.Platform{Platform: p.OS + "/" + p.Architecture, Manifest: manifest.String(), Config: config.String()}
}

// content is what images and indexes have in common.
type content interface {
	Digest() (v1.Hash, error)
	MediaType() (types.MediaType, error)
}

func entry(t *testing.T, ref name.Tag, c content, platforms []lockfile.Platform) lockfile.Entry {
	t.Helper()
	digest, err := c.Digest()
	if err != nil {
		t.Fatal(err)
	}
	mediaType, err := c.MediaType()
	if err != nil {
		t.Fatal(err)
	}
	return lockfile.Entry{Kind: lockfile.Image, Name: ref.Name(), Digest: digest.String(), MediaType: string(mediaType), Platforms: platforms}
}
