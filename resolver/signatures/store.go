package signatures

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// Writes adds the evidence files of a lock root that a lock needs and the tree does not
// have yet, and removes those that no entry needs any more. Files with other names than
// those of evidence stay.
func (p *Prover) Writes(
	ctx context.Context, r *lockroot.Root, l *lockfile.Lock,
) ([]tree.Write, error) {
	needed := p.needed(l)
	var out []tree.Write
	for _, digest := range slices.Sorted(maps.Keys(needed)) {
		text, isNew := p.found[digest]
		if !isNew {
			continue
		}
		old, err := r.Tree.Read(ctx, evidence.File(digest))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil {
			old = nil
		}
		if string(old) != string(text) {
			out = append(out, tree.Write{Path: evidence.File(digest), Old: old, New: text})
		}
	}
	unneeded, err := unneeded(ctx, r, needed)
	return append(out, unneeded...), err
}

// needed are the digests of the evidence that a lock needs.
func (p *Prover) needed(l *lockfile.Lock) map[string]bool {
	needed := map[string]bool{}
	for _, e := range l.Entries {
		for _, v := range e.Verified {
			needed[v.Evidence] = true
		}
		if e.Kind == lockfile.Image && p.judge.NeedsConfigs(e) {
			for _, p := range e.Platforms {
				needed[p.Config] = true
			}
		}
	}
	return needed
}

// unneeded removes the evidence files that are not needed.
func unneeded(ctx context.Context, r *lockroot.Root, needed map[string]bool) ([]tree.Write, error) {
	entries, err := os.ReadDir(filepath.Join(r.Dir, filepath.FromSlash(evidence.Dir)))
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
		old, err := r.Tree.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, tree.Write{Path: name, Old: old, Remove: true})
	}
	return out, nil
}
