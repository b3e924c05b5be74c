package manifest

import (
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// marks says whether a file has markers of Flux at all.
type marks uint8

const (
	unsearched marks = iota
	unmarked
	marked
)

const markerKey = `"$imagepolicy"`

// marker is how Flux's image automation marks a value that it sets: a comment
// on its line that holds {"$imagepolicy": "namespace:name[:tag|:name|:digest]"}.
var marker = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`#.*\{\s*"\$imagepolicy"\s*:\s*"([^":]+:[^":]+)(?::[a-z]+)?"\s*\}`)
})

// markerOf returns the ImagePolicy that a marker on the last line of a scalar
// names, or "".
func (f *finder) markerOf(nodes ...*yaml.Node) string {
	if f.marked == unsearched {
		if f.marked = unmarked; strings.Contains(f.original, markerKey) {
			f.marked = marked
		}
	}
	if f.marked == unmarked {
		return ""
	}
	for _, n := range nodes {
		if n == nil {
			continue
		}
		rest := f.original[f.text.offset(max(n.Start, n.End-1)):]
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			rest = rest[:i]
		}
		if m := marker().FindStringSubmatch(rest); m != nil {
			return m[1]
		}
	}
	return ""
}
