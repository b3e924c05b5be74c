package manifest

import (
	"bytes"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// pointers are how the files begin that Git LFS stores in place of others.
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
var pointers = [][]byte{
	[]byte("version https://git-lfs.github.com/spec/v1\n"),
	[]byte("version https://hawser.github.com/spec/v1\n"), // its name before it was released
}

// pointer reports whether src only says where a file is that the tree does not have.
func (f *finder) pointer(src []byte, out *File) bool {
	for _, p := range pointers {
		if bytes.HasPrefix(src, p) {
			out.Unreadable = &Remark{File: f.path, Line: 1, Column: 1, Rule: "unknown-input",
				Severe: true, Message: "a Git LFS pointer, whose file is not here: git lfs pull"}
			return true
		}
	}
	return false
}

// linkText notes what a symlink leads to that lies there as text, as git leaves one where
// file systems have none (core.symlinks), and as copies of trees do. Nothing comes of a text
// that is not the name of a file.
func (f *finder) linkText(docs []yaml.Document) {
	if len(docs) != 1 || docs[0].Root == nil {
		return
	}
	if n := docs[0].Root; n.Kind == yaml.Scalar && n.Value == f.original {
		f.use(n, n.Value, asManifest)
	}
}
