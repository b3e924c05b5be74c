package atomicfile

import "os"

// Keep gives file what it is to keep of the file that it replaces, besides its content:
// permission bits, the owner as far as the system lets this process, and extended
// attributes, among them access control lists and security labels. Attributes that the
// system reserves for itself stay what they are where it does not let this process set
// them. of must be a regular file.
func Keep(file, of *os.File) error {
	info, err := of.Stat()
	if err != nil {
		return err
	}
	keepOwner(file, info) // before the mode: a change of owner may clear bits
	if err := file.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	return keepAttributes(file, of)
}

// keepOf is Keep by the name of the file that is replaced; of what is no regular file,
// such as a symlink, nothing is kept.
func keepOf(file *os.File, name string) error {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	of, err := openAtOnce(name)
	if err != nil {
		return nil // what cannot be read cannot be copied
	}
	defer func() { _ = of.Close() }() // it was read only
	if now, err := of.Stat(); err != nil || !os.SameFile(info, now) {
		return nil
	}
	return Keep(file, of)
}
