package config

import (
	"slices"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// registries returns what v, a mapping by host, says of registries.
func registries(v yaml.Value) map[string]Registry {
	all := map[string]Registry{}
	v.Entries(func(key, value yaml.Value) {
		name := key.Node.Value
		host, ok := canonicalHost(name)
		if !ok {
			key.Errorf("%s: %q is not a valid registry host: write it as in "+
				"registry.example.com:5000", v, name)
			return
		}
		if _, twice := all[host]; twice {
			key.Errorf("%s: duplicate %q, it is %s", v, name, host)
			return
		}
		all[host] = registry(value, host)
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

// registry returns what v says of the registry at a host.
func registry(v yaml.Value, host string) Registry {
	var r Registry
	v.Mapping(
		yaml.Field{Name: "plainHTTP", Read: yaml.Flag(&r.PlainHTTP)},
		yaml.Field{Name: "caFile", Read: yaml.Into(&r.CAFile)},
		yaml.Field{Name: "concurrency", Read: func(v yaml.Value) {
			r.Concurrency = v.Int(1, maxConcurrency)
		}},
		yaml.Field{Name: "timeout", Read: func(v yaml.Value) { r.Timeout = timeout(v) }},
		yaml.Field{Name: "mirrors", Read: func(v yaml.Value) { r.Mirrors = mirrors(v, host) }},
	)
	if r.PlainHTTP && r.CAFile != "" {
		v.Errorf("%s has both plainHTTP and caFile: plain HTTP checks no certificate", v)
	}
	return r
}

// mirrors returns the mirrors of a host that v lists, with canonical hosts.
func mirrors(v yaml.Value, host string) []string {
	var all []string
	v.Items(func(item yaml.Value) {
		s, ok := item.Text()
		if !ok {
			return
		}
		switch mirror, ok := canonicalMirror(s); {
		case !ok:
			item.Errorf("%s: %q is not a valid mirror: write host[:port][/prefix], as in "+
				"mirror.example.com/hub", item, s)
		case mirror == host:
			item.Errorf("%s: %q is the registry itself", item, s)
		case slices.Contains(all, mirror):
			item.Errorf("%s: duplicate %q, it is %s", item, s, mirror)
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

// maxConcurrency bounds the requests under way at one registry.
const maxConcurrency = 256

// maxTimeout bounds how long one request may be waited for.
const maxTimeout = 10 * time.Minute

// timeout returns the time for one request that v must be.
func timeout(v yaml.Value) time.Duration {
	s, _ := v.Plain()
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > maxTimeout {
		v.Errorf("%s must be a duration from 1s to 10m, as in 30s", v)
		return 0
	}
	return d
}
