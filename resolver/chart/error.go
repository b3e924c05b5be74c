package chart

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// NotFoundError says that a repository does not have a chart, or not a version of it: it is
// not in the index, or its archive is gone.
type NotFoundError struct {
	Name    Name
	Version string // or the range; "" where the chart is missing
	Err     error  // why, where the index lists it
}

// Error names what is missing.
func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("chart %q is not in %s", e.Name.Chart, httpget.CleanURL(e.Name.Repo))
	if e.Version != "" {
		s = fmt.Sprintf("chart %q has no version %q in %s", e.Name.Chart, e.Version,
			httpget.CleanURL(e.Name.Repo))
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *NotFoundError) Unwrap() error { return e.Err }

// Hint returns how to fix the error, in one line.
func (e *NotFoundError) Hint() string {
	if e.Version == "" {
		return "correct the chart's name or its repository in the manifest"
	}
	return "correct the chart's version in the manifest, or update the chart"
}

// RangeError says that what a chart's version has to be is neither a version nor a range.
type RangeError struct {
	Name  Name
	Range string
}

// Error quotes the range.
func (e *RangeError) Error() string {
	return fmt.Sprintf("chart %q of %s: %q is neither a version that the repository has nor a "+
		"range of versions", e.Name.Chart, httpget.CleanURL(e.Name.Repo), httpget.Line(e.Range))
}

// Hint returns how to fix the error, in one line.
func (e *RangeError) Hint() string {
	return "correct it in the manifest: a version such as 1.2.3, or a range such as ^1.2"
}

// ContentError says that an archive is not the one that it should be.
type ContentError struct {
	Name    Name
	Version string
	By      string // what says which archive it should be: "index.yaml" or "plumb.lock"
	Want    string // its digest
	Got     string // digest of the archive that was read
}

// Error gives both digests.
func (e *ContentError) Error() string {
	return fmt.Sprintf("chart %q, version %q of %s: the archive is %s, not %s as %s says",
		e.Name.Chart, e.Version, httpget.CleanURL(e.Name.Repo), e.Got, e.Want, e.By)
}

// Hint returns how to fix the error, in one line.
func (e *ContentError) Hint() string {
	if e.By == lockName {
		return "the archive was replaced: compare the two, then run plumb lock update " +
			e.Name.String()
	}
	return "report it to the operators of " + hostOf(e.Name.Repo)
}

// RequestError is what fails at an HTTP repository.
type RequestError struct {
	Err *transport.Error // which request failed, and how

	repo    string
	account string // the file that has the credentials that were sent, "" if none were
}

// Error gives the request and its outcome.
func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// Cause is the same text for all requests that fail since a host does not answer; "" where
// only the one chart is at fault.
func (e *RequestError) Cause() string { return httpget.Cause(e.Err) }

// Hint returns how to fix the error, in one line. It is "" where the server says that
// there is no such content.
func (e *RequestError) Hint() string {
	var refused *httpget.RefusedError
	switch {
	case errors.As(e.Err, &refused):
		return "if the repository is to be trusted, name the other server as the repository"
	case e.Err.Unauthorized() && e.account != "":
		return "correct the user and password for " + e.Err.Host + " in " + e.account
	case e.Err.Unauthorized() && strings.HasPrefix(e.Err.URL, "http://"):
		return "credentials are not sent over plain HTTP: use https"
	case e.Err.Unauthorized():
		return "to log in: helm repo add NAME " + httpget.CleanURL(e.repo) + " --username USER; plumb " +
			"reads helm's repositories.yaml and ~/.netrc"
	case e.Err.RateLimit != nil, e.Err.Tries > 1:
		return "it may be transient: run the command again later"
	}
	return e.Err.Hint()
}

// about adds to an error which chart could not be read, and makes a *NotFoundError of one
// that says that an archive is gone.
func about(n Name, v Version, err error) error {
	var e *transport.Error
	var missing *NotFoundError
	switch {
	case errors.As(err, &missing):
		return err
	case errors.As(err, &e) && (e.NotFound() || e.Err == nil && e.Status == statusGone):
		return &NotFoundError{n, v.Version, err}
	}
	return fmt.Errorf("chart %q, version %q of %s: %w", n.Chart, v.Version,
		httpget.CleanURL(n.Repo), err)
}

const statusGone = 410

// hostOf returns the host of a URL, with its port.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(malformed URL)"
	}
	return u.Host
}
