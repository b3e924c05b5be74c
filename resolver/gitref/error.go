package gitref

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Kind is what kept a repository from answering.
type Kind int

// The kinds of errors.
const (
	Other       Kind = iota // none of the others
	Auth                    // the server demands credentials, or rejects those that it got
	NotFound                // there is no such repository, or no such object in it
	HostKey                 // the key of an SSH server is not known
	TLS                     // the certificate of the server is not accepted
	Unreachable             // no connection: the name, the network, the proxy or the server
	Timeout                 // it took too long
	Malformed               // the answer is not one of a git server
	TooLarge                // the answer is too long
	Unsupported             // it takes what this git, or this machine, does not have
	Refused                 // the URL, or what is asked for, is not allowed
)

// Error is the error of a request to a repository. It holds no credential.
type Error struct {
	Op   string // "git ls-remote", "git fetch"
	URL  string // of the repository, without credentials
	Ref  string // the ref, commit or tag object in question; "" for the repository
	Kind Kind
	Said string // what git wrote, as one line without credentials; perhaps ""
	Err  error  // the cause; perhaps an *exec.ExitError
}

// what names a kind in an error.
func (k Kind) what() string {
	switch k {
	case Auth:
		return "credentials are missing or rejected"
	case NotFound:
		return "not found"
	case HostKey:
		return "the SSH host key is not known"
	case TLS:
		return "the certificate is not accepted"
	case Unreachable:
		return "no connection"
	case Timeout:
		return "timeout"
	case Malformed:
		return "malformed answer"
	case TooLarge:
		return "answer too large"
	case Unsupported:
		return "not supported"
	case Refused:
		return "refused"
	}
	return ""
}

// Error gives the request and the cause.
func (e *Error) Error() string {
	s := e.Op
	if e.URL != "" {
		s += " " + e.URL
	}
	if e.Ref != "" {
		s += " " + e.Ref
	}
	if what := e.Kind.what(); what != "" {
		s += ": " + what
	}
	switch {
	case e.Said != "":
		s += ": " + e.Said
	case e.Err != nil:
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns how to fix the error, in one line; "" where only the caller can tell.
func (e *Error) Hint() string {
	host := e.host()
	try := "git ls-remote " + e.URL
	switch e.Kind {
	case Auth:
		if e.isSSH() {
			return "load a key that " + host + " accepts (ssh-add), then try: " + try
		}
		hint := "store credentials with git's credential helper, then try: " + try
		if strings.HasSuffix(host, "github.com") {
			hint = "log in: gh auth login && gh auth setup-git; or " + hint
		}
		return hint + " (servers answer so as well for a repository that does not exist)"
	case NotFound:
		if e.Ref != "" {
			return "list what there is: " + try
		}
		return "correct the URL, or ask for access to it; to try: " + try
	case HostKey:
		return "compare the key with the one that the operators publish, then add it: " +
			"ssh-keyscan " + host + " >> ~/.ssh/known_hosts"
	case TLS:
		return "trust the server's CA: git config --global http.https://" + host +
			"/.sslCAInfo FILE"
	case Unreachable:
		return "correct the host, or the proxy: git config --get-urlmatch http.proxy " + e.URL +
			"; to try: " + try
	case Timeout:
		return "run the command again later, or with a longer timeout; to try: " + try
	case Malformed:
		return "the URL may be that of a web page: to try: " + try
	case TooLarge:
		return "name a ref whose tip it is; the history is larger than is fetched"
	case Unsupported:
		return e.unsupported()
	}
	return ""
}

// errNoGit is the error of what needs the git program.
var errNoGit = errors.New("the git program is not in PATH")

// errShallow is the error of a server that itself is a shallow clone.
var errShallow = errors.New("the server's own history is cut off (shallow)")

// unsupported is the hint of errors of kind Unsupported.
func (e *Error) unsupported() string {
	switch {
	case errors.Is(e.Err, errNoGit):
		return "install git, and have it in PATH"
	case errors.Is(e.Err, errShallow):
		return "complete the repository on the server: git fetch --unshallow"
	}
	return "install a newer git, 2.30 or later; to try: git ls-remote " + e.URL
}

// host is the host in the URL.
func (e *Error) host() string {
	if u, err := url.Parse(e.URL); err == nil && u.Host != "" {
		return u.Host
	}
	host, _, _ := strings.Cut(e.URL, ":")
	return host[strings.LastIndexByte(host, '@')+1:]
}

func (e *Error) isSSH() bool {
	return strings.HasPrefix(e.URL, "ssh://") || !strings.Contains(e.URL, "://")
}

// refuse makes the error of a request that is not sent.
func refuse(op, url, ref, format string, args ...any) *Error {
	return &Error{Op: op, URL: redactURL(url), Ref: ref, Kind: Refused,
		Err: fmt.Errorf(format, args...)}
}
