package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/gitref"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// Registries gives commands their clients of registries, each made when it is first
// needed.
type Registries struct {
	// IO says which plumb the registries are told of, and traces the requests.
	IO *IO

	clients map[string]*Registry // by what they were told
	git     *gitref.Client       // nil until it is needed
}

// Sources returns what resolves the git sources, charts and URLs of a lock root, each asked
// once in a run. The error is a *lockroot.InvalidError.
func (s *Registries) Sources(r *lockroot.Root) (*resolver.Sources, error) {
	reg, err := s.For(r)
	if err != nil {
		return nil, err
	}
	if reg.sources != nil {
		return reg.sources, nil
	}
	o := chart.Options{Registry: reg.Client, Hosts: reg.hosts, UserAgent: s.userAgent()}
	if s.IO.Verbose {
		o.Trace = s.IO.traceExchange
	}
	charts, err := chart.New(o)
	if err != nil {
		return nil, &lockroot.InvalidError{Err: err}
	}
	files, err := fetch.New(fetch.Options{
		Hosts: reg.hosts, UserAgent: s.userAgent(), Trace: o.Trace,
	})
	if err != nil {
		return nil, &lockroot.InvalidError{Err: err}
	}
	if s.git == nil {
		o := gitref.Options{WorkTree: s.IO.Dir}
		if dir, err := os.UserCacheDir(); err == nil {
			o.Dir = filepath.Join(dir, "plumb", "git")
		}
		s.git = gitref.New(o)
	}
	reg.sources = &resolver.Sources{Git: s.git, Charts: charts, Files: files}
	return reg.sources, nil
}

// Close removes what the clients have fetched for this run alone.
func (s *Registries) Close() {
	if s.git != nil {
		_ = s.git.Close() // what stays is in the folder for temporary files
	}
}

// userAgent is how requests name the program.
func (s *Registries) userAgent() string { return "plumb/" + s.IO.Build.Version }

// Registry is a client of registries as a lock root's plumb.yaml wants it.
type Registry struct {
	// Registry queries each name once in a run.
	resolver.Registry
	// Client is the client beneath it.
	Client *registry.Client

	hosts   map[string]registry.Host
	sources *resolver.Sources // nil until they are needed
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
	o := registry.Options{UserAgent: s.userAgent(), Hosts: hosts,
		Keychain: chart.Keychain(os.Getenv)}
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
	s.clients[key] = &Registry{Registry: resolver.Remember(c), Client: c, hosts: hosts}
	return s.clients[key], nil
}
