package httpget

import (
	"net"
	"net/url"
	"strings"
	"unicode"
)

// CleanURL returns a URL without user, query and fragment, which can be secrets.
func CleanURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(malformed URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Line returns a text of a server as one short line without control characters.
func Line(text string) string {
	const most = 200
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(clean); len(runes) > most {
		clean = string(runes[:most]) + "…"
	}
	return strings.TrimSpace(clean)
}

// isLoopback reports whether a host is this machine by name.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
