package resolver

import (
	"context"
	"fmt"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// Remember returns a Registry that queries reg once for each name, unless that failed.
// So a name that several lock roots track costs one request, and means the same in all
// of them even if its tag moves meanwhile. It is meant for one command: it keeps what it
// has read for as long as it lives.
func Remember(reg Registry) Registry {
	return &remembering{reg: reg, contents: map[string]registry.Content{},
		heads: map[oci.Name]string{}, tags: map[string][]string{}}
}

type remembering struct {
	reg Registry

	mu       sync.Mutex
	contents map[string]registry.Content
	heads    map[oci.Name]string
	tags     map[string][]string
}

// Resolve queries the content of a name.
func (m *remembering) Resolve(
	ctx context.Context, name oci.Name, kind lockfile.Kind, platforms []string,
) (registry.Content, error) {
	key := fmt.Sprintf("%s %s %q", kind, name, platforms)
	m.mu.Lock()
	c, ok := m.contents[key]
	m.mu.Unlock()
	if ok {
		return c, nil
	}
	c, err := m.reg.Resolve(ctx, name, kind, platforms)
	if err == nil {
		m.mu.Lock()
		m.contents[key] = c
		m.mu.Unlock()
	}
	return c, err
}

// Head queries what the registry claims that a name means.
func (m *remembering) Head(ctx context.Context, name oci.Name) (string, error) {
	m.mu.Lock()
	digest, ok := m.heads[name]
	m.mu.Unlock()
	if ok {
		return digest, nil
	}
	digest, err := m.reg.Head(ctx, name)
	if err == nil {
		m.mu.Lock()
		m.heads[name] = digest
		m.mu.Unlock()
	}
	return digest, err
}

// Tags lists the tags of the repository that a name is in.
func (m *remembering) Tags(ctx context.Context, name oci.Name) ([]string, error) {
	repo := name.Repo()
	m.mu.Lock()
	tags, ok := m.tags[repo]
	m.mu.Unlock()
	if ok {
		return tags, nil
	}
	tags, err := m.reg.Tags(ctx, name)
	if err == nil {
		m.mu.Lock()
		m.tags[repo] = tags
		m.mu.Unlock()
	}
	return tags, err
}

// Exists queries whether content is there. Its answers are not kept.
func (m *remembering) Exists(
	ctx context.Context, name oci.Name, platforms []lockfile.Platform,
) error {
	return m.reg.Exists(ctx, name, platforms)
}

// RunsOn queries whether configs are for their platforms. Its answers are not kept.
func (m *remembering) RunsOn(
	ctx context.Context, name oci.Name, platforms []lockfile.Platform,
) error {
	return m.reg.RunsOn(ctx, name, platforms)
}
