package chart_test

import (
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/registry"
)

const secret = "correct-horse"

// home is a user's home: files, and where the environment says that they are.
type home struct {
	t   *testing.T
	dir string
	env map[string]string
}

func newHome(t *testing.T) *home {
	dir := t.TempDir()
	return &home{t, dir, map[string]string{"HOME": dir}}
}

func (h *home) getenv(name string) string { return h.env[name] }

func (h *home) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// caFile writes the certificate of a server.
func (h *home) caFile(s *repo) string {
	return h.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
}

// lock resolves and fetches the newest version of the chart "web".
func lock(t *testing.T, c *chart.Client, repo string) error {
	t.Helper()
	n := chart.Name{Repo: repo, Chart: "web"}
	v, err := c.Resolve(t.Context(), n, "")
	if err == nil {
		_, err = c.Fetch(t.Context(), n, v)
	}
	return err
}

// protect makes a repository demand the user ada.
func (s *repo) protect() {
	s.failing(func(w http.ResponseWriter, r *http.Request) bool {
		if user, password, _ := r.BasicAuth(); user == "ada" && password == secret {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="charts"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
}

// TestAccounts has the places where credentials are, and what is in them for others.
func TestAccounts(t *testing.T) {
	entry := func(url string) string {
		return "apiVersion: \"\"\nrepositories:\n- name: a\n  url: " + url + "\n  username: ada\n  password: " + secret + "\n"
	}
	for name, tt := range map[string]struct {
		set func(h *home, url string)
		err string
	}{
		"helm's file": {func(h *home, url string) { h.write(".config/helm/repositories.yaml", entry(url)) }, ""},
		"a slash":     {func(h *home, url string) { h.write(".config/helm/repositories.yaml", entry(url+"/")) }, ""},
		"HELM_REPOSITORY_CONFIG": {func(h *home, url string) {
			h.env["HELM_REPOSITORY_CONFIG"] = h.write("r.yaml", entry(url))
			h.write(".config/helm/repositories.yaml", "x")
		}, ""},
		"HELM_CONFIG_HOME": {func(h *home, url string) {
			h.env["HELM_CONFIG_HOME"] = filepath.Dir(h.write("c/repositories.yaml", entry(url)))
		}, ""},
		"XDG_CONFIG_HOME": {func(h *home, url string) {
			h.env["XDG_CONFIG_HOME"] = filepath.Join(h.dir, "x")
			h.write("x/helm/repositories.yaml", entry(url))
		}, ""},
		"netrc": {func(h *home, _ string) { h.write(".netrc", "machine 127.0.0.1 login ada password "+secret) }, ""},
		"netrc lines": {func(h *home, _ string) {
			h.write(".netrc", "# a\nmacdef init\nmachine 127.0.0.1 login x\n\nmachine example.org login x\nmachine 127.0.0.1\n  login ada\n  password "+secret+"\n")
		}, ""},
		"NETRC": {func(h *home, _ string) { h.env["NETRC"] = h.write("n", "machine 127.0.0.1 login ada password "+secret) }, ""},
		"helm's before netrc": {func(h *home, url string) {
			h.write(".config/helm/repositories.yaml", entry(url))
			h.write(".netrc", "machine 127.0.0.1 login x password y")
		}, ""},
		"nothing":              {func(*home, string) {}, "401 Unauthorized"},
		"another repository's": {func(h *home, url string) { h.write(".config/helm/repositories.yaml", entry(url+"/other")) }, "401 Unauthorized"},
		"another scheme's": {func(h *home, url string) {
			h.write(".config/helm/repositories.yaml", entry("http"+strings.TrimPrefix(url, "https")))
		}, "401 Unauthorized"},
		"no password": {func(h *home, url string) {
			h.write(".config/helm/repositories.yaml", "repositories:\n- url: "+url+"\n  username: ada\n")
		}, "401 Unauthorized"},
		"another host's": {func(h *home, _ string) { h.write(".netrc", "machine example.org login ada password "+secret) }, "401 Unauthorized"},
		"netrc for all":  {func(h *home, _ string) { h.write(".netrc", "default login ada password "+secret) }, "401 Unauthorized"},
		"wrong password": {func(h *home, _ string) { h.write(".netrc", "machine 127.0.0.1 login ada password x") }, "401 Unauthorized"},
		"broken":         {func(h *home, url string) { h.write(".config/helm/repositories.yaml", "repositories: "+secret) }, "not a repositories.yaml of helm"},
		"not readable":   {func(h *home, _ string) { h.write(".config/helm/repositories.yaml/x", "") }, "repositories.yaml: is a directory"},
		"long":           {func(h *home, _ string) { h.write(".netrc", strings.Repeat("#", 5<<20)) }, ".netrc: longer than 4 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRepo(t)
			s.publish("web", "1.2.3")
			s.protect()
			h := newHome(t)
			tt.set(h, s.URL)
			err := lock(t, newClient(t, s, chart.Options{Getenv: h.getenv}), s.URL)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error has a password in it: %v", err)
			}
		})
	}
}

// TestCredentialsStay has archives on other hosts: the repository's credentials are not
// sent there, unless helm was told so.
func TestCredentialsStay(t *testing.T) {
	for name, all := range map[string]bool{"own host only": false, "pass_credentials_all": true} {
		t.Run(name, func(t *testing.T) {
			s, other := newRepo(t), newRepo(t)
			data := s.publish("web", "1.2.3")
			s.put("/index.yaml", []byte(indexOf("web", entryOf("web", "1.2.3", other.URL+"/web-1.2.3.tgz", content.Digest(data)))))
			s.protect()
			other.put("/web-1.2.3.tgz", data)
			h := newHome(t)
			text := "repositories:\n- url: " + s.URL + "\n  username: ada\n  password: " + secret + "\n"
			if all {
				text += "  pass_credentials_all: true\n"
			}
			h.write(".config/helm/repositories.yaml", text)
			if err := lock(t, newClient(t, s, chart.Options{Getenv: h.getenv}), s.URL); err != nil {
				t.Fatal(err)
			}
			if want := []string{map[bool]string{true: "ada:" + secret}[all]}; !slices.Equal(other.auth, want) {
				t.Errorf("the other host got %q, want %q", other.auth, want)
			}
		})
	}
}

// TestRedirect has a repository that redirects: its credentials stay.
func TestRedirect(t *testing.T) {
	s, other := newRepo(t), newRepo(t)
	other.put("/moved/web-1.2.3.tgz", s.publish("web", "1.2.3"))
	s.failing(func(w http.ResponseWriter, r *http.Request) bool {
		if user, _, _ := r.BasicAuth(); user != "ada" {
			w.WriteHeader(http.StatusUnauthorized)
		} else if strings.HasSuffix(r.URL.Path, ".tgz") {
			http.Redirect(w, r, other.URL+"/moved"+r.URL.Path, http.StatusFound)
		} else {
			return false
		}
		return true
	})
	h := newHome(t)
	h.write(".netrc", "machine 127.0.0.1 login ada password "+secret)
	if err := lock(t, newClient(t, s, chart.Options{Getenv: h.getenv}), s.URL); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(other.auth, []string{""}) {
		t.Errorf("the other host got %q", other.auth)
	}
}

// TestPlainHTTP has repositories without TLS.
func TestPlainHTTP(t *testing.T) {
	s := newPlainRepo(t)
	s.publish("web", "1.2.3")
	s.protect()
	// A name that is not of this machine, for this server.
	t.Setenv("NO_PROXY", "")
	proxied := &http.Transport{Proxy: nil, DialContext: (&redial{s}).dial}
	host := "charts.example.org"
	url := "http://" + host
	h := newHome(t)
	h.write(".netrc", "machine 127.0.0.1 login ada password "+secret+"\nmachine "+host+" login ada password "+secret+"\n")
	allowed := map[string]registry.Host{host: {PlainHTTP: true}}
	if err := lock(t, newClient(t, s, chart.Options{Getenv: h.getenv}), s.URL); err != nil {
		t.Errorf("this machine: %v", err)
	}
	s.auth = nil
	err := lock(t, newClient(t, s, chart.Options{Transport: proxied, Getenv: h.getenv}), url)
	if err == nil || !strings.Contains(err.Error(), "not encrypted") || len(s.auth) > 0 {
		t.Errorf("another machine: %v, %q", err, s.auth)
	}
	err = lock(t, newClient(t, s, chart.Options{Transport: proxied, Getenv: h.getenv, Hosts: allowed}), url)
	if err == nil || !strings.Contains(err.Error(), "401") || !slices.Equal(s.auth, []string{""}) {
		t.Errorf("allowed, with credentials: %v, %q", err, s.auth)
	}
	s.failing(nil)
	if err := lock(t, newClient(t, s, chart.Options{Transport: proxied, Getenv: h.getenv, Hosts: allowed}), url); err != nil {
		t.Errorf("allowed, without credentials: %v", err)
	}
}

// TestCA has the places where an authority can be named.
func TestCA(t *testing.T) {
	for name, tt := range map[string]struct {
		set func(h *home, s *repo) map[string]registry.Host
		err string
	}{
		"plumb.yaml": {func(h *home, s *repo) map[string]registry.Host {
			return map[string]registry.Host{strings.TrimPrefix(s.URL, "https://"): {CAFile: h.caFile(s)}}
		}, ""},
		"helm's": {func(h *home, s *repo) map[string]registry.Host {
			h.write(".config/helm/repositories.yaml", "repositories:\n- url: "+s.URL+"\n  caFile: "+h.caFile(s)+"\n")
			return nil
		}, ""},
		"not trusted": {func(*home, *repo) map[string]registry.Host { return nil }, "certificate signed by unknown authority"},
		"insecure": {func(h *home, s *repo) map[string]registry.Host {
			h.write(".config/helm/repositories.yaml", "repositories:\n- url: "+s.URL+"\n  insecure_skip_tls_verify: true\n")
			return nil
		}, "certificate signed by unknown authority"},
		"another host's": {func(h *home, s *repo) map[string]registry.Host {
			return map[string]registry.Host{"example.org": {CAFile: h.caFile(s)}}
		}, "certificate signed by unknown authority"},
		"missing": {func(h *home, s *repo) map[string]registry.Host {
			h.write(".config/helm/repositories.yaml", "repositories:\n- url: "+s.URL+"\n  caFile: /nonexistent\n")
			return nil
		}, "reading the CA file: open /nonexistent"},
		"no key": {func(h *home, s *repo) map[string]registry.Host {
			h.write(".config/helm/repositories.yaml", "repositories:\n- url: "+s.URL+"\n  caFile: "+h.caFile(s)+"\n  certFile: "+h.caFile(s)+"\n")
			return nil
		}, "certificate "},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRepo(t)
			s.publish("web", "1.2.3")
			h := newHome(t)
			hosts := tt.set(h, s)
			c := newClient(t, nil, chart.Options{Getenv: h.getenv, Hosts: hosts, Registry: newRegistry(t)})
			err := lock(t, c, s.URL)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
		})
	}
}

// TestURLs has URLs of repositories, and of archives in an index.
func TestURLs(t *testing.T) {
	for url, want := range map[string]string{
		"ftp://example.org":                "neither https://",
		"example.org/charts":               "neither https://",
		"https://":                         "no host",
		"https://ada:" + secret + "@x.org": "credentials in its URL",
		"http://example.org":               "not encrypted",
		"https://exa mple.org":             "malformed URL",
		"oci://charts":                     "no host",
		"oci://Example/charts":             "no host",
		"oci://example.org/Charts":         "is lower case",
	} {
		_, err := newClient(t, nil, chart.Options{}).Versions(t.Context(), chart.Name{Repo: url, Chart: "web"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	for url, want := range map[string]string{
		"web-1.2.3.tgz":                     "",
		"./web-1.2.3.tgz":                   "",
		"/charts/web-1.2.3.tgz":             "",
		"../charts/web-1.2.3.tgz":           "",
		"https://HOST/charts/web-1.2.3.tgz": "",
		"http://example.org/x.tgz":          "not encrypted",
		"file:///etc/passwd":                `unsupported scheme "file"`,
		"s3://bucket/x.tgz":                 `unsupported scheme "s3"`,
		"https://169.254.169.254/x":         "refused: the repository at 127.0.0.1 directs requests to 169.254.169.254",
		"oci://169.254.169.254/x:1":         "refused: the repository at 127.0.0.1 directs requests to 169.254.169.254",
		"https://[fe80::1]/x":               "refused",
		"https://[::ffff:169.254.1.1]/x":    "refused",
		"\":\"":                             "malformed URL",
	} {
		s := newRepo(t)
		data := pack("web", "1.2.3")
		s.put("/charts/web-1.2.3.tgz", data)
		url = strings.ReplaceAll(url, "HOST", strings.TrimPrefix(s.URL, "https://"))
		s.put("/charts/index.yaml", []byte(indexOf("web", entryOf("web", "1.2.3", url, content.Digest(data)))))
		err := lock(t, newClient(t, s, chart.Options{}), s.URL+"/charts")
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	// The query of the repository's URL, a signature perhaps, is that of the archives too.
	s := newRepo(t)
	s.publish("web", "1.2.3")
	if err := lock(t, newClient(t, s, chart.Options{}), s.URL+"?sig=x"); err != nil || s.count("/web-1.2.3.tgz?sig=x") != 1 || s.count("/index.yaml?sig=x") != 1 {
		t.Errorf("%v, %q", err, s.requests)
	}
	err := lock(t, newClient(t, s, chart.Options{}), s.URL+"/none?sig="+secret)
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("the query is in %v", err)
	}
}
