package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// client speaks to registries.
type client struct {
	resolver.Registry
	transport http.RoundTripper // for libraries that speak to them by themselves
	configs   *registry.Client  // for what a lock does not resolve
}

// client returns a registry client as plumb.yaml in dir wants it. Lock roots
// that want the same share one, so that a name that several of them track is
// asked for once.
func (s *session) client(dir string, cfg *config.Config) (*client, error) {
	hosts := map[string]registry.Host{}
	for host, r := range cfg.Registries {
		ca := r.CAFile
		if ca != "" && !filepath.IsAbs(ca) {
			ca = filepath.Join(dir, filepath.FromSlash(ca))
		}
		hosts[host] = registry.Host{PlainHTTP: r.PlainHTTP, CAFile: ca, Concurrency: r.Concurrency, Timeout: r.Timeout, Mirrors: r.Mirrors}
	}
	key := fmt.Sprintf("%#v", hosts) // which sorts the hosts
	if c := s.clients[key]; c != nil {
		return c, nil
	}
	o := registry.Options{UserAgent: "plumb/" + s.Build.Version, Hosts: hosts}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "plumb", "content")
	}
	c, err := registry.New(o)
	if err != nil {
		return nil, err
	}
	if s.clients == nil {
		s.clients = map[string]*client{}
	}
	s.clients[key] = &client{resolver.Remember(c), c.RoundTripper(), c}
	return s.clients[key], nil
}
