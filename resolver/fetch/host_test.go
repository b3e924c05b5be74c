package fetch_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// write writes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// netrc is an environment with a netrc file.
func netrc(t *testing.T, text string) func(string) string {
	t.Helper()
	path := write(t, text)
	return func(name string) string { return map[string]string{"NETRC": path}[name] }
}

// proxied returns a transport that sends all by way of a proxy.
func proxied(t *testing.T, proxy *server) *http.Transport {
	t.Helper()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Transport{Proxy: http.ProxyURL(u)}
}

// TestCAFile trusts a server by the authority that plumb.yaml names for its host.
func TestCAFile(t *testing.T) {
	s := newServer(t)
	s.put("/a", text)
	right := write(t, string(pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: s.Certificate().Raw,
	})))
	for name, tt := range map[string]struct{ host, file, err, hint string }{
		"right":           {s.host(), right, "", ""},
		"none":            {s.host(), "", "certificate", `caFile: FILE`},
		"of another host": {"files.example", right, "certificate", "caFile: FILE"},
		"missing":         {s.host(), right + "-", "no such file", ""},
		"no certificate":  {s.host(), write(t, "hush"), "no certificate in PEM form", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, nil, fetch.Options{
				Hosts: map[string]registry.Host{tt.host: {CAFile: tt.file}},
			})
			got, err := c.Digest(t.Context(), s.URL+"/a")
			check(t, err, tt.err)
			if err == nil && got != digestOf(text) {
				t.Errorf("digest %q", got)
			}
			var e *fetch.RequestError
			if errors.As(err, &e) != (tt.hint != "") || e != nil && !strings.Contains(e.Hint(),
				tt.hint) {
				t.Errorf("%T %v, want the hint %q", err, err, tt.hint)
			}
		})
	}
}

// TestNetrc sends credentials to the host that the file has them for.
func TestNetrc(t *testing.T) {
	const login = " login ann password hush\n"
	for name, tt := range map[string]struct{ file, want, hint string }{
		"the host":        {"machine 127.0.0.1" + login, "/a ann:hush", "correct the login and"},
		"on its lines":    {"machine 127.0.0.1\n\tlogin ann\n\tpassword hush\n", "/a ann:hush", ""},
		"another host":    {"machine example.com" + login, "/a", "to log in, add to ~/.netrc"},
		"a longer name":   {"machine x.127.0.0.1" + login, "/a", "to log in"},
		"every host":      {"default" + login, "/a", "to log in"},
		"after a macro":   {"macdef x\nmachine 127.0.0.1" + login + "\n\n", "/a", "to log in"},
		"after a comment": {"# machine 127.0.0.1" + login, "/a", "to log in"},
		"empty":           {"", "/a", "to log in"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []*server{newServer(t), newPlainServer(t)} {
				s.on("/a", func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(http.StatusUnauthorized)
				})
				c := newClient(t, s, fetch.Options{Getenv: netrc(t, tt.file)})
				_, err := c.Digest(t.Context(), s.URL+"/a")
				var e *fetch.RequestError
				if !errors.As(err, &e) || !strings.HasPrefix(e.Hint(), tt.hint) {
					t.Errorf("%v, hint of %T, want %q", err, err, tt.hint)
				} else {
					checkNoSecret(t, err.Error()+e.Hint())
				}
				if got := s.seen(); !slices.Equal(got, []string{tt.want}) {
					t.Errorf("requests %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// TestNetrcUnreadable has a netrc that is a folder: nothing is requested without it.
func TestNetrcUnreadable(t *testing.T) {
	s := newServer(t)
	s.put("/a", text)
	dir := t.TempDir()
	c := newClient(t, s, fetch.Options{Getenv: func(name string) string {
		return map[string]string{"NETRC": dir}[name]
	}})
	_, err := c.Digest(t.Context(), s.URL+"/a")
	check(t, err, dir)
	home := t.TempDir()
	c = newClient(t, s, fetch.Options{Getenv: func(name string) string {
		return map[string]string{"HOME": home, "USERPROFILE": home}[name] // without a .netrc
	}})
	if _, err := c.Digest(t.Context(), s.URL+"/a"); err != nil {
		t.Error(err)
	}
}

// TestProxy sends requests by a proxy, and takes the names of hosts as they are: only the
// proxy knows what they resolve to.
func TestProxy(t *testing.T) {
	proxy := newPlainServer(t)
	proxy.redirect("/a", "http://b.example/b")
	proxy.put("/b", text)
	proxy.redirect("/c", "http://169.254.169.254/c")
	plain := registry.Host{PlainHTTP: true}
	c := newClient(t, nil, fetch.Options{
		Transport: proxied(t, proxy), Hosts: map[string]registry.Host{
			"a.example": plain, "b.example": plain, "169.254.169.254": plain,
		},
	})
	got, err := c.Digest(t.Context(), "http://a.example/a")
	if err != nil || got != digestOf(text) {
		t.Errorf("%q, %v", got, err)
	}
	_, err = c.Digest(t.Context(), "http://a.example/c")
	check(t, err, "the server at a.example directs requests to 169.254.169.254")
	want := []string{"http://a.example/a", "http://b.example/b", "http://a.example/c"}
	if got := proxy.seen(); !slices.Equal(got, want) {
		t.Errorf("the proxy got %q, want %q", got, want)
	}
}

// TestMalformedProxy has a proxy with a password in a URL that is none.
func TestMalformedProxy(t *testing.T) {
	s := newServer(t)
	s.put("/a", text)
	base := s.Client().Transport.(*http.Transport)
	proxy := "http://ann:hush@" + "%zz"
	base.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
	_, err := newClient(t, s, fetch.Options{}).Digest(t.Context(), s.URL+"/a")
	check(t, err, "malformed URL of the proxy")
	var e *fetch.RequestError
	if !errors.As(err, &e) || e.Hint() != "correct HTTPS_PROXY and HTTP_PROXY" {
		t.Fatalf("%T, hint of %v", err, err)
	}
	checkNoSecret(t, err.Error()+e.Hint()+e.Cause())
}

// TestUnreachable has hosts that are not there.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close()
	c := newClient(t, nil, fetch.Options{})
	_, err := c.Digest(t.Context(), s.URL+"/a?token=hush")
	check(t, err, "connection refused")
	var e *fetch.RequestError
	host, _ := strings.CutPrefix(s.URL, "http://")
	if !errors.As(err, &e) || !strings.HasPrefix(e.Cause(), host+": ") {
		t.Fatalf("%T, %v", err, err)
	}
	checkNoSecret(t, err.Error()+e.Cause()+e.Hint())
}

// TestInvalidHosts has settings that mean nothing.
func TestInvalidHosts(t *testing.T) {
	for _, h := range []registry.Host{{Timeout: -time.Second}, {Concurrency: -1}} {
		o := fetch.Options{Hosts: map[string]registry.Host{"files.example": h}}
		_, err := fetch.New(o)
		check(t, err, `settings of host "files.example"`)
	}
}

func checkNoSecret(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, "hush") {
		t.Errorf("a secret is in %q", text)
	}
}
