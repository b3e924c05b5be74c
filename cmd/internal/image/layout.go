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

// metadata is what an image says about itself.
type metadata struct {
	Created           time.Time // of the commit
	Version, Revision string
}

// user is the user that the image runs as, by number, so that Kubernetes can tell that it
// is not root.
const user = "65532:65532"

// write writes a layout, and replaces dir with it when it is complete. It returns the
// digest of the index.
func write(dir string, binaries []binary, m metadata) (digest v1.Hash, err error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		image, err := imageOf(b, m)
		if err != nil {
			return v1.Hash{}, fmt.Errorf("%s: %w", b.Platform, err)
		}
		platform, err := v1.ParsePlatform(b.Platform)
		if err != nil {
			return v1.Hash{}, err
		}
		index = mutate.AppendManifests(index,
			mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
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
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }() // it is gone after a success
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

// imageOf returns the image of one platform: one layer, without a base image.
func imageOf(b binary, m metadata) (v1.Image, error) {
	program, err := os.ReadFile(b.Path)
	if err != nil {
		return nil, err
	}
	files, err := archive(program, m.Created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil },
		tarball.WithCompression(compression.GZip), tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		types.OCIConfigJSON)
	image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{
		Created: v1.Time{Time: m.Created}, CreatedBy: "plumb: make image"}})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, _ = strings.Cut(b.Platform, "/")
	config.Created = v1.Time{Time: m.Created}
	config.Config = v1.Config{
		User:       user,
		Entrypoint: []string{"/plumb"},
		WorkingDir: "/",
		Labels: map[string]string{
			"org.opencontainers.image.title":    "plumb",
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	for label, value := range map[string]string{"version": m.Version, "revision": m.Revision} {
		if value != "" {
			config.Config.Labels["org.opencontainers.image."+label] = value
		}
	}
	return mutate.ConfigFile(image, config)
}

// archive returns a tar archive of plumb and what it needs of a system: the certificate
// authorities of git servers, a name for its user, and a directory for temporary files.
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
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/:/none\n" +
			"plumb:x:65532:65532:plumb:/:/none\n")},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, authorities()},
		{"plumb", 0o755, program},
		{"tmp/", 0o1777, nil},
	} {
		header := &tar.Header{
			Typeflag: tar.TypeReg,
			Name:     f.name,
			Mode:     f.mode,
			Size:     int64(len(f.data)),
			ModTime:  modified,
			Format:   tar.FormatPAX,
		}
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

// authorities returns Mozilla's certificate authorities, except those with constraints,
// which a PEM file cannot express.
func authorities() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			block := &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}
			_ = pem.Encode(&b, block) // a buffer accepts everything
		}
	}
	return b.Bytes()
}
