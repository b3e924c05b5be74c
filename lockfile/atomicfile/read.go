package atomicfile

import (
	"fmt"
	"io"
	"os"
)

// ReadCache reads a file that WriteCache has written, of at most limit bytes. It never
// waits: what is no regular file, such as a named pipe or a device that somebody has put
// in its place, is an error, and so is a symlink.
func ReadCache(name string, limit int64) ([]byte, error) {
	// Opening a device may have an effect of its own, so look before.
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	f, err := openAtOnce(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was read only
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", name, limit)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil // it was cut short meanwhile
	}
	return data[:n], err
}
