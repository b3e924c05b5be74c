package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// pinned is content, with the entries of a lock that are pinned to it.
type pinned struct {
	name    oci.Name // with the digest and without a tag
	entries []lockfile.Entry
	content registry.Content
	err     error // why it cannot be pulled, or why that is not known
}

// Pins is what registries say of the entries of a lock, each in their order.
type Pins struct {
	Gone  []Failure // the registry does not have what they are pinned to any more
	Wrong []Failure // what they are pinned to is not what the lock says of it
	// Failures are those that could not be queried, or not before ctx's deadline.
	Failures []Failure
}

// CheckPins queries whether what the entries are pinned to can still be pulled, each
// content once, and is what the entries say: its media type and its platforms. The error is
// that of a ctx that was cancelled.
func CheckPins(
	ctx context.Context, entries []lockfile.Entry, reg Registry, progress Progress,
) (Pins, error) {
	pins, of := pins(entries)
	host := func(p *pinned) string { return p.name.Host }
	queryAll(pins, host, progress, func(p *pinned) { p.check(ctx, reg) })
	var out Pins
	if err := cancelled(ctx); err != nil {
		return out, err
	}
	for i, e := range entries {
		if of[i] == nil {
			continue
		}
		f := Failure{Kind: e.Kind, Name: e.Name, Err: of[i].err}
		var refused *registry.Error
		var wrong *registry.WrongError
		switch {
		case f.Err == nil:
			if f.Err = differs(e, of[i].content); f.Err != nil {
				out.Wrong = append(out.Wrong, f)
			}
		case errors.As(f.Err, &refused) && refused.NotFound():
			out.Gone = append(out.Gone, f)
		case errors.As(f.Err, &wrong):
			out.Wrong = append(out.Wrong, f)
		default:
			out.Failures = append(out.Failures, f)
		}
	}
	return out, nil
}

// differs returns what an entry says of its content and is not so, or nil.
func differs(e lockfile.Entry, c registry.Content) error {
	wrong := func(format string, args ...any) error {
		return &registry.WrongError{What: fmt.Sprintf(format, args...)}
	}
	if e.MediaType != c.MediaType {
		return wrong("it is %s, and plumb.lock has %s", c.MediaType, e.MediaType)
	}
	if e.Kind != lockfile.Image {
		return nil
	}
	is, says := slices.Clone(c.Platforms), slices.Clone(e.Platforms)
	for i, have := range says {
		at := slices.IndexFunc(is, func(p lockfile.Platform) bool {
			return p.Platform == have.Platform && p.Manifest == have.Manifest
		})
		switch {
		case at < 0 && slices.ContainsFunc(says[:i], func(p lockfile.Platform) bool {
			return p.Platform == have.Platform && p.Manifest == have.Manifest
		}):
			return wrong("plumb.lock has the manifest for %s twice", have.Platform)
		case at < 0:
			return wrong("it has no manifest %s for %s, as plumb.lock has", have.Manifest,
				have.Platform)
		case have.Config != "" && is[at].Config != have.Config:
			return wrong("its config for %s is %s, and plumb.lock has %s", have.Platform,
				is[at].Config, have.Config)
		}
		is = slices.Delete(is, at, at+1)
	}
	if len(is) > 0 {
		return wrong("it has a manifest for %s, which plumb.lock does not have", is[0].Platform)
	}
	return nil
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

// check finds out what is behind a pin, and whether all of it is there.
func (p *pinned) check(ctx context.Context, reg Registry) {
	if p.err = context.Cause(ctx); p.err == nil {
		p.err = reg.Exists(ctx, p.name, p.platforms())
	}
	if p.err == nil {
		var configs []string
		for _, l := range p.platforms() {
			if l.Config != "" {
				configs = append(configs, l.Platform)
			}
		}
		kind := p.entries[0].Kind
		if slices.ContainsFunc(p.entries, func(e lockfile.Entry) bool {
			return e.Kind == lockfile.Image
		}) {
			kind = lockfile.Image
		}
		p.content, p.err = reg.Resolve(ctx, p.name, kind, configs)
	}
	if p.err == nil {
		p.err = reg.RunsOn(ctx, p.name, p.content.Platforms)
	}
	if p.err != nil && ctx.Err() != nil {
		p.err = context.Cause(ctx)
	}
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
