package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/signature"
)

// files are what a lock root stores for one entry. All that a verdict is made of
// besides the policies and the entry has to come from here: a VerdictCache tells two
// verdicts apart by it.
type files struct {
	found   []file
	configs map[string]json.RawMessage // by platform, whose digests the entry has
	faults  []string                   // why others cannot be used
}

// file is one whose bytes have the digest that it is called by.
type file struct {
	digest string
	data   []byte
}

// known is what an image is judged by.
type known struct {
	evidence []signature.Evidence
	index    []byte                     // that lists it, or nil
	configs  map[string]json.RawMessage // by platform
	faults   []string                   // as in files, and why others cannot be used
}

// read reads what the files of an entry hold.
func (f files) read(e lockfile.Entry) known {
	k := known{configs: f.configs, faults: f.faults}
	for _, one := range f.found {
		evidence, err := signature.ParseEvidence(one.data)
		switch {
		case err == nil:
			k.evidence = append(k.evidence, evidence)
		case k.index == nil && Lists(one.data, e.Digest):
			k.index = one.data
		default:
			k.faults = append(k.faults, fmt.Sprintf("%s cannot be used: %v", File(one.digest), err))
		}
	}
	return k
}

// stored reads the evidence that an entry names, each once.
func (j *Judge) stored(e lockfile.Entry) files {
	var out files
	seen := map[string]bool{}
	for _, line := range e.Verified {
		if seen[line.Evidence] {
			continue
		}
		seen[line.Evidence] = true
		data, err := j.read(line.Evidence)
		if err != nil {
			out.faults = append(out.faults, fmt.Sprintf("%s %v", File(line.Evidence), err))
			continue
		}
		out.found = append(out.found, file{line.Evidence, data})
	}
	var faults []string
	out.configs, faults = j.configs(e)
	out.faults = append(out.faults, faults...)
	return out
}

func (j *Judge) read(digest string) ([]byte, error) {
	if j.Read == nil {
		return nil, errors.New("is missing")
	}
	data, err := j.Read(File(digest))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("is missing: %w", err)
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if DigestOf(data) != digest {
		return nil, errors.New("is altered: it is not what its name says")
	}
	return data, nil
}

// Lists reports whether data is an index, of at most signature.MaxIndex bytes, that
// lists a manifest with this digest (OCI image-spec, "Image Index").
func Lists(data []byte, digest string) bool {
	var index struct {
		Manifests []struct {
			Digest string `json:"digest"`
		} `json:"manifests"`
	}
	if len(data) > signature.MaxIndex || json.Unmarshal(data, &index) != nil {
		return false
	}
	for _, m := range index.Manifests {
		if m.Digest == digest && digest != "" {
			return true
		}
	}
	return false
}
