package main

import (
	"context"
	"slices"
	"sync"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/signatures"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
)

// prover finds what makes policies accept images: in the tree, else in the
// registries.
type prover struct {
	judge  *evidence.Judge
	client *client

	mu    sync.Mutex
	found map[string][]byte // evidence by its digest, as it is to be stored
}

// prover returns what proves the images of a lock root, by its own policies or, where
// they are given, by those from outside.
func (s *session) prover(ctx context.Context, r *root, o *outside) (*prover, error) {
	var judge *evidence.Judge
	var err error
	if o != nil {
		judge = o.judge(ctx, r)
	} else if judge, err = r.judge(ctx, s); err != nil {
		return nil, err
	}
	c, err := s.client(r.dir, r.config)
	if err != nil {
		return nil, cli.AsUsage(err)
	}
	p := &prover{judge: judge, client: c, found: map[string][]byte{}}
	stored := judge.Read
	judge.Read = func(path string) ([]byte, error) {
		if data, ok := p.at(path); ok {
			return data, nil
		}
		return stored(path)
	}
	return p, nil
}

// prove returns an entry with the lines that its evidence proves. The error is a
// *resolver.Denied if policies do not accept the image.
func (p *prover) prove(ctx context.Context, e lockfile.Entry) (lockfile.Entry, error) {
	e, err := p.configured(ctx, e)
	if err != nil {
		return e, err
	}
	v := p.judge.Entry(e)
	if !v.Accepted && v.Verdict == policy.Denied {
		if v, err = p.look(ctx, e, false); err != nil {
			return e, err
		}
	}
	if !v.Accepted {
		return e, &resolver.Denied{Reasons: v.Reasons(), Fix: "to see why: plumb policy check --online " + e.Name}
	}
	e.Verified = v.Verified
	return e, nil
}

// look judges an image by what the registries have of its signatures: by those that
// may count or, where all is to be explained, by all of them. Where these are not
// enough, the image may be one of the index that its tag means, and that be signed.
func (p *prover) look(ctx context.Context, e lockfile.Entry, all bool) (evidence.Verdict, error) {
	e, err := p.configured(ctx, e)
	if err != nil {
		return evidence.Verdict{}, err
	}
	image, err := evidence.Image(e)
	if err != nil {
		return evidence.Verdict{}, err
	}
	sources := p.sources(image, all)
	if len(sources) == 0 {
		return p.judge.With(e, nil, nil), nil // no signature would help
	}
	found, err := signatures.Find(ctx, p.client.transport, image.Name, sources...)
	if err != nil {
		return evidence.Verdict{}, err
	}
	v := p.judge.With(e, nil, found)
	if v.Verdict != policy.Denied {
		p.keep(v, nil, found)
		return v, nil
	}
	index, err := signatures.Index(ctx, p.client.transport, image.Name)
	if err != nil || !evidence.Lists(index, e.Digest) {
		return v, err
	}
	image.Name.Digest = evidence.DigestOf(index)
	more, err := signatures.Find(ctx, p.client.transport, image.Name, sources...)
	if err != nil {
		return evidence.Verdict{}, err
	}
	found = append(found, more...)
	v = p.judge.With(e, index, found)
	p.keep(v, index, found)
	return v, nil
}

// keep takes in what of the evidence that was found a verdict rests on.
func (p *prover) keep(v evidence.Verdict, index []byte, found []signature.Evidence) {
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

// sources are where policies want an image's signatures looked for, each place once
// and in each, unless for all, for no other forms than those that may count.
func (p *prover) sources(image policy.Image, all bool) []signatures.Source {
	wanted, _ := p.judge.Policies.Sources(image)
	var out []signatures.Source
	for _, s := range wanted {
		forms := signatures.Bundles | signatures.Signatures
		if s.Attestations {
			forms = signatures.Bundles | signatures.Attestations
		}
		switch {
		case all:
			forms = signatures.Bundles | signatures.Signatures | signatures.Attestations
		case s.Format == policy.Bundle:
			forms = signatures.Bundles
		case s.Format == policy.Legacy:
			forms &^= signatures.Bundles
		}
		i := slices.IndexFunc(out, func(o signatures.Source) bool { return o.Repository == s.Repository && o.TagPrefix == s.TagPrefix })
		if i < 0 {
			out = append(out, signatures.Source{Repository: s.Repository, TagPrefix: s.TagPrefix, Forms: forms})
		} else {
			out[i].Forms |= forms
		}
	}
	return out
}
