package transport_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// recorder is a RoundTripper without a network that records URLs.
type recorder struct{ urls []string }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.urls = append(r.urls, req.URL.String())
	if req.URL.Scheme == "https" {
		return nil, tls.RecordHeaderError{Msg: "no TLS here"}
	}
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusServiceUnavailable)
	return w.Result(), nil
}

// TestPlainHTTP has hosts that get requests without TLS, and similar ones that do not.
func TestPlainHTTP(t *testing.T) {
	tests := []struct {
		host     string
		settings transport.HostOptions
		want     []string
	}{
		{"localhost", transport.HostOptions{}, []string{"https://localhost/v2/", "http://localhost/v2/"}},
		{"localhost:5000", transport.HostOptions{}, []string{"https://localhost:5000/v2/", "http://localhost:5000/v2/"}},
		{"127.1.2.3:5000", transport.HostOptions{}, []string{"https://127.1.2.3:5000/v2/", "http://127.1.2.3:5000/v2/"}},
		{"[::1]:5000", transport.HostOptions{}, []string{"https://[::1]:5000/v2/", "http://[::1]:5000/v2/"}},
		{"10.0.0.5:5000", transport.HostOptions{}, []string{"https://10.0.0.5:5000/v2/"}},
		{"192.168.1.1", transport.HostOptions{}, []string{"https://192.168.1.1/v2/"}},
		{"registry.localhost:5000", transport.HostOptions{}, []string{"https://registry.localhost:5000/v2/"}},
		{"127.0.0.1.example.com", transport.HostOptions{}, []string{"https://127.0.0.1.example.com/v2/"}},
		{"10.0.0.5:5000", transport.HostOptions{PlainHTTP: true}, []string{"http://10.0.0.5:5000/v2/"}},
		{"localhost:5000", transport.HostOptions{PlainHTTP: true}, []string{"http://localhost:5000/v2/"}},
		{"docker.io", transport.HostOptions{}, []string{"https://registry-1.docker.io/v2/"}},
	}
	for _, test := range tests {
		r := &recorder{}
		c := newTransport(t, transport.Options{Base: r, Hosts: map[string]transport.HostOptions{test.host: test.settings}})
		err := get(t.Context(), c, oci.Name{Host: test.host, Repository: "a", Tag: "v1"})
		var e *transport.Error
		if !errors.As(err, &e) || e.Host != test.host {
			t.Errorf("%s: %v", test.host, err)
		}
		if diff := cmp.Diff(test.want, slices.Compact(r.urls)); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", test.host, test.settings, diff)
		}
	}
}

// TestDroppedPing has a registry on the loopback interface that has TLS and drops its
// first connection. It is not taken for one without TLS.
func TestDroppedPing(t *testing.T) {
	n := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path != "/v2/" {
			serveManifest(w, r)
		}
	}))
	defer s.Close()
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	name := oci.Name{Host: strings.TrimPrefix(s.URL, "https://"), Repository: "acme/api", Tag: "v1"}
	c := newTransport(t, transport.Options{Base: s.Client().Transport})
	if err := get(t.Context(), c, name); err != nil {
		t.Error(err)
	}
}

// TestHintForPlainHTTP has a registry without TLS at a name that is not this machine's.
func TestHintForPlainHTTP(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	s.PushImage("acme/api", "v1", 1)
	dial := http.DefaultTransport.(*http.Transport).Clone()
	dial.Proxy = nil
	dial.DialContext = dialTo(s.Host())
	name := oci.Name{Host: "registry.test:5000", Repository: "acme/api", Tag: "v1"}
	for _, plain := range []bool{true, false} {
		c := newTransport(t, transport.Options{Base: dial, Hosts: map[string]transport.HostOptions{name.Host: {PlainHTTP: plain}}})
		err := get(t.Context(), c, name)
		if plain && err != nil {
			t.Error(err)
		}
		var e *transport.Error
		want := `to allow it, in plumb.yaml: registries: {"registry.test:5000": {plainHTTP: true}}`
		if !plain && (!errors.As(err, &e) || e.Hint() != want) {
			t.Errorf("got %v, want the hint %s", err, want)
		}
	}
	dial.CloseIdleConnections()
}

// TestPingFails has a host whose ping fails: one ping, tried as often as any request, is
// enough for many names.
func TestPingFails(t *testing.T) {
	for _, status := range []int{500, 503, 429, 404} {
		n := 0
		s := serveHost(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			w.WriteHeader(status)
		})
		c := newTransport(t, transport.Options{})
		for i := range 3 {
			err := get(t.Context(), c, oci.Name{Host: s, Repository: "a", Tag: fmt.Sprint(i)})
			var e *transport.Error
			if !errors.As(err, &e) || e.Status != status {
				t.Errorf("got %v, want %d", err, status)
			}
		}
		want := 6
		if status == 404 {
			want = 4 // such a host may still serve manifests
		}
		if n != want {
			t.Errorf("%d: %d requests, want %d", status, n, want)
		}
	}
}
