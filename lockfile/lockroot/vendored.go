package lockroot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// mayBeVendored reports whether a file is, by its name, a packed chart in a folder of
// charts, or says that its folder is a chart.
func mayBeVendored(name string) bool {
	if strings.HasSuffix(name, ".tgz") {
		return strings.HasPrefix(name, "charts/") || strings.Contains(name, "/charts/")
	}
	return strings.HasSuffix(name, "/Chart.yaml")
}

// vendored notes of the charts that lie in the tree that their consumers take what is
// there, and what that is.
func (s *survey) vendored(ctx context.Context, files []manifest.File) error {
	if len(s.packed) == 0 {
		return nil
	}
	slices.Sort(s.packed)
	v := vendoring{survey: s, folders: map[string]map[string][]byte{}, faults: map[string]error{}}
	for i := range files {
		f := &files[i]
		cloned := false
		for j := range f.References {
			r := &f.References[j]
			at, fault := v.find(r)
			if at == "" && fault == nil {
				continue
			}
			if !cloned { // a cache may have them, too
				f.References, cloned = slices.Clone(f.References), true
			}
			v.places = append(v.places, vendoredPlace{&f.References[j], at, fault})
		}
	}
	if len(v.places) == 0 {
		return nil
	}
	if err := v.readFolders(ctx); err != nil {
		return err
	}
	for _, p := range v.places {
		if err := v.settle(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// vendoring is one search for the charts that lie in a tree.
type vendoring struct {
	*survey
	places  []vendoredPlace
	folders map[string]map[string][]byte // the files of each folder that is a chart
	faults  map[string]error             // why a folder cannot be read
}

// vendoredPlace is a reference to a chart, and the folder or archive that has it.
type vendoredPlace struct {
	*manifest.Reference
	at    string
	fault error
}

// find is the folder or the archive in the tree of a reference's chart; "" if there is none.
func (v *vendoring) find(r *manifest.Reference) (at string, fault error) {
	src := r.Source
	if src == nil || src.Chart == "" || src.Path == "" {
		return "", nil
	}
	dir, err := v.links.resolve(path.Dir(src.Path))
	if err != nil || strings.HasPrefix(dir, "../") {
		return "", nil
	}
	folder, err := v.links.resolve(src.Path)
	if err == nil && v.has(folder+"/Chart.yaml") {
		at = folder
	}
	if !manifest.TakesArchives(r) {
		return at, nil
	}
	archives := v.archives(dir, path.Base(src.Path))
	if at != "" && len(archives) > 0 {
		return "", fmt.Errorf("both %s and %s are there", at, archives[0])
	}
	if len(archives) > 1 { // Helm takes the one that the version fits
		archives = slices.DeleteFunc(archives, func(name string) bool {
			return !src.Takes(archivedVersion(name, path.Base(src.Path)))
		})
		if len(archives) != 1 {
			return "", errors.New("more than one archive of it is in " + dir)
		}
	}
	if len(archives) == 1 {
		at = archives[0]
	}
	return at, nil
}

// has reports whether the tree has a file that mayBeVendored.
func (v *vendoring) has(name string) bool {
	_, ok := slices.BinarySearch(v.packed, name)
	return ok
}

// archives are the archives of a chart in a folder, as helm names them.
func (v *vendoring) archives(dir, chart string) []string {
	var out []string
	prefix := path.Join(dir, chart) + "-"
	i, _ := slices.BinarySearch(v.packed, prefix)
	for ; i < len(v.packed) && strings.HasPrefix(v.packed[i], prefix); i++ {
		if manifest.ExactVersion(archivedVersion(v.packed[i], chart)) {
			out = append(out, v.packed[i])
		}
	}
	return out
}

// archivedVersion is the version in the name of a chart's archive.
func archivedVersion(name, chart string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path.Base(name), chart+"-"), ".tgz")
}

// readFolders reads all files of the folders that are charts.
func (v *vendoring) readFolders(ctx context.Context) error {
	sizes := map[string]int{}
	for _, p := range v.places {
		if p.at != "" && !strings.HasSuffix(p.at, ".tgz") {
			v.folders[p.at] = map[string][]byte{}
		}
	}
	if len(v.folders) == 0 {
		return nil
	}
	var mu sync.Mutex
	visit := func(_ int, f tree.File, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		for dir, files := range v.folders {
			if name, ok := strings.CutPrefix(f.Path, dir+"/"); ok {
				if sizes[dir] += len(data); sizes[dir] > content.MaxUnpacked {
					v.faults[dir] = fmt.Errorf("it is larger than %d MiB", content.MaxUnpacked>>20)
					continue
				}
				files[name] = bytes.Clone(data)
			}
		}
		return nil
	}
	err := v.tree.Each(ctx, func(name string) bool { return v.inFolders(name, nil) }, visit)
	var unreadable *tree.UnreadableError
	if errors.As(err, &unreadable) {
		for _, f := range unreadable.Files {
			v.inFolders(f.Path, f)
		}
		err = nil
	}
	for name := range v.links {
		v.inFolders(name, errors.New("it holds the symlink "+name))
	}
	for i := range v.modules {
		v.inFolders(v.modules[i].path, errors.New("it holds the submodule "+v.modules[i].path))
	}
	return err
}

// inFolders reports whether a file lies in one of the folders, or in more that lie in one
// another, and notes of them why they cannot be read.
func (v *vendoring) inFolders(name string, fault error) bool {
	found := false
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if v.folders[dir] != nil {
			found = true
			if fault != nil {
				v.faults[dir] = fault
			}
		}
	}
	return found
}

// settle says of a reference what the tree has of its chart.
func (v *vendoring) settle(ctx context.Context, p vendoredPlace) error {
	if p.fault != nil {
		p.Vendor(path.Dir(p.Source.Path), "", "", p.fault)
		return nil
	}
	files, fault := v.folders[p.at], v.faults[p.at]
	var sum string
	var parts []content.File
	switch {
	case fault != nil:
	case files != nil:
		sum, fault = content.HashFolder(files)
		parts = []content.File{{Name: "Chart.yaml", Data: files["Chart.yaml"]}}
	default:
		var data []byte
		if data, fault = v.read(ctx, p.at); ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if fault == nil {
			parts, fault = content.Files(bytes.NewReader(data))
		}
		if fault == nil {
			sum, fault = content.Hash(parts)
		}
	}
	var chart content.Chart
	if fault == nil {
		chart, fault = content.Describe(parts)
	}
	p.Vendor(p.at, chart.Version, sum, fault)
	return nil
}
