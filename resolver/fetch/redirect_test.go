package fetch_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestRedirects follows chains as far as they may go.
func TestRedirects(t *testing.T) {
	plain := newPlainServer(t)
	plain.put("/a", text)
	for name, tt := range map[string]struct {
		to  string // "" for the file
		hop int    // redirects before
		err string
	}{
		"none":                 {"", 0, ""},
		"one":                  {"", 1, ""},
		"five":                 {"", 5, ""},
		"six":                  {"", 6, "too many redirects"},
		"not encrypted":        {plain.URL + "/a", 0, "redirected from https to http"},
		"metadata":             {"https://169.254.169.254/a", 0, "private address 169.254.169.254"},
		"metadata, IPv6":       {"https://[::ffff:169.254.169.254]/a", 0, "private address 169.254"},
		"metadata, translated": {"https://[64:ff9b::a9fe:a9fe]/a", 0, "private address 169.254"},
		"any address":          {"https://0.0.0.0/a", 0, "private address 0.0.0.0"},
		"a file":               {"file:///etc/passwd", 0, "redirected from https to file"},
		"a broken one":         {"https://%zz/?token=hush", 0, "redirected to a malformed URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for i := range tt.hop {
				s.redirect(fmt.Sprint("/", i), fmt.Sprint("/", i+1))
			}
			last := fmt.Sprint("/", tt.hop)
			s.put(last, text)
			if tt.to != "" {
				s.redirect(last, tt.to)
			}
			c := newClient(t, s, fetch.Options{})
			got, err := c.Digest(t.Context(), s.URL+"/0")
			check(t, err, tt.err)
			if err == nil && got != digestOf(text) {
				t.Errorf("digest %q", got)
			}
			var e *fetch.RequestError
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%T", err)
			}
			if err != nil {
				checkNoSecret(t, err.Error()+e.Hint())
			}
		})
	}
	if seen := plain.seen(); len(seen) > 0 {
		t.Errorf("requests without TLS: %q", seen)
	}
}

// TestRedirectUp goes from a server without TLS, of this machine, to one with.
func TestRedirectUp(t *testing.T) {
	plain, s := newPlainServer(t), newServer(t)
	plain.redirect("/a", s.URL+"/a")
	s.put("/a", text)
	got, err := newClient(t, s, fetch.Options{}).Digest(t.Context(), plain.URL+"/a")
	if err != nil || got != digestOf(text) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestRedirectCredentials keeps the credentials for a host from others.
func TestRedirectCredentials(t *testing.T) {
	first, other := newServer(t), newServer(t)
	first.put("/same", text)
	other.put("/a", text)
	first.redirect("/to-same", "/same")
	first.redirect("/to-other", other.URL+"/a")
	getenv := netrc(t, "machine 127.0.0.1 login ann password hush\n")
	c := newClient(t, first, fetch.Options{Getenv: getenv})
	for _, path := range []string{"/to-same", "/to-other"} {
		if _, err := c.Digest(t.Context(), first.URL+path); err != nil {
			t.Error(err)
		}
	}
	want := []string{"/to-same ann:hush", "/same ann:hush", "/to-other ann:hush"}
	if got := first.seen(); !slices.Equal(got, want) {
		t.Errorf("the first got %q, want %q", got, want)
	}
	if got := other.seen(); !slices.Equal(got, []string{"/a"}) {
		t.Errorf("the other got %q", got)
	}
}

// TestURLs has what is a URL to fetch from, and what is not.
func TestURLs(t *testing.T) {
	s, plain := newServer(t), newPlainServer(t)
	s.put("/a", text)
	plain.put("/a", text)
	c := newClient(t, s, fetch.Options{})
	for url, want := range map[string]string{
		s.URL + "/a":                          "",
		"HTTPS://" + s.host() + "/a":          "",
		plain.URL + "/a":                      "",
		"http://files.example/a":              `registries: {"files.example": {plainHTTP: true}}`,
		"http://127.0.0.1.files.example/a":    "not encrypted",
		"http://localhost.files.example/a":    "not encrypted",
		"ftp://" + s.host() + "/a":            `unsupported scheme "ftp"`,
		"file:///etc/passwd":                  "no host in it",
		"/a":                                  "no host in it",
		"":                                    "no host in it",
		"https:///a":                          "no host in it",
		"https://:443/a":                      "no host in it",
		"https:a":                             "no host in it",
		"https://ann:hush@" + s.host() + "/a": "credentials in it",
		"https://hush@" + s.host() + "/a":     "credentials in it",
		"https://%zz/?token=hush":             "malformed URL",
		"https://x.example/\x00?token=hush":   "malformed URL",
		"ftp://x.example/a?token=hush#secret": `"ftp://x.example/a"`,
	} {
		got, err := c.Digest(t.Context(), url)
		check(t, err, want)
		if err == nil && got != digestOf(text) {
			t.Errorf("%s: digest %q", url, got)
		}
		var e *fetch.InvalidURLError
		if err != nil && (!errors.As(err, &e) || e.Hint() == "") {
			t.Errorf("%s: %T %v", url, err, err)
		}
		if err != nil {
			checkNoSecret(t, err.Error()+e.Hint())
		}
	}
	for _, r := range s.seen() {
		if r != "/a" {
			t.Errorf("request %q", r)
		}
	}
}

// TestPlainHTTP sends to a host without TLS where plumb.yaml says so, by way of a proxy: the
// name resolves nowhere else.
func TestPlainHTTP(t *testing.T) {
	proxy := newPlainServer(t)
	proxy.put("/a", text)
	host := "files.example"
	o := fetch.Options{Transport: proxied(t, proxy), Getenv: netrc(t, "machine "+host+
		" login ann password hush\n")}
	_, err := newClient(t, nil, o).Digest(t.Context(), "http://"+host+"/a")
	check(t, err, "not encrypted")
	o.Hosts = map[string]registry.Host{host: {PlainHTTP: true}}
	got, err := newClient(t, nil, o).Digest(t.Context(), "http://"+host+"/a")
	if err != nil || got != digestOf(text) {
		t.Errorf("%q, %v", got, err)
	}
	want := []string{"http://" + host + "/a"} // without credentials: it is for all to read
	if got := proxy.seen(); !slices.Equal(got, want) {
		t.Errorf("the proxy got %q, want %q", got, want)
	}
	_, err = newClient(t, nil, o).Digest(t.Context(), "http://"+host+"/private")
	check(t, err, "404 Not Found")
}
