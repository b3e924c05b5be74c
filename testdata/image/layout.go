package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/compression"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// binary is plumb, built for a platform ("linux/amd64").
type binary struct{ Platform, Path string }

// about is what an image says of itself.
type about struct {
	Created           time.Time // of the commit
	Version, Revision string
}

// user is whom the image runs as, by number, so that Kubernetes can tell that it is
// not root.
const user = "65532:65532"

// write writes a layout to dir, in place of what is there, once it is whole. It
// returns the digest of the index.
func write(dir string, binaries []binary, a about) (digest v1.Hash, err error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		image, err := imageOf(b, a)
		if err != nil {
			return v1.Hash{}, fmt.Errorf("%s: %w", b.Platform, err)
		}
		platform, err := v1.ParsePlatform(b.Platform)
		if err != nil {
			return v1.Hash{}, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	if digest, err = index.Digest(); err != nil {
		return v1.Hash{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return v1.Hash{}, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".*")
	if err != nil {
		return v1.Hash{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }() // gone, if all went well
	path, err := layout.Write(temp, empty.Index)
	if err != nil {
		return v1.Hash{}, err
	}
	if err := path.AppendIndex(index); err != nil {
		return v1.Hash{}, err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return v1.Hash{}, err
	}
	return digest, errors.Join(os.RemoveAll(dir), os.Rename(temp, dir))
}

// imageOf is the image of one platform: one layer, on nothing.
func imageOf(b binary, a about) (v1.Image, error) {
	program, err := os.ReadFile(b.Path)
	if err != nil {
		return nil, err
	}
	files, err := archive(program, a.Created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil },
		tarball.WithCompression(compression.GZip), tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{
		Created: v1.Time{Time: a.Created}, CreatedBy: "plumb: make image"}})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, _ = strings.Cut(b.Platform, "/")
	config.Created = v1.Time{Time: a.Created}
	config.Config = v1.Config{User: user, Entrypoint: []string{"/plumb"}, WorkingDir: "/", Labels: map[string]string{
		"org.opencontainers.image.title":    "plumb",
		"org.opencontainers.image.licenses": "Apache-2.0",
	}}
	for label, value := range map[string]string{"version": a.Version, "revision": a.Revision} {
		if value != "" {
			config.Config.Labels["org.opencontainers.image."+label] = value
		}
	}
	return mutate.ConfigFile(image, config)
}

// archive holds plumb, and what it wants of a system: the authorities whose
// certificates git servers have, a name for its user, and a folder for what passes.
func archive(program []byte, modified time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []struct {
		name string
		mode int64
		data []byte
	}{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, []byte("root:x:0:\nplumb:x:65532:\n")},
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/:/none\nplumb:x:65532:65532:plumb:/:/none\n")},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, authorities()},
		{"plumb", 0o755, program},
		{"tmp/", 0o1777, nil},
	} {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: modified, Format: tar.FormatPAX}
		if strings.HasSuffix(f.name, "/") {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// authorities are Mozilla's, less those whose limits a file of certificates cannot
// say.
func authorities() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes everything
		}
	}
	return b.Bytes()
}
