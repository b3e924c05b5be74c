package policy

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
)

// ReadDir reads the policies in a folder. trust is the file with the trusted root for
// those that name none, or "". A folder without a policy is an error.
func ReadDir(dir, trust string) (*Set, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // nothing is written through it
	docs, err := documentsIn(root.FS())
	if err != nil {
		return nil, err
	}
	if trust != "" {
		data, err := os.ReadFile(trust)
		if err != nil {
			return nil, err
		}
		docs = append(docs, Document{File: trust, Data: data})
	}
	read := func(name string) ([]byte, error) { return fs.ReadFile(root.FS(), name) }
	set, err := Parse(docs, Options{ReadFile: read})
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, errors.New("there is no policy in it")
	}
	return set, nil
}

// documentsIn reads the files of a folder that hold sigstore's documents.
func documentsIn(dir fs.FS) ([]Document, error) {
	var docs []Document
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "..") {
			// Kubernetes keeps the files of a ConfigMap there, with links to them in dir.
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || lockroot.InTUFCopy(name) ||
			!slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if err == nil && lockroot.MentionsPolicy(data) {
			docs = append(docs, Document{File: name, Data: data})
		}
		return err
	})
	return docs, err
}
