package resolver

import (
	"net/url"

	"github.com/plumb-dev/plumb/lockfile/giturl"
)

// hostOf is the host of a source's URL, for spreading queries between hosts; "" if it has
// none.
func hostOf(s string) string {
	if canonical, ok := giturl.Canonical(s); ok {
		s = canonical
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Host
}
