package gitref

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// schemes are the protocols that are used, whatever git's configuration allows; they are
// the names of git's transports as well.
var schemes = []string{"https", "http", "ssh", "git", "file"}

// checkURL rejects what is not a URL of a repository in a form that is handed to git: a
// URL with one of schemes, or user@host:path.
func checkURL(s string) error {
	switch {
	case s == "":
		return errors.New("no URL")
	case strings.HasPrefix(s, "-"):
		return errors.New("it begins with a dash, which git would take for an option")
	case strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }):
		return errors.New("it contains a space or a control character")
	}
	if before, _, found := strings.Cut(s, "::"); found && !strings.ContainsAny(before, "/@[") {
		return fmt.Errorf("transport %q is not allowed, only %s", before,
			strings.Join(schemes, ", "))
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		return checkScheme(strings.ToLower(scheme), rest, s)
	}
	host, path, ok := strings.Cut(s, ":")
	switch {
	case !ok || strings.Contains(host, "/") || host == "" || path == "":
		return errors.New("it has no scheme: use https://HOST/PATH, ssh://USER@HOST/PATH, " +
			"USER@HOST:PATH or file:///PATH")
	case strings.HasPrefix(host[strings.LastIndexByte(host, '@')+1:], "-"):
		return errors.New("its host begins with a dash")
	}
	return nil
}

// checkScheme checks a URL that has a scheme.
func checkScheme(scheme, rest, s string) error {
	if !slices.Contains(schemes, scheme) {
		return fmt.Errorf("scheme %q is not allowed, only %s", scheme,
			strings.Join(schemes, ", "))
	}
	if scheme == "file" {
		return nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("it is malformed") // the error would repeat a password
	case u.Hostname() == "":
		return errors.New("it has no host")
	case strings.HasPrefix(u.Hostname(), "-") || strings.HasPrefix(rest, "-"):
		return errors.New("its host begins with a dash")
	}
	return nil
}

// users matches what stands before the host of a URL: it may be a token.
var users = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`://[^/\s'"]*@`)
})

// redactURL returns a URL for people: without query and fragment, and without a user, which
// may be a token, but SSH's.
func redactURL(s string) string {
	s = users().ReplaceAllStringFunc(s, func(user string) string {
		if strings.HasPrefix(s, "ssh"+user) && strings.Count(user, ":") == 1 {
			return user
		}
		return "://"
	})
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	return s
}

// secrets are the texts in a URL that must not be repeated.
func secrets(s string) []string {
	u, err := url.Parse(s)
	if err != nil || u.User == nil {
		return nil
	}
	password, set := u.User.Password()
	if !set {
		if u.Scheme == "ssh" {
			return nil // the user, which is no secret
		}
		password = u.User.Username() // a token
	}
	if password == "" {
		return nil
	}
	return []string{password, url.QueryEscape(password), url.PathEscape(password)}
}
