package signatures

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
)

// DeniedError says that policies do not accept an image.
type DeniedError struct {
	Reasons []string // a line each
	Fix     string
}

// Error gives the reasons on one line.
func (e *DeniedError) Error() string { return "is not accepted: " + strings.Join(e.Reasons, "; ") }

// Prover finds the evidence by which policies accept images: in the tree, else in the
// registries. It may be used by many goroutines at once.
type Prover struct {
	judge  *evidence.Judge
	client *registry.Client

	mu    sync.Mutex
	found map[string][]byte // evidence by its digest, as it is to be stored
}

// NewProver returns a Prover that judges by judge, which must not be used otherwise.
func NewProver(judge *evidence.Judge, client *registry.Client) *Prover {
	p := &Prover{judge: judge, client: client, found: map[string][]byte{}}
	stored := judge.Read
	judge.Read = func(path string) ([]byte, error) {
		if data, ok := p.at(path); ok {
			return data, nil
		}
		return stored(path)
	}
	return p
}

// Prove returns an entry with the lines that its evidence proves. Policies for certain
// objects decide by those that refs are in. The error is a *DeniedError if policies do not
// accept the image.
func (p *Prover) Prove(
	ctx context.Context, e lockfile.Entry, refs []*manifest.Reference,
) (lockfile.Entry, error) {
	e, err := p.withConfigs(ctx, e)
	if err != nil {
		return e, err
	}
	objects := p.judge.ObjectsOf(refs)
	v := p.judge.ToLock(e, objects)
	if !v.Accepted && v.Verdict == policy.Denied {
		if v, err = p.fetch(ctx, e, objects, false); err != nil {
			return e, err
		}
	}
	if !v.Accepted {
		return e, &DeniedError{v.Reasons(), "to see why: plumb policy check --online " + e.Name}
	}
	e.Verified = v.Verified
	return e, nil
}

// Stored judges an image by the evidence in the tree alone, where refs refer to it.
func (p *Prover) Stored(e lockfile.Entry, refs []*manifest.Reference) evidence.Verdict {
	v := p.judge.EntryIn(e, p.judge.ObjectsOf(refs))
	entry := p.judge.Entry(e)
	v.Faults, v.Unproven = entry.Faults, entry.Unproven
	return v
}

// Fetched judges an image by all signatures that the registries have of it, even those
// that no policy can accept, so that the verdict explains each; where refs refer to it.
func (p *Prover) Fetched(
	ctx context.Context, e lockfile.Entry, refs []*manifest.Reference,
) (evidence.Verdict, error) {
	e, err := p.withConfigs(ctx, e)
	if err != nil {
		return evidence.Verdict{}, err
	}
	return p.fetch(ctx, e, p.judge.ObjectsOf(refs), true)
}

// fetch judges an image by the signatures that the registries have of it: by those that
// a policy can accept, or by all of them. Where these are not enough, it also fetches
// those of the index that the image's tag refers to, if that lists the image.
func (p *Prover) fetch(
	ctx context.Context, e lockfile.Entry, objects []*policy.Object, all bool,
) (evidence.Verdict, error) {
	image, err := evidence.Image(e)
	if err != nil {
		return evidence.Verdict{}, err
	}
	sources := p.sources(image, all)
	if len(sources) == 0 {
		return p.judge.With(e, nil, nil, objects), nil // no signature would help
	}
	transport := p.client.RoundTripper()
	found, err := Find(ctx, transport, image.Name, sources...)
	if err != nil {
		return evidence.Verdict{}, err
	}
	v := p.judge.With(e, nil, found, objects)
	if v.Verdict != policy.Denied {
		p.keep(v, nil, found)
		return v, nil
	}
	index, err := Index(ctx, transport, image.Name)
	if err != nil || !evidence.Lists(index, e.Digest) {
		return v, err
	}
	image.Name.Digest = evidence.DigestOf(index)
	more, err := Find(ctx, transport, image.Name, sources...)
	if err != nil {
		return evidence.Verdict{}, err
	}
	found = append(found, more...)
	v = p.judge.With(e, index, found, objects)
	p.keep(v, index, found)
	return v, nil
}

// withConfigs returns an entry with what policies need of its platforms' configs: their
// digests in the entry, and their bytes in the tree or in p.found.
func (p *Prover) withConfigs(ctx context.Context, e lockfile.Entry) (lockfile.Entry, error) {
	if !p.judge.NeedsConfigs(e) {
		return e, nil
	}
	image, err := evidence.Image(e)
	if err != nil {
		return e, err
	}
	if slices.ContainsFunc(e.Platforms, func(l lockfile.Platform) bool { return l.Config == "" }) {
		platforms := make([]string, len(e.Platforms))
		for i, l := range e.Platforms {
			platforms[i] = l.Platform
		}
		content, err := p.client.Resolve(ctx, image.Name, lockfile.Image, platforms)
		if err != nil {
			return e, err
		}
		e.Platforms = content.Platforms
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range e.Platforms {
		if l.Config == "" || p.has(l.Config) {
			continue
		}
		group.Go(func() error {
			data, err := p.client.Config(ctx, image.Name, l.Config)
			if err != nil {
				return err
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.found[l.Config] = data
			return nil
		})
	}
	return e, group.Wait()
}

// has reports whether the content of a digest is in p.found or in the tree.
func (p *Prover) has(digest string) bool {
	data, err := p.judge.Read(evidence.File(digest))
	return err == nil && evidence.DigestOf(data) == digest
}

// at returns what p.found has for a path in the tree.
func (p *Prover) at(path string) ([]byte, bool) {
	digest, ok := evidence.DigestIn(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	data, found := p.found[digest]
	return data, ok && found
}

// keep adds the evidence that a verdict rests on to p.found.
func (p *Prover) keep(v evidence.Verdict, index []byte, found []signature.Evidence) {
	files := map[string][]byte{}
	if index != nil {
		files[evidence.DigestOf(index)] = index
	}
	for _, one := range found {
		files[evidence.Digest(one)] = one.Format()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range v.Verified {
		if data, ok := files[line.Evidence]; ok {
			p.found[line.Evidence] = data
		}
	}
}

// sources are the places in which policies look for an image's signatures, each once.
// Their forms are those that a policy can accept, or all of them.
func (p *Prover) sources(image policy.Image, all bool) []Source {
	wanted, _ := p.judge.Policies.Sources(image)
	var out []Source
	for _, s := range wanted {
		forms := Bundles | Signatures
		if s.Attestations {
			forms = Bundles | Attestations
		}
		switch {
		case all:
			forms = Bundles | Signatures | Attestations
		case s.Format == policy.Bundle:
			forms = Bundles
		case s.Format == policy.Legacy:
			forms &^= Bundles
		}
		i := slices.IndexFunc(out, func(o Source) bool {
			return o.Repository == s.Repository && o.TagPrefix == s.TagPrefix
		})
		if i < 0 {
			out = append(out, Source{Repository: s.Repository, TagPrefix: s.TagPrefix, Forms: forms})
		} else {
			out[i].Forms |= forms
		}
	}
	return out
}
