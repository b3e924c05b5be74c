package chart

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/resolver/httpget"
)

// repository is an HTTP repository, and how it is read.
type repository struct {
	url     *url.URL // with a slash at its end
	account account
}

// key is the same for each way to write the URL of a repository.
func (r *repository) key() string { return r.url.String() }

// key is the same for each way to write a name.
func (n Name) key() string {
	return strings.TrimRight(n.Repo, "/") + "#" + n.Chart
}

// repository returns the repository with a URL, with the credentials that there are.
func (s *sender) repository(text string) (*repository, error) {
	u, err := parseRepo(text)
	if err != nil {
		return nil, err
	}
	if err := s.http.CheckScheme(u); err != nil {
		return nil, fmt.Errorf("chart repository %s: %w", httpget.CleanURL(text), err)
	}
	r := &repository{url: u}
	r.account, err = s.accounts.of(u)
	return r, err
}

// parseRepo reads the URL of an HTTP repository.
func parseRepo(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("malformed URL of a chart repository")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("chart repository %q: its URL begins with neither https://, "+
			"http:// nor oci://", httpget.Line(httpget.CleanURL(text)))
	case u.Host == "":
		return nil, fmt.Errorf("chart repository %q: no host in its URL",
			httpget.Line(httpget.CleanURL(text)))
	case u.User != nil:
		return nil, fmt.Errorf("chart repository %s: credentials in its URL; take them out, and "+
			"run helm repo add NAME URL --username USER", httpget.CleanURL(text))
	}
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/") + "/"
	u.RawPath, u.Fragment = "", ""
	return u, nil
}

// resolve returns the absolute URL that the index of r means by text. As Helm does, it
// takes over the query of the repository's URL.
func (r *repository) resolve(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("malformed URL of an archive in the index")
	}
	if u.IsAbs() {
		return text, nil
	}
	u = r.url.ResolveReference(u)
	u.RawQuery = r.url.RawQuery
	return u.String(), nil
}
