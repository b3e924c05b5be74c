package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// What is to be locked: so many names in so many repositories on so many hosts,
// each of which answers after a delay.
const (
	names        = 500
	repositories = 318
	hosts        = 5
	delay        = 20 * time.Millisecond
	concurrency  = 8 // requests under way at once per host, plumb's default
)

// fleet is a number of registries.
type fleet struct {
	servers []*registrytest.Server
	names   []pushed
}

// pushed is a tracked name that a registry has.
type pushed struct {
	Host, Repository, Tag string
	Index                 bool // an index of two platforms, else one image
}

// startFleet starts the registries and fills them.
func startFleet() (*fleet, error) {
	f := &fleet{}
	for range hosts {
		s, err := registrytest.Start(registrytest.Options{Token: true, Delay: delay})
		if err != nil {
			f.close()
			return nil, err
		}
		f.servers = append(f.servers, s)
	}
	for i := range names {
		repository := i % repositories
		s := f.servers[repository%hosts]
		p := pushed{s.Host(), fmt.Sprintf("team-%d/app-%d", repository%40, repository),
			fmt.Sprintf("1.%d", i/repositories), i%5 < 3}
		if p.Index {
			s.PushIndex(p.Repository, p.Tag, i+1)
		} else {
			s.PushImage(p.Repository, p.Tag, i+1)
		}
		f.names = append(f.names, p)
	}
	return f, nil
}

func (f *fleet) close() {
	for _, s := range f.servers {
		s.Close()
	}
}

func (f *fleet) reset() {
	for _, s := range f.servers {
		s.Reset()
	}
}

// requests counts the requests since reset that contain text.
func (f *fleet) requests(text string) int {
	n := 0
	for _, s := range f.servers {
		n += s.Count(text)
	}
	return n
}

// formula is how many requests a lock of all names may take: one challenge a
// host, one token a repository, one GET a name and one for each platform's
// config.
func (f *fleet) formula() int {
	n := hosts + repositories
	for _, p := range f.names {
		n += 2
		if p.Index {
			n++
		}
	}
	return n
}

// writeRepository writes a repository that refers to each name once, and to
// none by digest.
func (f *fleet) writeRepository(dir string) error {
	var config strings.Builder
	config.WriteString("apiVersion: plumb.dev/v1\nkind: Config\nregistries:\n")
	for _, s := range f.servers {
		fmt.Fprintf(&config, "  %s: {plainHTTP: true}\n", s.Host())
	}
	if err := os.MkdirAll(filepath.Join(dir, "apps"), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "plumb.lock")); err != nil {
		return err
	}
	file := filepath.Join(dir, "plumb.yaml")
	if err := os.WriteFile(file, []byte(config.String()), 0o644); err != nil {
		return err
	}
	for i, p := range f.names {
		name := fmt.Sprintf("app-%d", i)
		text := deployment(name, "main", p.Host+"/"+p.Repository+":"+p.Tag)
		file := filepath.Join(dir, "apps", name+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writePlan writes what the bare client is to fetch.
func (f *fleet) writePlan(file string) error {
	data, err := json.Marshal(f.names)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
