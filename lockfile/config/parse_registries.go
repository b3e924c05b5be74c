package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// registries returns what n, a mapping by host, says of registries.
func (p *parser) registries(n *yaml.Node) map[string]Registry {
	all := map[string]Registry{}
	p.keys(n, "registries", func(key, value *yaml.Node) {
		host, ok := canonicalHost(key.Value)
		if !ok {
			p.errorf(key, "registries: %q is no registry host: write it as in registry.example.com:5000", key.Value)
			return
		}
		if _, twice := all[host]; twice {
			p.errorf(key, "registries: %q stands twice, it is %s", key.Value, host)
			return
		}
		all[host] = p.registry(value, host, "registry "+key.Value)
	})
	return all
}

// canonicalHost returns the host as references to it are canonically written.
// ok is false if it is none.
func canonicalHost(host string) (canonical string, ok bool) {
	const repository = "plumb/plumb" // any will do
	name, err := oci.Parse(host + "/" + repository)
	if err != nil || name.Repository != repository {
		return "", false
	}
	return name.Host, true
}

func (p *parser) registry(n *yaml.Node, host, what string) Registry {
	var r Registry
	p.mapping(n, what,
		field{"plainHTTP", func(n *yaml.Node) { r.PlainHTTP = p.boolean(n, "plainHTTP") }},
		field{"caFile", func(n *yaml.Node) { r.CAFile, _ = p.text(n, "caFile") }},
		field{"concurrency", func(n *yaml.Node) { r.Concurrency = p.count(n, "concurrency") }},
		field{"timeout", func(n *yaml.Node) { r.Timeout = p.duration(n, "timeout") }},
		field{"mirrors", func(n *yaml.Node) { r.Mirrors = p.mirrors(n, host) }},
	)
	if r.PlainHTTP && r.CAFile != "" {
		p.errorf(n, "%s has both plainHTTP and caFile: plain HTTP checks no certificate", what)
	}
	return r
}

// mirrors returns the mirrors of a host that n lists, with canonical hosts.
func (p *parser) mirrors(n *yaml.Node, host string) []string {
	var all []string
	p.items(n, "mirrors", func(item *yaml.Node) {
		s, ok := p.text(item, "an item of mirrors")
		if !ok {
			return
		}
		switch mirror, ok := canonicalMirror(s); {
		case !ok:
			p.errorf(item, "mirrors: %q is no mirror: write host[:port][/prefix], as in mirror.example.com/hub", s)
		case mirror == host:
			p.errorf(item, "mirrors: %q is the registry itself", s)
		case slices.Contains(all, mirror):
			p.errorf(item, "mirrors: %q stands twice, it is %s", s, mirror)
		default:
			all = append(all, mirror)
		}
	})
	return all
}

// canonicalMirror returns a mirror with its host in canonical form.
func canonicalMirror(s string) (mirror string, ok bool) {
	host, prefix, below := strings.Cut(s, "/")
	if host, ok = canonicalHost(host); !ok || !below {
		return host, ok
	}
	name, err := oci.Parse(s + "/plumb")
	if err != nil || name.Host != host || name.Repository != prefix+"/plumb" {
		return "", false
	}
	return host + "/" + prefix, true
}

func (p *parser) boolean(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		p.errorf(n, "%s must be true or false, not %s", what, describe(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// maxConcurrency bounds the requests under way at one registry.
const maxConcurrency = 256

func (p *parser) count(n *yaml.Node, what string) int {
	count, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil || count < 1 || count > maxConcurrency {
		p.errorf(n, "%s must be a number from 1 to %d", what, maxConcurrency)
		return 0
	}
	return count
}

// maxTimeout bounds how long one request may be waited for.
const maxTimeout = 10 * time.Minute

func (p *parser) duration(n *yaml.Node, what string) time.Duration {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d < time.Second || d > maxTimeout {
		p.errorf(n, "%s must be a duration from 1s to 10m, as in 30s", what)
		return 0
	}
	return d
}
