//go:build !linux && !darwin

package atomicfile

import "os"

// keepAttributes does nothing: plumb reads no extended attributes on this system.
func keepAttributes(*os.File, *os.File) error { return nil }
