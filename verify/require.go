package verify

import (
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
)

// require makes an error about an input of a kind that is not required a remark, so that
// a repository can begin with some kinds.
func (c *checker) require(f *Finding, kind lockfile.Kind) {
	if f.Severity == Error && c.Require != nil && !slices.Contains(c.Require, string(kind)) {
		f.Severity, f.NotRequired = Remark, kind
	}
}
