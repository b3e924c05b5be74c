package registry

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
)

// platform is where an image runs (OCI image-spec, "Image Index" and
// "Configuration").
type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
	OSVersion    string `json:"os.version"` // of Windows
}

// unknown is the operating system and architecture of a child of an index that is an
// attestation, as BuildKit writes it.
const unknown = "unknown"

// runnable reports whether p is a platform at all.
func (p *platform) runnable() bool {
	return p != nil && p.OS != "" && p.Architecture != "" &&
		!(p.OS == unknown && p.Architecture == unknown)
}

// plainPlatform is what a lock can hold.
var plainPlatform = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$`)
})

// name returns "os/architecture" or "os/architecture/variant". It is checked, because
// it goes into the lock.
func (p *platform) name() (string, error) {
	name := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		name += "/" + p.Variant
	}
	if len(name) > 100 || !plainPlatform().MatchString(name) {
		return "", fmt.Errorf("invalid platform %q", sanitize.Line(name))
	}
	return name, nil
}

// isWanted reports whether a platform is one of those wanted.
func isWanted(wanted []string, have string) bool {
	return slices.ContainsFunc(wanted,
		func(want string) bool { return lockfile.SamePlatform(want, have) })
}

// listPlatforms returns the platforms of an index, sorted, without configs. Of two
// children for one platform runtimes take the first, and so does the list. Windows
// images for several of its builds share a platform, and all are kept.
func listPlatforms(children []descriptor) ([]lockfile.Platform, error) {
	type key struct{ platform, osVersion string }
	seen := make(map[key]bool)
	var list []lockfile.Platform
	for _, child := range children {
		if isIndex(child.MediaType) {
			return nil, fmt.Errorf("index in an index: %s; plumb reads one level",
				sanitize.Line(child.Digest))
		}
		if !child.Platform.runnable() {
			continue // an attestation, a signature or some other artifact
		}
		name, err := child.Platform.name()
		if err != nil {
			return nil, err
		}
		if !lockfile.ValidDigest(child.Digest) {
			return nil, fmt.Errorf("platform %s: %q: not a sha256 digest", name,
				sanitize.Line(child.Digest))
		}
		k := key{name, child.Platform.OSVersion}
		if !seen[k] {
			seen[k] = true
			list = append(list, lockfile.Platform{Platform: name, Manifest: child.Digest})
		}
	}
	slices.SortFunc(list, func(a, b lockfile.Platform) int {
		return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Manifest, b.Manifest))
	})
	return slices.Compact(list), nil
}
