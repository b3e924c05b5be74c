package source

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// snapshotFile is the name of a snapshot in its folder.
const snapshotFile = "plumb-admission.tar"

// The extended header records of a snapshot's first entry.
const (
	recordSource = "PLUMB.source"
	recordCommit = "PLUMB.commit"
	recordTime   = "PLUMB.time"
	recordSigner = "PLUMB.signer"
)

// Save saves a version in a folder, for a process that starts while the source is
// unavailable. It replaces the version that was saved there, atomically.
func Save(dir string, v Version) error {
	name := filepath.Join(dir, snapshotFile)
	return atomicfile.WriteFunc(name, 0o600, func(w io.Writer) error { return pack(w, v) })
}

// pack writes a version as a tar file.
func pack(w io.Writer, v Version) error {
	t := tar.NewWriter(w)
	head := &tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "version",
		PAXRecords: map[string]string{
			recordSource: v.Source, recordCommit: v.Commit,
			recordTime: v.Time.UTC().Format(time.RFC3339Nano), recordSigner: v.Signer,
		}}
	maps.DeleteFunc(head.PAXRecords, func(_, value string) bool { return value == "" })
	if err := t.WriteHeader(head); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(v.Files)) {
		data := v.Files[name]
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644,
			Size: int64(len(data))}); err != nil {
			return err
		}
		if _, err := t.Write(data); err != nil {
			return err
		}
	}
	return t.Close()
}

// Load reads the version that is saved in a folder, and returns when it was saved. The error
// is fs.ErrNotExist if there is none. Anyone with write access to the folder can change it:
// it has to be verified like any other version.
func Load(dir string) (Version, time.Time, error) {
	name := filepath.Join(dir, snapshotFile)
	f, err := os.Open(name)
	if err != nil {
		return Version{}, time.Time{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return Version{}, time.Time{}, err
	}
	v, err := unpack(f)
	if err != nil {
		return Version{}, time.Time{}, fmt.Errorf("%s: %w", name, err)
	}
	return v, info.ModTime(), nil
}

// CheckOrigin returns an error unless a saved version is from a source. signed requires that
// its commit's signature was verified when it was saved.
func CheckOrigin(from Source, v Version, signed bool) error {
	if name, ok := from.(fmt.Stringer); ok && name.String() != v.Source {
		return fmt.Errorf("it is of %s, not of %s", v.Source, name)
	}
	if signed && v.Signer == "" {
		return errors.New("it was saved without a commit signature")
	}
	return nil
}

// unpack reads what pack wrote.
func unpack(r io.Reader) (Version, error) {
	t := tar.NewReader(r)
	head, err := t.Next()
	if err != nil || head.Typeflag != tar.TypeXGlobalHeader || head.PAXRecords[recordCommit] == "" {
		return Version{}, errors.New("not a snapshot")
	}
	v := Version{Source: head.PAXRecords[recordSource], Commit: head.PAXRecords[recordCommit],
		Signer: head.PAXRecords[recordSigner], Files: Files{}}
	if v.Time, err = time.Parse(time.RFC3339Nano, head.PAXRecords[recordTime]); err != nil {
		return Version{}, err
	}
	total := int64(0)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return v, nil
		}
		if err != nil {
			return Version{}, err
		}
		total += h.Size
		if h.Typeflag != tar.TypeReg || !fs.ValidPath(h.Name) || h.Size > maxFile ||
			total > maxFiles || len(v.Files) > maxCount {
			return Version{}, fmt.Errorf("unexpected entry %s", h.Name)
		}
		var data bytes.Buffer
		if _, err := io.Copy(&data, t); err != nil {
			return Version{}, err
		}
		v.Files[h.Name] = data.Bytes()
	}
}
