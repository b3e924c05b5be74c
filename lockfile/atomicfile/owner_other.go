//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: a new file has the owner of its directory.
func keepOwner(*os.File, fs.FileInfo) {}
