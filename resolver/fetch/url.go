package fetch

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/resolver/httpget"
)

// maxFile bounds a file, in bytes.
const maxFile = 32 << 20

// request returns the request for a URL, with the login that the netrc file has for its host.
func (c *Client) request(text string) (httpget.Request, error) {
	u, err := parse(text)
	if err != nil {
		return httpget.Request{}, err
	}
	if err := c.sender.CheckScheme(u); err != nil {
		return httpget.Request{}, &InvalidURLError{URL: clean(u), Reason: err.Error()}
	}
	logins, err := c.netrc()
	if err != nil {
		return httpget.Request{}, fmt.Errorf("fetching %s: %w", clean(u), err)
	}
	return httpget.Request{
		URL: u, What: "file", Max: maxFile, Login: logins[u.Hostname()],
	}, nil
}

// parse reads a URL. A fragment is for who reads the file, and is dropped.
func parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil: // which repeats it
		return nil, &InvalidURLError{URL: "(malformed URL)", Reason: "malformed URL"}
	case u.Host == "" || u.Hostname() == "":
		return nil, &InvalidURLError{URL: clean(u), Reason: "no host in it"}
	case u.User != nil:
		return nil, &InvalidURLError{URL: clean(u), Reason: "credentials in it",
			fix: "take them out of the URL, where all can read them, revoke them, and " +
				addLogin(u.Hostname())}
	}
	u.Host = strings.ToLower(u.Host)
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func clean(u *url.URL) string { return httpget.Line(httpget.CleanURL(u.String())) }
