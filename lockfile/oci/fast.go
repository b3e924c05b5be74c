package oci

import "strings"

// parseOrdinary reads the names that nearly all manifests hold, in a
// fraction of the time that Parse takes otherwise; ok is false for any other
// text, good or bad. What it accepts, Parse reads in the same way: a fuzz test
// holds the two together.
func parseOrdinary(s string) (n Name, ok bool) {
	rest := s
	if len(s) > 71 && s[len(s)-72] == '@' {
		n.Digest = s[len(s)-71:]
		if !strings.HasPrefix(n.Digest, "sha256:") || !lowerHex(n.Digest[7:]) {
			return Name{}, false
		}
		rest = s[:len(s)-72]
	}
	slash := strings.IndexByte(rest, '/')
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		n.Tag, rest = rest[colon+1:], rest[:colon]
		if !ordinaryTag(n.Tag) {
			return Name{}, false
		}
	}
	n.Host, n.Repository = "docker.io", rest
	switch {
	case slash < 0:
		n.Repository = "library/" + rest
	case strings.ContainsAny(rest[:slash], ".:"):
		n.Host, n.Repository = rest[:slash], rest[slash+1:]
		if n.Host == "docker.io" && strings.IndexByte(n.Repository, '/') < 0 || n.Host == "index.docker.io" || !ordinaryHost(n.Host) {
			return Name{}, false
		}
	case rest[:slash] == "localhost" || rest[:slash] == "library":
		return Name{}, false
	}
	if !ordinary(n.Repository, true) || n.Repository == "library/scratch" || len(rest) > 200 || len(rest) == 64 || len(n.Repository) == 64 {
		return Name{}, false
	}
	return n, true
}

// ordinaryHost reports whether s is a host name, with or without a port.
func ordinaryHost(s string) bool {
	name, port, hasPort := strings.Cut(s, ":")
	if hasPort && (port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return false
	}
	return ordinary(name, false)
}

// ordinary reports whether s is made of lower-case letters and digits, with
// single marks between them: dots and dashes, in a path slashes and underscores too.
func ordinary(s string, path bool) bool {
	mark := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			mark = false
		case !mark && (c == '.' || c == '-' || path && (c == '/' || c == '_')):
			mark = true
		default:
			return false
		}
	}
	return !mark
}

func ordinaryTag(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		word := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
		if !word && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= maxTag
}

func lowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
