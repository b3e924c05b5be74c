package policy

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
)

// Limits of a TUF repository in a tar.
const (
	maxRepository = 32 << 20 // bytes unpacked
	maxFiles      = 2000
	maxRoots      = 256 // versions of root.json that are walked through
)

// tufFiles returns a file of a TUF repository by its name there. The error is fs.ErrNotExist
// if the repository has no such file.
type tufFiles func(name string) ([]byte, error)

// readTUF returns what a TUF repository holds, by the client workflow of the TUF
// specification (section 5) on files that are at hand. Metadata must not have expired by now; the
// zero now asks for no date.
func readTUF(files tufFiles, t tufFields, now time.Time) (material root.TrustedMaterial,
	err error) {
	defer func() {
		// The TUF library takes some members of what it reads for granted.
		if p := recover(); p != nil {
			material, err = nil, fmt.Errorf("parser panicked: %v", p)
		}
	}()
	trusted, err := trustedmetadata.New(t.root)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	trusted.RefTime = now
	targets, err := update(trusted, files)
	if err != nil {
		return nil, err
	}
	folder := cmp.Or(t.targets, "targets")
	name := cmp.Or(t.target, "trusted_root.json")
	if info, ok := targets[name]; ok {
		data, err := targetFile(files, folder, name, info)
		if err != nil {
			return nil, err
		}
		return signature.ParseTrustedRoot(data)
	}
	return byUsage(files, folder, targets)
}

// update walks from the root that is trusted to the targets that it signs.
func update(trusted *trustedmetadata.TrustedMetadata,
	files tufFiles) (map[string]*metadata.TargetFiles, error) {
	for range maxRoots {
		next, err := files(fmt.Sprintf("%d.root.json", trusted.Root.Signed.Version+1))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, err
		}
		if _, err := trusted.UpdateRoot(next); err != nil {
			return nil, fmt.Errorf("%d.root.json: %w", trusted.Root.Signed.Version+1, err)
		}
	}
	var list *metadata.Metadata[metadata.TargetsType]
	for _, step := range []struct {
		name   string
		meta   func() map[string]*metadata.MetaFiles // that names the version
		update func([]byte) error
	}{
		{"timestamp.json", func() map[string]*metadata.MetaFiles { return nil },
			func(data []byte) error {
				_, err := trusted.UpdateTimestamp(data)
				return err
			}},
		{"snapshot.json",
			func() map[string]*metadata.MetaFiles { return trusted.Timestamp.Signed.Meta },
			func(data []byte) error {
				_, err := trusted.UpdateSnapshot(data, false)
				return err
			}},
		{"targets.json", func() map[string]*metadata.MetaFiles {
			return trusted.Snapshot.Signed.Meta
		}, func(data []byte) (err error) {
			list, err = trusted.UpdateTargets(data)
			return err
		}},
	} {
		data, err := versioned(files, trusted, step.name, step.meta())
		if err != nil {
			return nil, absent(step.name, err)
		}
		if err := step.update(data); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return list.Signed.Targets, nil
}

// versioned returns a metadata file: by its version, where the repository writes
// names so (consistent snapshots).
func versioned(files tufFiles, trusted *trustedmetadata.TrustedMetadata, name string,
	meta map[string]*metadata.MetaFiles) ([]byte, error) {
	if info := meta[name]; info != nil && trusted.Root.Signed.ConsistentSnapshot {
		if data, err := files(fmt.Sprintf("%d.%s", info.Version, name)); !errors.Is(err,
			fs.ErrNotExist) {
			return data, err
		}
	}
	return files(name)
}

// absent is the error of a file that cannot be read.
func absent(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the repository does not hold it", name)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// targetFile returns a target that has the length and hashes that info says.
func targetFile(files tufFiles, folder, name string, info *metadata.TargetFiles) ([]byte, error) {
	candidates := []string{path.Join(folder, name)}
	for _, algorithm := range slices.Sorted(maps.Keys(info.Hashes)) {
		dir, base := path.Split(name)
		candidates = append(candidates, path.Join(folder, dir, info.Hashes[algorithm].String()+"."+
			base))
	}
	if len(info.Hashes) == 0 {
		return nil, fmt.Errorf("target %s: the repository gives no hash of it", name)
	}
	for _, candidate := range candidates {
		data, err := files(candidate)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = info.VerifyLengthHashes(data)
		}
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", name, err)
		}
		return data, nil
	}
	return nil, fmt.Errorf("target %s: %w", name, absent(candidates[0], fs.ErrNotExist))
}

// byUsage puts trusted material together from targets that say what they are for
// in their custom metadata, as private sigstore instances of old have them.
func byUsage(files tufFiles, folder string, targets map[string]*metadata.TargetFiles) (
	root.TrustedMaterial, error) {
	trust := &signature.Trust{}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		info := targets[name]
		var custom struct {
			Sigstore struct{ Usage, URI string } `json:"sigstore"`
		}
		if info.Custom == nil || json.Unmarshal(*info.Custom, &custom) != nil {
			continue
		}
		add := map[string]func([]byte, string, signature.Validity) error{
			"Fulcio": trust.AddAuthority, "Rekor": trust.AddLog, "CTFE": trust.AddCTLog,
			"TSA": trust.AddTimestampAuthority,
		}[custom.Sigstore.Usage]
		if add == nil {
			continue
		}
		data, err := targetFile(files, folder, name, info)
		if err != nil {
			return nil, err
		}
		if err := add(data, custom.Sigstore.URI, signature.Validity{}); err != nil {
			return nil, fmt.Errorf("target %s: %w", name, err)
		}
	}
	if len(trust.FulcioCertificateAuthorities()) == 0 {
		return nil, errors.New(
			"the repository has neither a trusted_root.json nor a certificate authority")
	}
	return trust, nil
}

// unpack reads the regular files of a gzipped tar, by their paths below the folder
// "repository" if they stand in it.
func unpack(archive []byte) (tufFiles, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	files := map[string][]byte{}
	limited := &io.LimitedReader{R: zipped, N: maxRepository + 1}
	for reader := tar.NewReader(limited); ; {
		header, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF) && limited.N > 0:
			return func(name string) ([]byte, error) {
				data, ok := files[name]
				if !ok {
					return nil, fs.ErrNotExist
				}
				return data, nil
			}, nil
		case limited.N <= 0 || len(files) >= maxFiles:
			return nil, fmt.Errorf("unpacking: more than %d bytes or %d files", maxRepository,
				maxFiles)
		case err != nil:
			return nil, fmt.Errorf("unpacking: %w", err)
		case header.Typeflag != tar.TypeReg:
			continue
		}
		data, err := io.ReadAll(reader)
		if err != nil && limited.N > 0 {
			return nil, fmt.Errorf("unpacking %s: %w", header.Name, err)
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		files[strings.TrimPrefix(name, "repository/")] = data
	}
}
