package oci

import "strings"

// The limits of a name's parts (OCI distribution-spec, "Pulling manifests";
// distribution/reference).
const (
	maxTag        = 128
	maxRepository = 255
)

const dockerHub = "docker.io"

// ordinary reads a reference of the usual form in one pass: lower-case host and
// repository, perhaps a port, a tag, a sha256 digest. It exists for speed, as a
// tree may hold 10,000 references. ok is false for anything else, right or
// wrong, which parse then judges. Where ordinary answers, parse answers the same.
func ordinary(s string) (n Name, ok bool) {
	rest, digest, pinned := strings.Cut(s, "@")
	if pinned && !isSHA256(digest) || !pinned && len(s) == 64 {
		return Name{}, false // perhaps an image id
	}
	tag := ""
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, '/') {
		rest, tag = rest[:i], rest[i+1:]
		if !isTag(tag) {
			return Name{}, false
		}
	}
	host, repository, found := strings.Cut(rest, "/")
	switch {
	case !found:
		host, repository = dockerHub, "library/"+rest
	case !looksLikeHost(host):
		host, repository = dockerHub, rest
	case host == dockerHub || host == "index.docker.io":
		host = dockerHub
		if strings.IndexByte(repository, '/') < 0 {
			repository = "library/" + repository
		}
	case !isHost(host):
		return Name{}, false
	}
	if !isRepository(repository) {
		return Name{}, false
	}
	return Name{Host: host, Repository: repository, Tag: tag, Digest: digest}, true
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isHost reports whether s is a lower-case DNS name, perhaps with a port.
func isHost(s string) bool {
	name, port, found := strings.Cut(s, ":")
	if found && port == "" {
		return false
	}
	for i := 0; i < len(port); i++ {
		if !isDigit(port[i]) {
			return false
		}
	}
	last := byte('.')
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case isLower(c) || isDigit(c):
		case c == '-' && last != '.':
		case c == '.' && last != '.' && last != '-':
		default:
			return false
		}
		last = c
	}
	return last != '.' && last != '-'
}

// isRepository reports whether s is folders of letters and digits that single
// dots, one or two underscores or any number of dashes part.
func isRepository(s string) bool {
	last, run := byte('/'), 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isLower(c) || isDigit(c):
			run = 0
		case c == '.' || c == '_' || c == '-' || c == '/':
			again := run > 0 && c == last && (c == '-' || c == '_' && run == 1)
			if last == '/' || run > 0 && !again {
				return false
			}
			run++
		default:
			return false
		}
		last = c
	}
	return last != '/' && run == 0 && len(s) <= maxRepository
}

func isTag(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isLower(c) && !isUpper(c) && !isDigit(c) && c != '_' &&
			(i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= maxTag
}

func isSHA256(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, hexDigits) == ""
}
