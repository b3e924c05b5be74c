// Package content reads Helm charts as bytes, from an archive or from the files of a
// folder, and hashes them.
//
// A chart has two hashes. Its digest is that of the archive's bytes. Its content is that
// of its files ("h1:", golang.org/x/mod/sumdb/dirhash.Hash1), named relative to the
// chart's folder: "Chart.yaml", "templates/web.yaml", "charts/common/Chart.yaml". Modes,
// times, the order of the entries and the name of the folder do not count, so an archive
// that was packed again from the same files has the same content, and so has the folder
// into which it was unpacked.
//
// What is read is not trusted: reading is bounded, and an archive that could write
// outside of its folder, or that two readers could unpack differently, is rejected. The
// error names the entry.
package content

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
)

// Bounds on a chart, in bytes. Helm has the same bound for what is unpacked.
const (
	MaxPacked   = 20 << 20
	MaxUnpacked = 100 << 20
)

// File is a file of a chart.
type File struct {
	Name string // relative to the chart's folder, with slashes
	Data []byte
}

// Digest returns the digest of an archive: "sha256:" and the hash of its bytes.
func Digest(archive []byte) string {
	sum := sha256.Sum256(archive)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Hash returns the content hash of a chart's files, in whatever order. It fails if the
// same name is there twice, or one that no file of a chart can have.
func Hash(files []File) (string, error) {
	data := make(map[string][]byte, len(files))
	names := make([]string, 0, len(files))
	for _, f := range files {
		if err := checkName(f.Name); err != nil {
			return "", err
		}
		if _, ok := data[f.Name]; ok {
			return "", fmt.Errorf("file %q: there are two", f.Name)
		}
		data[f.Name] = f.Data
		names = append(names, f.Name)
	}
	return hash(names, func(name string) []byte { return data[name] })
}

// HashFolder returns the content hash of a chart that is a folder: files holds all files
// below it by their names relative to it.
//
// All of them count, those that the chart's .helmignore names as well. Helm reads the
// .helmignore of the chart that it is given and not those of the charts in its charts
// folder, so a template that such a file names is rendered all the same. An archive
// that helm packed has none of them.
func HashFolder(files map[string][]byte) (string, error) {
	names := make([]string, 0, len(files))
	for name := range files {
		if err := checkName(name); err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return hash(names, func(name string) []byte { return files[name] })
}

// HashArchive returns the content hash of a packed chart.
func HashArchive(archive io.Reader) (string, error) {
	files, err := Files(archive)
	if err != nil {
		return "", err
	}
	return Hash(files)
}

func hash(names []string, data func(name string) []byte) (string, error) {
	return dirhash.Hash1(names, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(data(name)))), nil
	})
}

// checkName returns an error for a name that no file of a chart can have.
func checkName(name string) error {
	if cause := wrongName(name); cause != "" {
		return fmt.Errorf("file %q: %s", name, cause)
	}
	return nil
}

// wrongName returns what is wrong with the name of a file, "" if nothing is.
func wrongName(name string) string {
	switch {
	case name == "" || name == ".":
		return "not a file in the chart's folder"
	case strings.ContainsFunc(name, isControl):
		return "a control character is in its name"
	case strings.HasPrefix(name, "/"), isDrive(name):
		return "its path is absolute"
	case hasParent(name):
		return "its path leaves the chart's folder"
	case path.Clean(name) != name || strings.Contains(name, `\`):
		return "its path is not in plain form"
	}
	return ""
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// isDrive reports whether a name begins as an absolute path of Windows does.
func isDrive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && 'a' <= name[0]|0x20 && name[0]|0x20 <= 'z'
}

// hasParent reports whether a part of a path is "..".
func hasParent(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}
