package httpget

import (
	"errors"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Cause returns why a host does not answer, in a text that is the same for all requests that
// fail for it; "" where only the one request is at fault, as far as is known.
func Cause(e *transport.Error) string {
	var refused *RefusedError
	outcome := strings.TrimPrefix(e.Error(), e.Op+" "+e.URL+": ")
	switch {
	case errors.As(e.Err, &refused):
		return ""
	case e.RateLimit != nil:
		return "rate limit of " + e.Host + " exceeded" // when it resets differs by seconds
	case e.Status == 0, e.Err == nil && e.Status >= 500:
		return e.Host + ": " + outcome
	}
	return ""
}
