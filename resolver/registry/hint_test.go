package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// setting is what a hint says of a field of a registry in plumb.yaml.
func setting(s *registrytest.Server, field string) string {
	return `plumb.yaml: registries: {"` + s.Host() + `": {` + field + "}}"
}

// TestEachFailureHasAHint has what goes wrong with a registry, and what mends it.
func TestEachFailureHasAHint(t *testing.T) {
	const mirror = "; to try a mirror first, in SETTINGmirrors: [MIRROR]}}"
	const people = "report it to the operators of HOST; to go on without it, add it to exceptions in plumb.yaml"
	for how, want := range map[string]string{
		"403":              "to log in: docker login HOST",
		"429":              "to log in: docker login HOST" + mirror,
		"500":              "it may be transient: run the command again later" + mirror,
		"503-after-3600s":  "it may be transient: run the command again later" + mirror,
		"drop":             "it may be transient: run the command again later" + mirror,
		"cut":              "it may be transient: run the command again later" + mirror,
		"hang":             "to give it more time, in SETTINGtimeout: 60s}}",
		"redirect-loop":    people,
		"redirect-private": people,
		"451":              people,
	} {
		t.Run(how, func(t *testing.T) {
			s := registrytest.New(t, registrytest.Options{})
			s.Fail(registrytest.At("/manifests/", fault(t, how)))
			c := newClient(t, registry.Options{Hosts: map[string]registry.Host{s.Host(): {Timeout: 50 * time.Millisecond}}})
			if how != "hang" {
				c = newClient(t, registry.Options{})
				c.DoNotWait()
			}
			_, err := c.Resolve(t.Context(), named(s, "acme/api", "v1"), lockfile.Image, nil)
			want := strings.NewReplacer("HOST", s.Host(), "SETTING", strings.TrimSuffix(setting(s, ""), "}}")).Replace(want)
			var e *registry.Error
			if !errors.As(err, &e) || e.Hint() != want {
				t.Errorf("%v\n%q, want\n%q", err, e.Hint(), want)
			}
		})
	}
}

// TestHintForLies has content that is not what it should be, and a name that does
// not resolve.
func TestHintForLies(t *testing.T) {
	host := httptestHost(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			w.Header().Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64))
			_, _ = w.Write([]byte("{}"))
		}
	})
	for host, want := range map[string]string{
		host:                   "report it to the operators of " + host + "; ",
		"no-such-host.invalid": "correct the host's name; ",
	} {
		_, err := newClient(t, registry.Options{}).Resolve(t.Context(), oci.Name{Host: host, Repository: "a", Tag: "1"}, lockfile.Image, nil)
		var e *registry.Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Hint(), want) {
			t.Errorf("%v: %v, want the hint %q", host, err, want)
		}
	}
}
