// Package sanitize makes text that others wrote fit for messages: short, without
// control characters, and without what may be a secret.
package sanitize

import (
	"net/url"
	"strings"
	"unicode"
)

// maxLine bounds what is repeated of a text, in runes.
const maxLine = 200

// Line returns text as one short line without control characters.
func Line(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		switch {
		case n == maxLine:
			return b.String() + "…"
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}

// URL returns a URL without user, query and fragment.
func URL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(malformed URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
