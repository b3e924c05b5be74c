package gitref

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// causes are texts in messages of git, curl and ssh in the C locale, in lower case, and
// what they mean. The first one that a message contains counts, so that what is certain
// stands before what such programs say of many failures.
var causes = []struct {
	text string
	kind Kind
}{
	{"transport '", Refused}, // transport 'ext' not allowed
	{"remote host identification has changed", HostKey},
	{"host key verification failed", HostKey},
	{"ssl certificate problem", TLS},
	{"certificate verification failed", TLS},
	{"certificate verify failed", TLS},
	{"unable to get local issuer certificate", TLS},
	{"no alternative certificate subject name", TLS},
	{"ssl: no alternative", TLS},
	{"gnutls_handshake", TLS},
	{"ssl routines", TLS},
	{"ssl_connect", TLS},
	{"schannel: ", TLS},
	{"error setting certificate", TLS},
	{"could not resolve host", Unreachable},
	{"could not resolve proxy", Unreachable},
	{"name or service not known", Unreachable},
	{"temporary failure in name resolution", Unreachable},
	{"unable to look up", Unreachable},
	{"from proxy after connect", Unreachable},
	{"proxy connect aborted", Unreachable},
	{"connect tunnel failed", Unreachable},
	{"could not read username", Auth},
	{"could not read password", Auth},
	{"authentication failed", Auth},
	{"invalid credentials", Auth},
	{"returned error: 401", Auth},
	{"returned error: 403", Auth},
	{"permission denied (", Auth},
	{"http basic: access denied", Auth},
	{"access denied or repository not exported", NotFound},
	{"repository not found", NotFound},
	{"' not found", NotFound}, // repository 'https://…' not found
	{"does not appear to be a git repository", NotFound},
	{"could not be found", NotFound},
	{"returned error: 404", NotFound},
	{"returned error: 410", NotFound},
	{"not our ref", NotFound},
	{"couldn't find remote ref", NotFound},
	{"unadvertised object", NotFound},
	{"is this a git repository?", Malformed},
	{"protocol error", Malformed},
	{"bad line length", Malformed},
	{"invalid ls-refs", Malformed},
	{"unexpected flush", Malformed},
	{"invalid server response", Malformed},
	{"mismatched algorithms", Unsupported},
	{"object format", Unsupported},
	{"object-format", Unsupported},
	{"hash algorithm", Unsupported},
	{"shallow", Unsupported}, // a server whose own history is cut off
	{"unknown option", Unsupported},
	{"timed out", Timeout},
	{"connection refused", Unreachable},
	{"connection reset", Unreachable},
	{"couldn't connect to server", Unreachable},
	{"failed to connect", Unreachable},
	{"network is unreachable", Unreachable},
	{"no route to host", Unreachable},
	{"connection closed by", Unreachable},
	{"empty reply from server", Unreachable},
	{"returned error: 5", Unreachable},
	{"returned error: 429", Unreachable},
	{"remote end hung up", Unreachable},
	{"early eof", Unreachable},
}

// causeOf tells what a message of git is about.
func causeOf(said string) Kind {
	said = strings.ToLower(said)
	for _, c := range causes {
		if strings.Contains(said, c.text) {
			return c.kind
		}
	}
	return Other
}

// isTransient reports whether another try may succeed: the server was there, but did not
// finish its answer, or was too busy for one.
func isTransient(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Kind != Unreachable {
		return false
	}
	said := strings.ToLower(e.Said)
	for _, text := range []string{"returned error: 5", "returned error: 429", "connection reset",
		"empty reply from server", "remote end hung up", "early eof", "connection closed by"} {
		if strings.Contains(said, text) {
			return true
		}
	}
	return false
}

// maxSaid bounds what is repeated of git's messages, in bytes.
const maxSaid = 400

// gist is what is repeated of a message of git: its lines that tell of an error, else its
// last one, as one line that is fit for a terminal and has none of the secrets.
func gist(message string, secrets []string) string {
	message = users().ReplaceAllString(message, "://")
	for _, secret := range secrets {
		message = strings.ReplaceAll(message, secret, "…")
	}
	var telling []string
	last := ""
	for line := range strings.SplitSeq(message, "\n") {
		line = strings.TrimSpace(line[strings.LastIndexByte(line, '\r')+1:])
		if line == "" {
			continue
		}
		last = line
		for _, sign := range []string{"fatal:", "error:", "ERROR:", "remote:", "ssh:"} {
			if strings.HasPrefix(line, sign) && len(telling) < 4 {
				telling = append(telling, line)
				break
			}
		}
		if len(telling) == 0 && causeOf(line) != Other {
			telling = append(telling, line)
		}
	}
	if len(telling) == 0 {
		telling = append(telling, last)
	}
	return oneLine(strings.Join(telling, "; "))
}

// oneLine returns s without control characters, cut to maxSaid.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	if len(s) <= maxSaid {
		return s
	}
	end := maxSaid
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
