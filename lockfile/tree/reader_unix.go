//go:build unix

package tree

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// errNotDirectory says that a file stands where a directory was meant.
const errNotDirectory = unix.ENOTDIR

// directory is an open directory that files are reached from. Package os costs
// several system calls and allocations a file more than opening, looking and
// reading do.
type directory struct{ fd int }

func openDirectory(root string) (directory, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return directory{}, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	return directory{fd: fd}, nil
}

func (d directory) close() { _ = unix.Close(d.fd) } // nothing was written

// lstat says what name is, itself and not what a symlink leads to.
func (d directory) lstat(name string) (File, error) {
	var st unix.Stat_t
	_, err := retry(func() (int, error) {
		return 0, unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return File{}, err
	}
	return fileOf(name, &st), nil
}

// read opens, describes and reads the regular file at name. The bytes stand in
// *buf, which grows as needed.
func (d directory) read(name string, buf *[]byte) (File, []byte, error) {
	fd, err := retry(func() (int, error) {
		// Opening a FIFO must not wait for its writer.
		const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
		return unix.Openat(d.fd, name, flags, 0)
	})
	if err == unix.ELOOP || err == unix.EMLINK { // what O_NOFOLLOW says of a symlink
		return File{}, nil, ErrSymlink
	}
	if err == unix.ENXIO { // a socket, or a device that is not there
		return File{}, nil, errNotRegular
	}
	if err != nil {
		return File{}, nil, err
	}
	defer func() { _ = unix.Close(fd) }() // nothing was written
	var st unix.Stat_t
	if _, err := retry(func() (int, error) { return 0, unix.Fstat(fd, &st) }); err != nil {
		return File{}, nil, err
	}
	f := fileOf(name, &st)
	if err := regular(f.Mode); err != nil {
		return File{}, nil, err
	}
	data, err := readAll(fd, st.Size, buf)
	return f, data, err
}

// readAll reads the file open at fd, which was size bytes long a moment ago.
func readAll(fd int, size int64, buf *[]byte) ([]byte, error) {
	if size > MaxFileSize {
		return nil, tooLarge(size)
	}
	// One byte more than the size: a read that does not fill it has met the end.
	if int64(len(*buf)) <= size {
		*buf = make([]byte, size+size/4+1)
	}
	n := 0
	for {
		got, err := retry(func() (int, error) { return unix.Read(fd, (*buf)[n:]) })
		if err != nil {
			return nil, err
		}
		n += got
		if n > MaxFileSize {
			return nil, tooLarge(int64(n))
		}
		if got == 0 || int64(n) == size && n < len(*buf) {
			return (*buf)[:n:n], nil
		}
		if n == len(*buf) { // it grew meanwhile
			*buf = append(*buf, make([]byte, len(*buf))...)
		}
	}
}

// retry repeats call while a signal interrupts it.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// fileOf returns what st says of the file at path.
func fileOf(path string, st *unix.Stat_t) File {
	return File{
		Path: path,
		Mode: fileMode(uint32(st.Mode)),
		Stamp: Stamp{
			Size:     st.Size,
			Modified: st.Mtim.Nano(),
			Changed:  st.Ctim.Nano(),
			Device:   uint64(st.Dev),
			Inode:    st.Ino,
		},
	}
}

// fileMode translates a Unix mode: the types that matter here, and permissions.
func fileMode(mode uint32) fs.FileMode {
	perm := fs.FileMode(mode & 0o777)
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return perm
	case unix.S_IFDIR:
		return perm | fs.ModeDir
	case unix.S_IFLNK:
		return perm | fs.ModeSymlink
	default:
		return perm | fs.ModeIrregular
	}
}
