package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// configured returns an entry with all that policies ask of its platforms' configs: their digests
// in the entry, and their bytes among what is found or stored. Nothing is asked for
// that is there.
func (p *prover) configured(ctx context.Context, e lockfile.Entry) (lockfile.Entry, error) {
	if !p.judge.NeedsConfigs(e) {
		return e, nil
	}
	image, err := evidence.Image(e)
	if err != nil {
		return e, err
	}
	if slices.ContainsFunc(e.Platforms, func(l lockfile.Platform) bool { return l.Config == "" }) {
		asked := make([]string, len(e.Platforms))
		for i, l := range e.Platforms {
			asked[i] = l.Platform
		}
		content, err := p.client.Resolve(ctx, image.Name, lockfile.Image, asked)
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
			data, err := p.client.configs.Config(ctx, image.Name, l.Config)
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

// has reports whether what a digest names is found or stored.
func (p *prover) has(digest string) bool {
	data, err := p.judge.Read(evidence.File(digest))
	return err == nil && evidence.DigestOf(data) == digest
}

// at returns what is found and to be stored at a path.
func (p *prover) at(path string) ([]byte, bool) {
	digest, ok := evidence.DigestIn(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	data, found := p.found[digest]
	return data, ok && found
}

// evidenceWrites are the evidence files that the new lock needs and the tree has
// not, and those that it does not need any more.
func (j *job) evidenceWrites(ctx context.Context) ([]tree.Write, error) {
	needed := map[string]bool{}
	for _, e := range j.plan.Lock.Entries {
		for _, v := range e.Verified {
			needed[v.Evidence] = true
		}
		if e.Kind == lockfile.Image && j.prover.judge.NeedsConfigs(e) {
			for _, p := range e.Platforms {
				needed[p.Config] = true
			}
		}
	}
	var out []tree.Write
	for _, digest := range sortedKeys(needed) {
		text, isNew := j.prover.found[digest]
		if !isNew {
			continue
		}
		old, err := readIfThere(ctx, j.work, evidence.File(digest))
		if err != nil {
			return nil, err
		}
		if string(old) != string(text) {
			out = append(out, tree.Write{Path: evidence.File(digest), Old: old, New: text})
		}
	}
	gone, err := j.unneeded(ctx, needed)
	return append(out, gone...), err
}

// unneeded are the evidence files that no entry needs any more. Files that are
// called otherwise are none of plumb's.
func (j *job) unneeded(ctx context.Context, needed map[string]bool) ([]tree.Write, error) {
	entries, err := os.ReadDir(filepath.Join(j.dir, filepath.FromSlash(evidence.Dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []tree.Write
	for _, f := range entries {
		name := evidence.Dir + "/" + f.Name()
		if digest, ok := evidence.DigestIn(name); !ok || needed[digest] {
			continue
		}
		old, err := j.work.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, tree.Write{Path: name, Old: old, Remove: true})
	}
	return out, nil
}

// readIfThere returns nil for a file that is not.
func readIfThere(ctx context.Context, t tree.Tree, name string) ([]byte, error) {
	data, err := t.Read(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
