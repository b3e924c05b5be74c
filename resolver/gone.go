package resolver

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// pinned is content, with the entries of a lock that are pinned to it.
type pinned struct {
	name    oci.Name // with the digest and without a tag
	entries []lockfile.Entry
}

// FindGone asks whether what the entries are pinned to can still be pulled, each
// content once. gone are those of which the registry says that it is not there,
// failures those of which nothing could be learned, both sorted by
// name;
// what was not asked when ctx's deadline came is among the failures, with its
// cause. An error is that of a ctx that was cancelled.
func FindGone(ctx context.Context, entries []lockfile.Entry, reg Registry, progress func(done, total int)) (gone, failures []Failure, err error) {
	var (
		mu   sync.Mutex
		done int
	)
	pins := pins(entries)
	askAll(pins, func(p *pinned) string { return p.name.Host }, func(p *pinned) {
		err := p.exists(ctx, reg)
		mu.Lock()
		defer mu.Unlock()
		for _, e := range p.entries {
			f := Failure{Kind: e.Kind, Name: e.Name, Err: err}
			var refused *registry.Error
			switch {
			case err == nil:
			case errors.As(err, &refused) && refused.NotFound():
				gone = append(gone, f)
			default:
				failures = append(failures, f)
			}
		}
		if done++; progress != nil {
			progress(done, len(pins))
		}
	})
	if err := cancelled(ctx); err != nil {
		return nil, nil, err
	}
	byName := func(a, b Failure) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) }
	slices.SortFunc(gone, byName)
	slices.SortFunc(failures, byName)
	return gone, failures, nil
}

// pins groups the entries by their content. What is no image or artifact no
// registry is asked for.
func pins(entries []lockfile.Entry) []*pinned {
	byName := map[oci.Name]*pinned{}
	var out []*pinned
	for _, e := range entries {
		n, err := oci.Parse(e.Name)
		if err != nil || e.Kind != lockfile.Image && e.Kind != lockfile.Artifact {
			continue
		}
		n.Tag, n.Digest = "", e.Digest
		p := byName[n]
		if p == nil {
			p = &pinned{name: n}
			byName[n] = p
			out = append(out, p)
		}
		p.entries = append(p.entries, e)
	}
	return out
}

func (p *pinned) exists(ctx context.Context, reg Registry) error {
	err := context.Cause(ctx)
	if err == nil {
		err = reg.Exists(ctx, p.name, p.platforms())
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// platforms are those of all entries, with their configs if any has them.
func (p *pinned) platforms() []lockfile.Platform {
	var out []lockfile.Platform
	for _, e := range p.entries {
		for _, have := range e.Platforms {
			i := slices.IndexFunc(out, func(o lockfile.Platform) bool { return o.Manifest == have.Manifest })
			switch {
			case i < 0:
				out = append(out, have)
			case out[i].Config == "":
				out[i] = have
			}
		}
	}
	return out
}
