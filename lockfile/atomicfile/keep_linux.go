package atomicfile

import "golang.org/x/sys/unix"

// errNoAttribute says that a file has no such extended attribute.
const errNoAttribute = unix.ENODATA
