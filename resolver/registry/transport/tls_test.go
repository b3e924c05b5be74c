package transport_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// caFile writes a server's authority to a file.
func caFile(t *testing.T, s *registrytest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, s.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTLS(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{TLS: true, Token: true})
	other := registrytest.New(t, registrytest.Options{TLS: true})
	s.PushIndex("acme/api", "v1", 1)
	protocols := make(map[string]bool)
	var mu sync.Mutex
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		protocols[r.Proto] = true
		return false
	})
	tests := map[string]struct {
		host transport.HostOptions
		ok   bool
	}{
		"CA file":           {transport.HostOptions{CAFile: caFile(t, s)}, true},
		"no CA file":        {transport.HostOptions{}, false},
		"another's CA file": {transport.HostOptions{CAFile: caFile(t, other)}, false},
		"plain HTTP":        {transport.HostOptions{PlainHTTP: true}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s.Reset()
			c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{s.Host(): test.host}})
			err := get(t.Context(), c, named(s, "acme/api", "v1"))
			if (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
			if n := s.Count(""); !test.ok && n != 0 {
				t.Errorf("%d requests came through: %q", n, s.Requests())
			}
			var e *transport.Error
			if strings.Contains(name, "no CA") {
				if want := "to trust its CA, in " + setting(s, "caFile: FILE"); !errors.As(err, &e) || e.Hint() != want {
					t.Errorf("hint %q of %v, want %q", e.Hint(), err, want)
				}
			}
		})
	}
	if diff := cmp.Diff(map[string]bool{"HTTP/2.0": true}, protocols); diff != "" {
		t.Errorf("protocols (-want +got):\n%s", diff)
	}
}

func TestCAFileThatIsNone(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("# nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		empty:                  "registry example.com: CA file " + empty + ": no certificate in PEM form",
		empty + ".does-not-be": "registry example.com: reading the CA file: open ",
	} {
		_, err := transport.New(transport.Options{Hosts: map[string]transport.HostOptions{"example.com": {CAFile: file}}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
