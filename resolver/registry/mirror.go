package registry

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// mirror is a registry that is tried before the host itself.
type mirror struct {
	host   string // in canonical form
	prefix string // of its repositories, "" or with a slash at its end
}

// plainPrefix is a path as repositories have them (OCI distribution-spec,
// "Pulling manifests").
var plainPrefix = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
})

// parseMirror reads "host[:port][/prefix]".
func parseMirror(text string) (mirror, error) {
	host, prefix, below := strings.Cut(text, "/")
	_, err := name.NewRegistry(host, name.StrictValidation)
	if err != nil || strings.HasSuffix(host, ":") || below && !plainPrefix().MatchString(prefix) {
		return mirror{}, fmt.Errorf("mirror %q: write it as host[:port][/prefix]", text)
	}
	if below {
		prefix += "/"
	}
	return mirror{oci.CanonicalHost(strings.ToLower(host)), prefix}, nil
}
