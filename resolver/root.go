package resolver

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/resolver/signatures"
)

// RootOptions say how to plan a lock root. The zero RootOptions move no pin.
type RootOptions struct {
	Registry Registry
	// Sources resolve git repositories, charts and URLs.
	Sources *Sources
	// Prover finds the evidence of images that are to be locked.
	Prover *signatures.Prover
	// Update reports whether a name's pin may move to what it means now. Nil: none
	// moves.
	Update func(n Tracked) bool
	// KeepDigest is as in Options.
	KeepDigest func(n Tracked) bool
	// Progress is as in Options.
	Progress Progress
	// Now is the time at which exceptions must be in force.
	Now time.Time
}

// RootPlan is the plan of one lock root.
type RootPlan struct {
	*Plan
	Root *lockroot.Root
	// Disputed are the names for which the two sides of a merge have different pins.
	Disputed []string

	options RootOptions
}

// PlanRoot plans how to bring the manifests and the lock of a lock root into agreement,
// as its plumb.yaml says. The error is a *lockroot.InvalidError where its lock cannot be
// read.
func PlanRoot(ctx context.Context, r *lockroot.Root, o RootOptions) (*RootPlan, error) {
	old, disputed, err := r.MergedLock(ctx)
	if err != nil {
		return nil, err
	}
	p := &RootPlan{Root: r, options: o}
	var known []lockfile.Entry
	for _, d := range disputed {
		for _, e := range []*lockfile.Entry{d.Ours, d.Theirs} {
			if e != nil {
				known = append(known, *e)
			}
		}
		p.Disputed = append(p.Disputed, d.Name)
	}
	images, err := ImagesOf(r)
	if err != nil {
		return nil, err
	}
	if err := CheckSelf(ctx, r); err != nil {
		return nil, err
	}
	options := Options{Sources: o.Sources, Own: OwnIn(r),
		Platforms: r.Config.Platforms, Images: images, Known: known,
		Excepted: p.Excepted, Within: r.Covers,
		Update: o.Update, KeepDigest: o.KeepDigest, Prover: o.Prover, Progress: o.Progress}
	if r.Config.Pin == config.PinDigest {
		options.Style = manifest.DigestOnly
	}
	p.Plan, err = Make(ctx, r.Files, old, o.Registry, options)
	return p, err
}

// Excepted reports whether an exception covers a reference in a file.
func (p *RootPlan) Excepted(file string, names ...string) bool {
	return len(p.Root.Config.Excepted(p.options.Now, file, names...)) > 0
}

// Writes are the files of the lock root that change. The lock is the last of them: until
// it is written, the next run finds what is left to do.
func (p *RootPlan) Writes(ctx context.Context) ([]tree.Write, error) {
	var out []tree.Write
	for _, name := range slices.Sorted(maps.Keys(p.Edits)) {
		src, err := p.Root.Tree.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		text, err := p.Rewrite(name, src)
		if err != nil {
			return nil, err
		}
		if err := manifest.Prove(p.Root.Display(name), src, text, p.Edits[name]); err != nil {
			return nil, err
		}
		out = append(out, tree.Write{Path: name, Old: src, New: text})
	}
	evidence, err := p.options.Prover.Writes(ctx, p.Root, p.Lock)
	if err != nil {
		return nil, err
	}
	out = append(out, evidence...)
	old := p.Root.LockText
	if text := p.LockText(old); string(text) != string(old) || (text == nil) != (old == nil) {
		out = append(out, tree.Write{Path: lockroot.LockFile, Old: old, New: text})
	}
	return out, nil
}

// ImagesOf returns the names that the plumb.yaml of a lock root gives. The error is a
// *lockroot.InvalidError.
func ImagesOf(r *lockroot.Root) ([]Image, error) {
	var out []Image
	for _, i := range r.Config.Images {
		n, err := oci.Parse(i.Name)
		if err != nil {
			return nil, &lockroot.InvalidError{Err: err}
		}
		at := Place{tree.ConfigFile, i.Line, i.Column}
		image := Image{Name: n.Repo(), Locked: i.Locked(), Place: at}
		if i.Locked() {
			image.Name = n.Tracked()
		}
		if i.Track != "" {
			if image.Range, err = version.ParseRange(i.Track); err != nil {
				return nil, &lockroot.InvalidError{Err: err}
			}
		}
		if start, end, ok := i.TagSpan(r.ConfigText); ok {
			image.TagStart, image.TagEnd = start, end
		}
		out = append(out, image)
	}
	return out, nil
}

// FindOutdatedIn is FindOutdated for the lock of a lock root, with the ranges of its
// plumb.yaml. Where Flux sets a name's tag, its range is ignored. The error is a
// *lockroot.InvalidError where the lock cannot be read.
func FindOutdatedIn(
	ctx context.Context, r *lockroot.Root, reg Registry, o OutdatedOptions,
) (OutdatedNames, error) {
	l, err := r.ReadableLock()
	if err != nil {
		return OutdatedNames{}, err
	}
	if o.Images, err = ImagesOf(r); err != nil {
		return OutdatedNames{}, err
	}
	o.Fixed = setByFlux(r.Files)
	out, err := FindOutdated(ctx, l, reg, o)
	if err != nil {
		return out, err
	}
	return out, outdatedSources(ctx, r, l, o, &out)
}

// setByFlux reports which names have their tags set by Flux.
func setByFlux(files []manifest.File) func(lockfile.Kind, string) bool {
	type name struct {
		kind lockfile.Kind
		name string
	}
	set := map[name]bool{}
	for _, f := range files {
		for _, ref := range f.References {
			if ref.Policy != "" {
				set[name{ref.Input, ref.Tracked}] = true
			}
		}
	}
	return func(k lockfile.Kind, n string) bool { return set[name{k, n}] }
}
