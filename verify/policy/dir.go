package policy

import (
	"errors"
	"fmt"
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

// isPolicyName reports whether a file of this name is read.
func isPolicyName(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(path.Ext(name)))
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
			strings.HasPrefix(d.Name(), "..") {
			return err
		}
		if info, err := fs.Stat(dir, name); err != nil || info.IsDir() {
			// What is not read demands nothing.
			return fmt.Errorf("%s: a symlink to a folder, or to what is not there: "+
				"policies behind it are not read", name)
		}
		data, err := fs.ReadFile(dir, name)
		switch {
		case err != nil:
			return err
		case lockroot.MisnamedPolicy(name, data):
			return fmt.Errorf("%s: it looks like a policy, and its name does not end in .yaml, "+
				".yml or .json: rename it", name)
		case isPolicyName(name) && lockroot.MentionsPolicy(data):
			docs = append(docs, Document{File: name, Data: data})
		}
		return nil
	})
	return docs, err
}
