package main

import (
	"path/filepath"

	"github.com/plumb-dev/plumb/resolver/config"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// newClient returns a registry client as plumb.yaml in dir wants it.
func newClient(dir string, cfg *config.Config) (*registry.Client, error) {
	o := registry.Options{UserAgent: "plumb/" + buildVersion(), Hosts: map[string]registry.Host{}}
	for host, r := range cfg.Registries {
		ca := r.CAFile
		if ca != "" && !filepath.IsAbs(ca) {
			ca = filepath.Join(dir, filepath.FromSlash(ca))
		}
		o.Hosts[host] = registry.Host{PlainHTTP: r.PlainHTTP, CAFile: ca, Concurrency: r.Concurrency}
	}
	return registry.New(o)
}
