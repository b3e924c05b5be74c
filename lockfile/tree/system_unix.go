//go:build unix

package tree

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// access returns an error if this process may not write what is at name.
func access(name string) error {
	_, err := retry(func() (int, error) {
		return 0, unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS)
	})
	if err == unix.EROFS {
		return ErrReadOnly
	}
	return err
}

// syncDirectory flushes the names in a directory to disk.
func syncDirectory(root *os.Root, name string) error {
	dir, err := root.Open(name)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		err = nil // a file system that flushes none
	}
	return errors.Join(err, dir.Close())
}

// openLock opens or makes the lock file at name.
func openLock(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o666)
}

// tryLock locks file unless another open file has it locked.
func tryLock(file *os.File) (taken bool, err error) {
	_, err = retry(
		func() (int, error) { return 0, unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) })
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}
