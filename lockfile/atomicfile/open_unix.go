//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// openAtOnce opens a file for reading, and does not wait for a named pipe's writer.
func openAtOnce(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
}
