package lockroot

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumb-dev/plumb/lockfile/tree"
)

// follow reads the policies behind symlinks. What such a symlink leads to has to be there:
// what is not read demands nothing, so that it would be as good as no policy.
func (p *policyReader) follow(ctx context.Context) error {
	t, ok := p.root.Tree.(extended)
	if !ok {
		return nil
	}
	specials, err := t.Specials(ctx)
	if err != nil {
		return err
	}
	all := links{}
	for _, special := range specials {
		if special.Commit == "" {
			all[special.Path] = special.Target
		}
	}
	for _, special := range specials {
		name := special.Path
		isFile := p.match(name) && (p.named || isPolicyName(name))
		if InTUFCopy(name) || !isFile && !p.leadsTo(name) {
			continue
		}
		if special.Commit != "" {
			return p.none(name, "policies in a submodule are not read: copy them into the tree")
		}
		real, err := all.resolve(name)
		switch {
		case err == nil && t.IsDir(real):
			err = p.readFolder(ctx, name, real)
		case err == nil && !strings.HasPrefix(real, "..") && isFile:
			err = p.readFile(ctx, name, real)
		case isFile || path.Ext(name) == "":
			err = p.none(name, "a symlink to "+special.Target+
				", which is not in the tree: policies behind it are not read")
		default:
			err = nil // some other file
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leadsTo reports whether policies may lie below a symlink or submodule.
func (p *policyReader) leadsTo(name string) bool {
	return slices.ContainsFunc(p.globs(), func(glob string) bool {
		parts, folder := strings.Split(glob, "/"), strings.Split(name, "/")
		for i, part := range folder {
			if i < len(parts) && parts[i] == "**" {
				return true
			}
			if i >= len(parts)-1 || !doublestar.MatchUnvalidated(parts[i], part) {
				return false
			}
		}
		return true
	})
}

// readFile reads the file that a symlink called name leads to.
func (p *policyReader) readFile(ctx context.Context, name, real string) error {
	data, err := p.root.Tree.Read(ctx, real)
	if tree.Absent(err) {
		return p.none(name, "a symlink to "+real+
			", which is not in the tree: policies behind it are not read")
	}
	if err != nil || p.seen[real] {
		return err
	}
	if err := p.take(name, data); err != nil || !p.seen[name] {
		return err
	}
	p.seen[real] = true
	p.files[len(p.files)-1].File = real // where it can be edited
	return nil
}

// readFolder reads the files below the folder that a symlink called name leads to.
func (p *policyReader) readFolder(ctx context.Context, name, real string) error {
	var files []string
	err := p.root.Tree.Each(ctx, func(file string) bool { // which lists, and reads nothing
		below, ok := strings.CutPrefix(file, real+"/")
		if ok && p.match(path.Join(name, below)) && !slices.Contains(files, file) {
			files = append(files, file)
		}
		return false
	}, nil)
	if err != nil {
		return err
	}
	for _, file := range files {
		as := path.Join(name, strings.TrimPrefix(file, real+"/"))
		if err := p.readFile(ctx, as, file); err != nil {
			return err
		}
	}
	return nil
}
