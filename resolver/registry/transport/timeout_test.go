package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// TestCancel cancels while the registry does not respond, at each step.
func TestCancel(t *testing.T) {
	for _, at := range []string{"/v2/", "/manifests/", "half a body"} {
		t.Run(at, func(t *testing.T) {
			reached := make(chan struct{}, 1)
			name := oci.Name{Repository: "acme/api", Tag: "v1"}
			stop := hang(t, &name, at, reached)
			before := runtime.NumGoroutine()
			c := newTransport(t, transport.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-reached
				cancel()
			}()
			err := get(ctx, c, name)
			var e *transport.Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) {
				t.Errorf("got %v", err)
			}
			stop()
			c.Close()
			noLeak(t, before)
		})
	}
}

// hang starts a server that does not respond to requests for a path, and returns a
// function that stops it.
func hang(t *testing.T, name *oci.Name, at string, reached chan<- struct{}) (stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	name.Host = listener.Addr().String()
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		half := at == "half a body" && strings.Contains(r.URL.Path, "/manifests/")
		switch {
		case r.URL.Path == at || at != "/v2/" && strings.Contains(r.URL.Path, at):
			reached <- struct{}{}
			<-r.Context().Done()
		case half:
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			reached <- struct{}{}
			<-r.Context().Done()
		case r.URL.Path != "/v2/":
			serveManifest(w, r)
		}
	})}
	go s.Serve(listener)
	t.Cleanup(func() { s.Close() })
	return func() { s.Close() }
}

// noLeak waits until there are no more goroutines than before.
func noLeak(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	listener.Close()
	c := newTransport(t, transport.Options{})
	err = get(t.Context(), c, oci.Name{Host: host, Repository: "a", Tag: "v1"})
	var e *transport.Error
	if !errors.As(err, &e) || e.Status != 0 || e.Host != host || err.Error() != "GET https://"+host+"/v2/: connection refused by "+host+" (tried 2 times)" {
		t.Errorf("got %v", err)
	}
}

// TestTimeout has responses that do not begin, or do not end.
func TestTimeout(t *testing.T) {
	for _, how := range []string{"hang", "drip"} {
		s := registrytest.New(t, registrytest.Options{})
		s.Fail(fault(t, how))
		c := newTransport(t, transport.Options{Hosts: map[string]transport.HostOptions{s.Host(): {Timeout: 30 * time.Millisecond}}})
		err := get(t.Context(), c, named(s, "acme/api", "v1"))
		want := "GET http://" + s.Host() + "/v2/: no complete response within 30ms (tried 2 times)"
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", how, err, want)
		}
	}
}
