package content

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Files reads a packed chart, a gzipped tar archive with all files in one folder, and
// returns its files in the archive's order. Their bytes are as in the archive.
//
// An entry that is not a regular file or a folder, that is outside of the chart's folder,
// or that is there twice is rejected, and so is an archive that is larger than MaxPacked
// or, unpacked, than MaxUnpacked, or that is damaged anywhere up to its last byte.
func Files(archive io.Reader) ([]File, error) {
	packed := &bounded{archive, MaxPacked, "packed"}
	unzipped, err := gzip.NewReader(bufio.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("not a gzipped archive: %w", err)
	}
	defer unzipped.Close()
	unpacked := &bounded{unzipped, MaxUnpacked, "unpacked"}
	u := unpacker{entries: tar.NewReader(unpacked), seen: make(map[string]bool)}
	if err := u.all(); err != nil {
		return nil, err
	}
	// What follows the last entry is not used, but its length and its checksum count.
	if _, err := io.Copy(io.Discard, unpacked); err != nil {
		return nil, fmt.Errorf("damaged archive: %w", err)
	}
	if len(u.files) == 0 {
		return nil, errors.New("no file in the archive")
	}
	return u.files, nil
}

// bounded reads at most left bytes, and fails where there are more.
type bounded struct {
	from io.Reader
	left int64
	what string
}

// Read reads what may still be read.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &tooLargeError{b.what}
	}
	return n, err
}

// tooLargeError says that an archive exceeds a bound.
type tooLargeError struct{ what string }

// Error names the bound.
func (e *tooLargeError) Error() string {
	most := MaxUnpacked
	if e.what == "packed" {
		most = MaxPacked
	}
	return fmt.Sprintf("the archive is larger than %d MiB %s, plumb's limit", most>>20, e.what)
}

// unpacker reads the entries of an archive.
type unpacker struct {
	entries *tar.Reader
	files   []File
	seen    map[string]bool
	top     string // the chart's folder
}

func (u *unpacker) all() error {
	for {
		header, err := u.entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("damaged archive: %w", err)
		}
		if err := u.one(header); err != nil {
			return err
		}
	}
}

func (u *unpacker) one(h *tar.Header) error {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader: // git archive writes one
		return nil
	case tar.TypeDir, tar.TypeReg:
	default:
		return fmt.Errorf("entry %q: %s", h.Name, kind(h.Typeflag))
	}
	name, err := u.name(h)
	if err != nil || h.Typeflag == tar.TypeDir {
		return err
	}
	if u.seen[name] {
		return fmt.Errorf("entry %q: there are two", h.Name)
	}
	u.seen[name] = true
	data, err := io.ReadAll(u.entries)
	if err != nil {
		return fmt.Errorf("entry %q: %w", h.Name, err)
	}
	u.files = append(u.files, File{name, data})
	return nil
}

// name returns the name of an entry relative to the chart's folder, "." for that itself.
// As Helm does, it takes the backslashes of archives made on Windows for slashes.
func (u *unpacker) name(h *tar.Header) (string, error) {
	slashed := strings.ReplaceAll(h.Name, `\`, "/")
	top, rest, below := strings.Cut(slashed, "/")
	cause := ""
	switch {
	case strings.HasPrefix(slashed, "/"), isDrive(slashed):
		cause = "its path is absolute"
	case hasParent(slashed):
		cause = "its path leaves the chart's folder"
	case top == "" || top == ".":
		cause = "its path does not begin with the chart's folder"
	case !below && h.Typeflag != tar.TypeDir:
		cause = "a file beside the chart's folder"
	case u.top != "" && top != u.top:
		return "", fmt.Errorf("entry %q: outside of the chart's folder %q", h.Name, u.top)
	}
	if cause != "" {
		return "", fmt.Errorf("entry %q: %s", h.Name, cause)
	}
	u.top = top
	name := path.Clean(rest)
	if h.Typeflag == tar.TypeDir {
		return name, nil
	}
	if cause := wrongName(name); cause != "" {
		return "", fmt.Errorf("entry %q: %s", h.Name, cause)
	}
	return name, nil
}

// kind names a type of entry that no chart has.
func kind(flag byte) string {
	switch flag {
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a named pipe"
	}
	return fmt.Sprintf("of type %q, which is not that of a file", flag)
}
