package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// read returns the files of a folder.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// images loads a layout as tools do, and returns the image of each platform.
func images(t *testing.T, dir string) map[string]v1.Image {
	t.Helper()
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 {
		t.Fatalf("the layout has %d entries, want the index", len(manifest.Manifests))
	}
	index, err := top.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Fatal(err)
	}
	if manifest, err = index.IndexManifest(); err != nil {
		t.Fatal(err)
	}
	out := map[string]v1.Image{}
	for _, m := range manifest.Manifests {
		if out[m.Platform.String()], err = index.Image(m.Digest); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// unpack returns the content of an image's layer.
func unpack(t *testing.T, image v1.Image) (names []string, files map[string][]byte) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v, want one", len(layers), err)
	}
	in, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }() // it was only read
	files = map[string][]byte{}
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if err == io.EOF {
			return names, files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Mode&0o022 != 0 && h.Name != "tmp/" {
			t.Errorf("%s: writable by others than root", h.Name)
		}
		names = append(names, h.Name)
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLayout(t *testing.T) {
	program := filepath.Join(t.TempDir(), "plumb")
	if err := os.WriteFile(program, []byte("a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	binaries := []binary{{"linux/amd64", program}, {"linux/arm64", program}}
	labels := metadata{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "v1.2.3", strings.Repeat("5b", 20)}
	first, second := filepath.Join(t.TempDir(), "new", "image"), filepath.Join(t.TempDir(), "image")
	if err := os.MkdirAll(filepath.Join(second, "blobs"), 0o755); err != nil {
		t.Fatal(err) // existing content is replaced
	}
	digest, err := write(first, binaries, labels)
	if err != nil {
		t.Fatal(err)
	}
	again, err := write(second, binaries, labels)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, first), read(t, second)); diff != "" || digest != again {
		t.Errorf("two builds differ: %s and %s\n%s", digest, again, diff)
	}
	labels.Revision = strings.Repeat("5c", 20)
	if other, err := write(second, binaries, labels); err != nil || other == digest {
		t.Errorf("another commit gives the same image: %s, %v", other, err)
	}

	all := images(t, first)
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		image := all[platform]
		if image == nil {
			t.Fatalf("no image for %s", platform)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.OS+"/"+config.Architecture != platform || config.Config.User != user || config.Config.Labels["org.opencontainers.image.version"] != "v1.2.3" {
			t.Errorf("%s: its configuration is %+v", platform, config)
		}
		names, files := unpack(t, image)
		want := []string{"etc/", "etc/group", "etc/passwd", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt", "plumb", "tmp/"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", platform, diff)
		}
		if !bytes.Equal(files["plumb"], []byte("a program")) {
			t.Errorf("%s: plumb is %q", platform, files["plumb"])
		}
		if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(files["etc/ssl/certs/ca-certificates.crt"]) {
			t.Errorf("%s: no certificate authority", platform)
		}
	}
}

// TestBuild builds plumb twice for this machine, and runs what is in the image.
func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT BUILT with -short: the image")
	}
	var said [2]string
	dirs := [2]string{filepath.Join(t.TempDir(), "image"), filepath.Join(t.TempDir(), "image")}
	platform := "linux/" + runtime.GOARCH
	for i, dir := range dirs {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-o", dir, "-platforms", platform, "-ldflags", "-s -w -X main.version=v1.2.3"}, &out); err != nil {
			t.Fatal(err)
		}
		said[i] = strings.TrimPrefix(out.String(), dir)
	}
	one, other := read(t, dirs[0]), read(t, dirs[1])
	for name := range one {
		if one[name] != other[name] {
			t.Errorf("%s: two builds differ", name)
		}
	}
	if said[0] != said[1] || len(one) != len(other) {
		t.Errorf("two builds: %s and %s", said[0], said[1])
	}
	if runtime.GOOS != "linux" {
		t.Skip("NOT RUN: the image, which is for linux")
	}
	_, files := unpack(t, images(t, dirs[0])[platform])
	program := filepath.Join(t.TempDir(), "plumb")
	if err := os.WriteFile(program, files["plumb"], 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "plumb v1.2.3 ") {
		t.Errorf("plumb version: %v\n%s", err, out)
	}
}

func TestRunRejects(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-o", "x", "more"}, {"-o", "x", "-created", "yesterday"}, {"-o", "x", "-platforms", "linux"},
	} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a rejected command has written something")
	}
}
