//go:build !unix

package atomicfile

import "os"

// openAtOnce opens a file for reading.
func openAtOnce(name string) (*os.File, error) { return os.Open(name) }
