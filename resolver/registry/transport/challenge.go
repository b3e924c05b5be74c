package transport

import (
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// The authentication schemes that a challenge can name, in lower case.
const (
	basic  = "basic"
	bearer = "bearer"
)

// parseChallenge returns the first challenge of a 401 response that is supported, with
// its scheme in lower case; ok is false if there is none.
func parseChallenge(header http.Header) (c transport.Challenge, ok bool) {
	for _, value := range header.Values("WWW-Authenticate") {
		p := challengeParser{rest: value}
		for p.next(&c) {
			if c.Scheme == basic || c.Scheme == bearer {
				return c, true
			}
		}
	}
	return transport.Challenge{}, false
}

// challengeParser reads a WWW-Authenticate header (RFC 9110, section 11.6.1): a
// list of challenges, each of them a scheme and a list of parameters, with a
// comma between any two.
type challengeParser struct{ rest string }

// next reads one challenge. It returns false at the end of the header, and where
// the header is malformed.
func (p *challengeParser) next(c *transport.Challenge) bool {
	p.skip(" \t,")
	scheme := p.token()
	if scheme == "" {
		return false
	}
	*c = transport.Challenge{Scheme: strings.ToLower(scheme), Parameters: map[string]string{}}
	for {
		p.skip(" \t,")
		before := p.rest
		key := p.token()
		p.skip(" \t")
		if key == "" || !strings.HasPrefix(p.rest, "=") {
			p.rest = before // it is the next challenge's scheme, or nothing
			return true
		}
		p.rest = p.rest[1:]
		p.skip(" \t")
		c.Parameters[strings.ToLower(key)] = p.value()
	}
}

func (p *challengeParser) skip(cutset string) { p.rest = strings.TrimLeft(p.rest, cutset) }

// token reads up to the next separator.
func (p *challengeParser) token() string {
	end := strings.IndexAny(p.rest, " \t,=\"")
	if end < 0 {
		end = len(p.rest)
	}
	token := p.rest[:end]
	p.rest = p.rest[end:]
	return token
}

// value reads a token or a quoted string.
func (p *challengeParser) value() string {
	if !strings.HasPrefix(p.rest, `"`) {
		return p.token()
	}
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteByte(p.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	p.rest = ""
	return b.String()
}
