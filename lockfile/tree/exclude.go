package tree

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// tempGlob matches the temporary files of this package and of atomicfile.
const tempGlob = ".plumb-*.tmp"

const excludeLine = "# temporary files of plumb, which a killed process leaves\n" + tempGlob + "\n"

// maxExclude is how many bytes of git's list are read.
const maxExclude = 1 << 20

// hideTemps has git ignore temporary files, by the list in its directory that is never
// committed: what a killed process has left must not be taken by git add. Where that
// cannot be written nothing is lost but this.
func (t *WorkTree) hideTemps(ctx context.Context) error {
	name, err := t.git.line(ctx, "rev-parse", "--git-path", "info/exclude")
	if noGit(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if name = filepath.FromSlash(name); !filepath.IsAbs(name) {
		name = filepath.Join(t.root, name)
	}
	old, err := atomicfile.ReadCache(name, maxExclude)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil: // it is no file of git's
		return nil
	case slices.ContainsFunc(bytes.Split(old, []byte("\n")), func(line []byte) bool {
		return string(bytes.TrimSpace(line)) == tempGlob
	}):
		return nil
	}
	text := excludeLine
	if len(old) > 0 && old[len(old)-1] != '\n' {
		text = "\n" + text
	}
	if os.MkdirAll(filepath.Dir(name), 0o777) != nil {
		return nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil
	}
	_, _ = file.WriteString(text) // nothing rests on it
	_ = file.Close()
	return nil
}
