package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// Registries gives commands their clients of registries, each made when it is first
// needed.
type Registries struct {
	// IO says which plumb the registries are told of, and traces the requests.
	IO *IO

	clients map[string]*Registry // by what they were told
}

// Registry is a client of registries as a lock root's plumb.yaml wants it.
type Registry struct {
	// Registry queries each name once in a run.
	resolver.Registry
	// Client is the client beneath it.
	Client *registry.Client
}

// For returns the client for a lock root. Lock roots that want the same share one, so
// that a name that several of them track is queried once. The error is a
// *lockroot.InvalidError.
func (s *Registries) For(r *lockroot.Root) (*Registry, error) {
	hosts := map[string]registry.Host{}
	for host, c := range r.Config.Registries {
		ca := c.CAFile
		if ca != "" && !filepath.IsAbs(ca) {
			ca = filepath.Join(r.Dir, filepath.FromSlash(ca))
		}
		hosts[host] = registry.Host{
			PlainHTTP: c.PlainHTTP, CAFile: ca, Concurrency: c.Concurrency,
			Timeout: c.Timeout, Mirrors: c.Mirrors,
		}
	}
	key := fmt.Sprintf("%#v", hosts) // which sorts the hosts
	if c := s.clients[key]; c != nil {
		return c, nil
	}
	o := registry.Options{UserAgent: "plumb/" + s.IO.Build.Version, Hosts: hosts}
	if s.IO.Verbose {
		o.Trace = s.IO.traceExchange
	}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "plumb", "content")
	}
	c, err := registry.New(o)
	if err != nil {
		return nil, &lockroot.InvalidError{Err: err}
	}
	if s.clients == nil {
		s.clients = map[string]*Registry{}
	}
	s.clients[key] = &Registry{resolver.Remember(c), c}
	return s.clients[key], nil
}
