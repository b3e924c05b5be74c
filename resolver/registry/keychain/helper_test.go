//go:build unix

package keychain_test

import (
	"context"
	"errors"
	"fmt"
	"net"
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

// helper puts a credential helper into PATH, a shell script that also records the
// server that it gets.
func (h testHome) helper(suffix, script string) {
	h.t.Helper()
	name := "bin/docker-credential-" + suffix
	h.write(name, "#!/bin/sh\nread -r server\necho \"$1 $server\" >>"+h.path("calls")+"\n"+script+"\n")
	if err := os.Chmod(h.path(name), 0o700); err != nil {
		h.t.Fatal(err)
	}
}

// calls returns the calls of helpers.
func (h testHome) calls() []string {
	data, _ := os.ReadFile(h.path("calls"))
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// TestHelpers has the ways to name a helper, and what goes before what.
func TestHelpers(t *testing.T) {
	w := newUserRecorder(t)
	says := func(user string) string {
		return `printf '{"ServerURL":"x","Username":"` + user + `","Secret":"` + secret + `"}'`
	}
	const none = "echo 'credentials not found in native keychain'; exit 1"
	tests := map[string]struct {
		config string
		want   string
		call   string // of the helper; "" for none
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
				h.helper(user, says(user))
			}
			h.helper("none", none)
			h.write(".docker/config.json", strings.ReplaceAll(test.config, "HOST", w.host))
			seen, err := w.resolve(t, "acme/api", "acme/web", "acme/db")
			if err != nil || seen["acme/api"] != test.want || seen["acme/db"] != test.want {
				t.Errorf("%v, %v, want %q", seen, err, test.want)
			}
			if diff := cmp.Diff([]string{strings.ReplaceAll(test.call, "HOST", w.host)}, h.calls()); diff != "" {
				t.Errorf("calls of the helper (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHelperFails has helpers that fail: the error names the helper, does not repeat its
// output, and is only for the helper's host.
func TestHelperFails(t *testing.T) {
	tests := map[string]struct{ helper, script, want string }{
		"missing":     {"gone", "", "docker-credential-gone (from CONFIG): not found in PATH"},
		"fails":       {"acr", "echo " + secret + "; echo " + secret + " >&2; exit 3", "docker-credential-acr (from CONFIG): exit status 3; to see its output: echo HOST | docker-credential-acr get"},
		"no JSON":     {"gcloud", "echo " + secret, "docker-credential-gcloud (from CONFIG): its output is not valid JSON"},
		"half JSON":   {"gcloud", `printf '{"Secret":"` + secret + `"'`, "docker-credential-gcloud (from CONFIG): its output is not valid JSON"},
		"too long":    {"ecr-login", "head -c 2000000 /dev/zero; exit 0", "docker-credential-ecr-login (from CONFIG): "},
		"of a folder": {"../bin/x", "", "docker-credential-../bin/x (from CONFIG): invalid helper name"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, other := newUserRecorder(t), newUserRecorder(t)
			h := newHome(t)
			if test.script != "" {
				h.helper(test.helper, test.script)
			}
			config := h.path(".docker/config.json")
			h.write(".docker/config.json", fmt.Sprintf(`{"credHelpers":{%q:%q},"auths":{%s}}`, w.host, test.helper, login(other.host, "ann")))
			_, err := w.resolve(t, "acme/api")
			want := "reading the credentials for " + w.host + ": " + strings.NewReplacer("CONFIG", config, "HOST", w.host).Replace(test.want)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, want)
			}
			if seen, err := other.resolve(t, "acme/api"); err != nil || seen["acme/api"] != "ann" {
				t.Errorf("another host: %v, %v", seen, err)
			}
		})
	}
}

// TestHelperHangs checks that a helper ends with its caller's context.
func TestHelperHangs(t *testing.T) {
	w := newUserRecorder(t)
	h := newHome(t)
	h.helper("slow", "echo $$ >"+h.path("pid.new")+"; mv "+h.path("pid.new")+" "+h.path("pid")+"; exec sleep 600")
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
	c := newClient(t, registry.Options{})
	if _, err := c.Resolve(ctx, oci.Name{Host: w.host, Repository: "acme/api"}, lockfile.Image, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := syscall.Kill(<-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the helper still runs (%v)", err)
	}
}

// TestHelperTokens has a helper that returns an identity token, as acr's does, which the
// token server exchanges.
func TestHelperTokens(t *testing.T) {
	var got []string
	var host string
	host = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			_ = r.ParseForm()
			got = append(got, r.Method+" "+r.Form.Get("grant_type")+" "+r.Form.Get("refresh_token"))
			fmt.Fprint(w, `{"access_token":"good"}`)
		case r.Header.Get("Authorization") != "Bearer good":
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			fmt.Fprint(w, smallIndex)
		}
	})
	h := newHome(t)
	h.helper("acr", `printf '{"Username":"<token>","Secret":"`+secret+`"}'`)
	h.write(".docker/config.json", `{"credsStore":"acr"}`)
	c := newClient(t, registry.Options{})
	if _, err := c.Resolve(t.Context(), oci.Name{Host: host, Repository: "acme/api"}, lockfile.Image, nil); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"POST refresh_token " + secret}, got); diff != "" {
		t.Errorf("requests to the token server (-want +got):\n%s", diff)
	}
}

// TestDockerHubCredentials has the names of Docker Hub in credentials files.
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
			w := newUserRecorder(t)
			h := newHome(t)
			h.helper("store", `printf '{"Username":"store","Secret":"`+secret+`"}'`)
			h.write(".docker/config.json", test.config)
			dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, w.host)
			}
			// As if the connection were encrypted: credentials go over no other.
			c := newClient(t, registry.Options{Transport: &http.Transport{DialTLSContext: dial}})
			if _, err := c.Resolve(t.Context(), oci.Name{Host: "docker.io", Repository: "acme/api"}, lockfile.Image, nil); err != nil {
				t.Fatal(err)
			}
			if got := w.seen["acme/api"]; got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if calls := h.calls(); test.want == "store" && calls[0] != "get https://index.docker.io/v1/" {
				t.Errorf("the helper got %q", calls)
			}
		})
	}
}
