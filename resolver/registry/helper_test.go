//go:build unix

package registry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// program puts a credential helper into PATH, a shell script that also writes down
// what it was asked for.
func (h testHome) program(suffix, script string) {
	h.t.Helper()
	name := "bin/docker-credential-" + suffix
	h.write(name, "#!/bin/sh\nread -r server\necho \"$1 $server\" >>"+h.path("asked")+"\n"+script+"\n")
	if err := os.Chmod(h.path(name), 0o700); err != nil {
		h.t.Fatal(err)
	}
}

// asked returns what the helpers were asked for.
func (h testHome) asked() []string {
	data, _ := os.ReadFile(h.path("asked"))
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// TestHelpers has the ways to name a helper, and what goes before what.
func TestHelpers(t *testing.T) {
	w := newWhoIs(t)
	says := func(user string) string {
		return `printf '{"ServerURL":"x","Username":"` + user + `","Secret":"` + secret + `"}'`
	}
	const none = "echo 'credentials not found in native keychain'; exit 1"
	tests := map[string]struct {
		config string
		want   string
		asked  string // for each of the helpers; "" for none
	}{
		"credHelpers":                  {`{"credHelpers":{"HOST":"one"}}`, "one", "get HOST"},
		"credsStore":                   {`{"credsStore":"one"}`, "one", "get HOST"},
		"credHelpers before store":     {`{"credsStore":"two","credHelpers":{"HOST":"one"}}`, "one", "get HOST"},
		"another host's helper":        {`{"credHelpers":{"example.com":"one"}}`, "", ""},
		"helper before auths":          {`{"credHelpers":{"HOST":"one"},"auths":{` + login("HOST", "file") + `}}`, "one", "get HOST"},
		"store before auths":           {`{"credsStore":"one","auths":{` + login("HOST", "file") + `}}`, "one", "get HOST"},
		"store that has none":          {`{"credsStore":"none","auths":{` + login("HOST", "file") + `}}`, "file", "get HOST"},
		"helper that has none":         {`{"credHelpers":{"HOST":"none"}}`, "", "get HOST"},
		"helper that has none, store":  {`{"credsStore":"two","credHelpers":{"HOST":"none"}}`, "", "get HOST"},
		"longer path before helper":    {`{"credHelpers":{"HOST":"one"},"auths":{` + login("HOST/acme", "path") + `}}`, "path", ""},
		"helper of a path":             {`{"credHelpers":{"HOST/acme":"one"},"auths":{` + login("HOST", "file") + `}}`, "one", "get HOST"},
		"helper of another path":       {`{"credHelpers":{"HOST/other":"one"},"auths":{` + login("HOST", "file") + `}}`, "file", ""},
		"as docker logs in to a store": {`{"credsStore":"one","auths":{"HOST":{}}}`, "one", "get HOST"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			for _, user := range []string{"one", "two"} {
				h.program(user, says(user))
			}
			h.program("none", none)
			h.write(".docker/config.json", strings.ReplaceAll(test.config, "HOST", w.host))
			seen, err := w.ask(t, "acme/api", "acme/web", "acme/db")
			if err != nil || seen["acme/api"] != test.want || seen["acme/db"] != test.want {
				t.Errorf("%v, %v, want %q", seen, err, test.want)
			}
			if diff := cmp.Diff([]string{strings.ReplaceAll(test.asked, "HOST", w.host)}, h.asked()); diff != "" {
				t.Errorf("the helper was asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHelperFails has helpers that cannot help: each is named where its host is
// asked, and nowhere else; what it prints is not repeated.
func TestHelperFails(t *testing.T) {
	tests := map[string]struct{ helper, script, want string }{
		"missing":     {"gone", "", "docker-credential-gone, which CONFIG names: there is no such program in PATH"},
		"fails":       {"acr", "echo " + secret + "; echo " + secret + " >&2; exit 3", "docker-credential-acr, which CONFIG names: exit status 3; to see what it says: echo HOST | docker-credential-acr get"},
		"no JSON":     {"gcloud", "echo " + secret, "docker-credential-gcloud, which CONFIG names: its answer is not in JSON"},
		"half JSON":   {"gcloud", `printf '{"Secret":"` + secret + `"'`, "docker-credential-gcloud, which CONFIG names: its answer is not in JSON"},
		"too long":    {"ecr-login", "head -c 2000000 /dev/zero; exit 0", "docker-credential-ecr-login, which CONFIG names: "},
		"of a folder": {"../bin/x", "", "docker-credential-../bin/x, which CONFIG names: this is no name of a program"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, other := newWhoIs(t), newWhoIs(t)
			h := newHome(t)
			if test.script != "" {
				h.program(test.helper, test.script)
			}
			config := h.path(".docker/config.json")
			h.write(".docker/config.json", fmt.Sprintf(`{"credHelpers":{%q:%q},"auths":{%s}}`, w.host, test.helper, login(other.host, "ann")))
			_, err := w.ask(t, "acme/api")
			want := "reading the credentials for " + w.host + ": " + strings.NewReplacer("CONFIG", config, "HOST", w.host).Replace(test.want)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, want)
			}
			if seen, err := other.ask(t, "acme/api"); err != nil || seen["acme/api"] != "ann" {
				t.Errorf("another host: %v, %v", seen, err)
			}
		})
	}
}

// TestHelperHangs gives up a helper with its caller.
func TestHelperHangs(t *testing.T) {
	w := newWhoIs(t)
	h := newHome(t)
	h.program("slow", "echo $$ >"+h.path("pid.new")+"; mv "+h.path("pid.new")+" "+h.path("pid")+"; exec sleep 600")
	h.write(".docker/config.json", `{"credsStore":"slow"}`)
	ctx, cancel := context.WithCancel(t.Context())
	pid := make(chan int, 1)
	go func() {
		defer cancel()
		for ; t.Context().Err() == nil; time.Sleep(time.Millisecond) {
			if data, err := os.ReadFile(h.path("pid")); err == nil {
				n, _ := strconv.Atoi(strings.TrimSpace(string(data)))
				pid <- n
				return
			}
		}
	}()
	c, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Resolve(ctx, oci.Name{Host: w.host, Repository: "acme/api"}, lockfile.Image, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := syscall.Kill(<-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the helper still runs (%v)", err)
	}
}

// TestHelperTokens has a helper that gives an identity token, as acr's does, which
// the token server exchanges.
func TestHelperTokens(t *testing.T) {
	var got []string
	var host string
	host = httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			_ = r.ParseForm()
			got = append(got, r.Method+" "+r.Form.Get("grant_type")+" "+r.Form.Get("refresh_token"))
			fmt.Fprint(w, `{"access_token":"leave"}`)
		case r.Header.Get("Authorization") != "Bearer leave":
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			fmt.Fprint(w, `{"schemaVersion":2,"mediaType":"`+ociIndex+`","manifests":[]}`)
		}
	})
	h := newHome(t)
	h.program("acr", `printf '{"Username":"<token>","Secret":"`+secret+`"}'`)
	h.write(".docker/config.json", `{"credsStore":"acr"}`)
	c, err := registry.New(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Resolve(t.Context(), oci.Name{Host: host, Repository: "acme/api"}, lockfile.Image, nil); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"POST refresh_token " + secret}, got); diff != "" {
		t.Errorf("the token server was asked (-want +got):\n%s", diff)
	}
}

// TestDockerHubCredentials has the names of Docker Hub in such files.
func TestDockerHubCredentials(t *testing.T) {
	tests := map[string]struct{ config, want string }{
		"legacy":       {auths(login("https://index.docker.io/v1/", "legacy")), "legacy"},
		"bare":         {auths(login("index.docker.io", "bare")), "bare"},
		"podman's":     {auths(login("docker.io", "podman")), "podman"},
		"both":         {auths(login("docker.io", "podman"), login("https://index.docker.io/v1/", "legacy")), "podman"},
		"organization": {auths(login("docker.io/acme", "acme"), login("https://index.docker.io/v1/", "legacy")), "acme"},
		"store":        {`{"credsStore":"store"}`, "store"},
		"helper":       {`{"credHelpers":{"https://index.docker.io/v1/":"store"}}`, "store"},
		"another host": {auths(login("ghcr.io", "nobody")), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWhoIs(t)
			h := newHome(t)
			h.program("store", `printf '{"Username":"store","Secret":"`+secret+`"}'`)
			h.write(".docker/config.json", test.config)
			c, err := registry.New(registry.Options{
				Transport: &http.Transport{DialContext: dialTo(w.host)},
				Hosts:     map[string]registry.Host{"docker.io": {PlainHTTP: true}},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.Resolve(t.Context(), oci.Name{Host: "docker.io", Repository: "acme/api"}, lockfile.Image, nil); err != nil {
				t.Fatal(err)
			}
			if got := w.seen["acme/api"]; got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if asked := h.asked(); test.want == "store" && asked[0] != "get https://index.docker.io/v1/" {
				t.Errorf("the helper was asked %q", asked)
			}
		})
	}
}
