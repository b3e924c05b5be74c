package transport_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// setting is how a hint names a field of a registry in plumb.yaml.
func setting(s *registrytest.Server, field string) string {
	return `plumb.yaml: registries: {"` + s.Host() + `": {` + field + "}}"
}

// TestHint has faults and how to fix them.
func TestHint(t *testing.T) {
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
			c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{s.Host(): {Timeout: 50 * time.Millisecond}}})
			if how != "hang" {
				c = newTransport(t, transport.Options{})
				doNotWait(c)
			}
			err := get(t.Context(), c, named(s, "acme/api", "v1"))
			want := strings.NewReplacer("HOST", s.Host(), "SETTING", strings.TrimSuffix(setting(s, ""), "}}")).Replace(want)
			var e *transport.Error
			if !errors.As(err, &e) || e.Hint() != want {
				t.Errorf("%v\n%q, want\n%q", err, e.Hint(), want)
			}
		})
	}
}

func TestHintForUnknownHost(t *testing.T) {
	err := get(t.Context(), newTransport(t, transport.Options{}), oci.Name{Host: "no-such-host.invalid", Repository: "a", Tag: "1"})
	var e *transport.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Hint(), "correct the host's name; ") {
		t.Errorf("hint of %v: %q", err, e.Hint())
	}
}

func TestHintForInvalidContent(t *testing.T) {
	e := transport.InvalidContent("example.com", "https://example.com/v2/a/manifests/1", errors.New("not a manifest"))
	if got := e.Hint(); !strings.HasPrefix(got, "report it to the operators of example.com; ") {
		t.Errorf("hint %q", got)
	}
	if got, want := e.Error(), "GET https://example.com/v2/a/manifests/1: not a manifest"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}
