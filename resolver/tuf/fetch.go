// Package tuf copies TUF repositories, by the client workflow of the TUF specification
// (section 5), which go-tuf implements. The existing copy is the client's state, so that
// a repository cannot roll back to an earlier one.
//
// A copy is a set of files that package policy verifies without a network: N.root.json
// for each root after the trusted one, timestamp.json, snapshot.json and targets.json by
// these names whatever the repository calls them, and the targets below "targets".
package tuf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"
)

// Source is a repository and its trusted root.json.
type Source struct {
	URL     string // of the metadata
	Root    []byte // the trusted root.json
	Targets string // where the targets are, below URL; "" for "targets"
	Target  string // the target that is sigstore's trusted root, "" for trusted_root.json
}

// Public returns the repository of sigstore's public instance, with the root that
// sigstore-go embeds.
func Public() Source { return Source{URL: tuf.DefaultMirror, Root: tuf.DefaultRoot()} }

// TrustedRoot is the name of the target with sigstore's trusted root.
const TrustedRoot = "trusted_root.json"

// roles are the roles whose metadata a copy has besides the roots.
var roles = []string{metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS}

// maxTargets is how many targets are copied of a repository that has no trusted root.
const maxTargets = 100

// Fetch returns the files of a copy of the repository as it is now, all of them verified.
// before returns a file of the existing copy, and fs.ErrNotExist for one that it does not
// have. client sends the requests.
func Fetch(
	ctx context.Context, client *http.Client, s Source, before func(name string) ([]byte, error),
) (map[string][]byte, error) {
	files, err := fetch(ctx, client, s, before)
	if err != nil {
		return nil, fmt.Errorf("copying %s: %w", s.URL, err)
	}
	return files, nil
}

func fetch(
	ctx context.Context, client *http.Client, s Source, before func(name string) ([]byte, error),
) (files map[string][]byte, err error) {
	defer func() {
		// The TUF library does not check that all members of what it parses are there.
		if p := recover(); p != nil {
			files, err = nil, fmt.Errorf("parser panicked: %v", p)
		}
	}()
	roots, newest, err := verifyRoots(s, before)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plumb-tuf-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it has only public data
	if err := restoreState(dir, newest, before); err != nil {
		return nil, err
	}
	get := &downloader{ctx: ctx, client: client, roots: roots}
	update, err := s.updater(dir, newest, get)
	if err != nil {
		return nil, err
	}
	if err := update.Refresh(); err != nil {
		return nil, err
	}
	files = get.roots
	for _, role := range roles {
		if files[role+".json"], err = os.ReadFile(filepath.Join(dir, role+".json")); err != nil {
			return nil, err
		}
	}
	return files, s.targets(update, dir, files)
}

// updater returns go-tuf's client.
func (s Source) updater(dir string, root []byte, get *downloader) (*updater.Updater, error) {
	c, err := config.New(s.URL, root)
	if err != nil {
		return nil, err
	}
	if s.Targets != "" {
		if c.RemoteTargetsURL, err = url.JoinPath(s.URL, s.Targets); err != nil {
			return nil, err
		}
	}
	c.LocalMetadataDir, c.LocalTargetsDir, c.Fetcher = dir, dir, get
	return updater.New(c)
}

// targets adds to files the target that is sigstore's trusted root or, where there is
// none, those with a usage in their custom metadata.
func (s Source) targets(update *updater.Updater, dir string, files map[string][]byte) error {
	all := update.GetTopLevelTargets()
	wanted := []string{TrustedRoot}
	if s.Target != "" {
		wanted = []string{s.Target}
	}
	if _, ok := all[wanted[0]]; !ok {
		wanted = slices.DeleteFunc(slices.Sorted(maps.Keys(all)),
			func(name string) bool { return !hasUsage(all[name]) })
	}
	if len(wanted) > maxTargets {
		return fmt.Errorf("%d targets, more than the limit of %d", len(wanted), maxTargets)
	}
	for _, name := range wanted {
		to := "targets"
		if s.Targets != "" {
			to = s.Targets
		}
		to += "/" + name
		if !fs.ValidPath(to) {
			return fmt.Errorf("invalid target name %q", name)
		}
		_, data, err := update.DownloadTarget(all[name], filepath.Join(dir, "target"), "")
		if err != nil {
			return fmt.Errorf("target %s: %w", name, err)
		}
		files[to] = data
	}
	return nil
}

// hasUsage reports whether a target has a usage for sigstore's clients.
func hasUsage(info *metadata.TargetFiles) bool {
	var custom struct {
		Sigstore struct{ Usage string } `json:"sigstore"`
	}
	return info.Custom != nil && json.Unmarshal(*info.Custom, &custom) == nil &&
		custom.Sigstore.Usage != ""
}

// verifyRoots verifies the roots of the existing copy, up from the trusted one, and
// returns them and the newest.
func verifyRoots(
	s Source, before func(name string) ([]byte, error),
) (roots map[string][]byte, newest []byte, err error) {
	trusted, err := trustedmetadata.New(s.Root)
	if err != nil {
		return nil, nil, fmt.Errorf("trusted root.json: %w", err)
	}
	roots, newest = map[string][]byte{}, s.Root
	for {
		name := fmt.Sprintf("%d.root.json", trusted.Root.Signed.Version+1)
		data, err := before(name)
		if errors.Is(err, fs.ErrNotExist) {
			return roots, newest, nil
		}
		if err == nil {
			_, err = trusted.UpdateRoot(data)
		}
		if err != nil {
			return nil, nil, fmt.Errorf(
				"existing copy (remove it if it is of another repository): %s: %w", name, err)
		}
		roots[name], newest = data, data
	}
}

// restoreState writes the metadata of the existing copy into dir. It must be of this
// repository: that of another does not protect this one from rollback.
func restoreState(dir string, root []byte, before func(name string) ([]byte, error)) error {
	trusted, err := trustedmetadata.New(root)
	if err != nil {
		return err
	}
	trusted.RefTime = time.Time{} // the existing copy may have expired
	for _, role := range roles {
		data, err := before(role + ".json")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && role == metadata.TIMESTAMP {
			_, err = trusted.UpdateTimestamp(data)
		}
		if err != nil {
			return fmt.Errorf(
				"existing copy (remove it if it is of another repository): %s.json: %w", role, err)
		}
		if err := os.WriteFile(filepath.Join(dir, role+".json"), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Differs reports whether a copy differs from the one before: it has other roots or
// targets, or files that are missing there. New dates alone are not a difference.
func Differs(files map[string][]byte, before func(name string) ([]byte, error)) (bool, error) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := before(name)
		dated := slices.Contains(roles, strings.TrimSuffix(name, ".json"))
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && !dated && !bytes.Equal(old, files[name]):
			return true, nil
		case err != nil:
			return false, err
		}
	}
	return false, nil
}
