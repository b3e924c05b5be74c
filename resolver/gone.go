package resolver

import (
	"context"
	"errors"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// pinned is content, with the entries of a lock that are pinned to it.
type pinned struct {
	name    oci.Name // with the digest and without a tag
	entries []lockfile.Entry
	err     error // why it cannot be pulled, or why that is not known
}

// FindGone queries whether what the entries are pinned to can still be pulled, each
// content once. gone are the entries that the registry does not have any more, failures
// those that could not be queried, both in the order of the entries. What was not
// queried when ctx's deadline came is among the failures, with its cause. The error is
// that of a ctx that was cancelled.
func FindGone(
	ctx context.Context, entries []lockfile.Entry, reg Registry, progress Progress,
) (gone, failures []Failure, err error) {
	pins, of := pins(entries)
	host := func(p *pinned) string { return p.name.Host }
	queryAll(pins, host, progress, func(p *pinned) { p.err = p.exists(ctx, reg) })
	if err := cancelled(ctx); err != nil {
		return nil, nil, err
	}
	for i, e := range entries {
		if of[i] == nil || of[i].err == nil {
			continue
		}
		f := Failure{Kind: e.Kind, Name: e.Name, Err: of[i].err}
		var refused *registry.Error
		if errors.As(f.Err, &refused) && refused.NotFound() {
			gone = append(gone, f)
		} else {
			failures = append(failures, f)
		}
	}
	return gone, failures, nil
}

// pins groups the entries by their content; of has the content of each entry, nil for
// those that are neither images nor artifacts.
func pins(entries []lockfile.Entry) (out, of []*pinned) {
	byName := map[oci.Name]*pinned{}
	of = make([]*pinned, len(entries))
	for i, e := range entries {
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
		of[i] = p
	}
	return out, of
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
			same := func(o lockfile.Platform) bool { return o.Manifest == have.Manifest }
			i := slices.IndexFunc(out, same)
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
