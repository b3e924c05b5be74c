package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// errNotDirectory says that a file stands where a directory was meant.
var errNotDirectory = errors.New("not a directory")

// directory is a directory that files are reached from.
type directory struct{ root string }

func openDirectory(root string) (directory, error) { return directory{root: root}, nil }

func (d directory) close() {}

// lstat says what name is, itself and not what a symlink leads to.
func (d directory) lstat(name string) (File, error) {
	info, err := os.Lstat(filepath.Join(d.root, filepath.FromSlash(name)))
	if err != nil {
		return File{}, cause(err)
	}
	return fileOf(name, info), nil
}

// read opens, describes and reads the regular file at name. The bytes stand in
// *buf, which grows as needed.
func (d directory) read(name string, buf *[]byte) (File, []byte, error) {
	f, err := d.lstat(name)
	if err != nil {
		return File{}, nil, err
	}
	if err := regular(f.Mode); err != nil {
		return File{}, nil, err
	}
	if f.Stamp.Size > MaxFileSize {
		return File{}, nil, tooLarge(f.Stamp.Size)
	}
	file, err := os.Open(filepath.Join(d.root, filepath.FromSlash(name)))
	if err != nil {
		return File{}, nil, cause(err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return File{}, nil, cause(err)
	}
	if len(data) > MaxFileSize {
		return File{}, nil, tooLarge(int64(len(data)))
	}
	*buf = data
	return f, data, nil
}

// fileOf returns what info says of the file at path.
func fileOf(path string, info fs.FileInfo) File {
	return File{
		Path:  path,
		Mode:  info.Mode(),
		Stamp: Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()},
	}
}
