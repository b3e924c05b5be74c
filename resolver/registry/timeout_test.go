package registry_test

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

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestCancel cancels while the registry does not answer, at each step.
func TestCancel(t *testing.T) {
	for _, at := range []string{"/v2/", "/manifests/", "/blobs/", "half a body"} {
		t.Run(at, func(t *testing.T) {
			reached := make(chan struct{}, 1)
			name := oci.Name{Repository: "acme/api", Tag: "v1"}
			stop := hang(t, &name, at, reached)
			before := runtime.NumGoroutine()
			c := newClient(t, registry.Options{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-reached
				cancel()
			}()
			_, err := c.Resolve(ctx, name, lockfile.Image, nil)
			var e *registry.Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) {
				t.Errorf("got %v", err)
			}
			stop()
			c.Close()
			noLeak(t, before)
		})
	}
}

// hang starts a server that does not answer requests for the path given, and
// returns what stops it.
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
			io.WriteString(w, manifest[:20])
			w.(http.Flusher).Flush()
			reached <- struct{}{}
			<-r.Context().Done()
		case r.URL.Path != "/v2/":
			answer{body: manifest}.ServeHTTP(w, r)
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

func TestNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	listener.Close()
	c := newClient(t, registry.Options{})
	_, err = c.Resolve(t.Context(), oci.Name{Host: host, Repository: "a", Tag: "v1"}, lockfile.Image, nil)
	var e *registry.Error
	if !errors.As(err, &e) || e.Status != 0 || e.Host != host || err.Error() != "GET https://"+host+"/v2/: connection refused by "+host+" (tried 2 times)" {
		t.Errorf("got %v", err)
	}
}
