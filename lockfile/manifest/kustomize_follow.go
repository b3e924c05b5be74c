package manifest

import (
	"path"
	"slices"
	"strings"
)

// maxFollowed is how many files one kustomization may take its objects from when the
// sources of its images are looked for.
const maxFollowed = 10_000

// Follow looks for what kustomizations put into images from elsewhere in the tree, by
// replacements and vars. What is found is a reference where it stands, and judged there;
// the rest stays an error at the kustomization. Files, sorted or not, are changed in place.
// read returns the text of one of them.
func Follow(files []File, s *Scanner, read func(path string) ([]byte, error)) error {
	f := follower{files: files, scanner: s, read: read}
	for i := range files {
		if len(files[i].asks) == 0 {
			continue
		}
		if f.at == nil {
			f.index()
		}
		if err := f.follow(i); err != nil {
			return err
		}
	}
	return f.finish()
}

type follower struct {
	files   []File
	scanner *Scanner
	read    func(path string) ([]byte, error)
	at      map[string]int // files by path
	loaders loaders
	users   map[string][]follows // those that name a file, or the folder of a kustomization
	wanted  map[int][]ask        // what is asked of a file
	taken   map[int][]ask        // those of a file's that were answered
	open    map[int][]ask        // those that were not
	told    map[int][]Remark     // what else there is to say of a file
}

// follows says which file names another.
type follows struct {
	user   int
	plugin bool // as the configuration of plugins
}

func (f *follower) index() {
	f.loaders.add(f.files)
	f.at, f.users = map[string]int{}, map[string][]follows{}
	f.wanted, f.taken, f.open = map[int][]ask{}, map[int][]ask{}, map[int][]ask{}
	f.told = map[int][]Remark{}
	for i := range f.files {
		f.at[f.files[i].Path] = i
		for _, u := range f.files[i].uses {
			for _, to := range f.paths(i, u) {
				f.users[to] = append(f.users[to], follows{i, u.as&asPlugin != 0})
			}
		}
	}
}

// paths are those that a use in the i-th file means.
func (f *follower) paths(i int, u use) []string {
	dirs := f.loaders.directories(&f.files[i], u)
	for n := range dirs {
		dirs[n] = path.Join(dirs[n], u.path)
	}
	return dirs
}

// follow looks for the sources that the i-th file asks for.
func (f *follower) follow(i int) error {
	objects := f.objects(i)
	var asks []ask
	for _, a := range f.files[i].asks {
		if a.cut || a.how == asElement && !f.longer(objects, a.index) {
			f.open[i] = append(f.open[i], a)
			continue
		}
		if a.variable == "" || f.places(i, a, objects) {
			asks = append(asks, a)
		} else if a.soft = true; imageVariable(strings.Trim(a.variable, "$()")) {
			asks = append(asks, a)
		}
	}
	open, err := f.ask(i, objects, asks)
	if err != nil {
		return err
	}
	for n := range open {
		open[n].loose = true
	}
	open, err = f.ask(i, objects, open)
	f.open[i] = append(f.open[i], open...)
	return err
}

// longer reports whether all images in objects have an element behind that of the index, so
// that tag and digest stay when it is replaced.
func (f *follower) longer(objects []int, index int) bool {
	some := false
	for _, o := range objects {
		for _, r := range f.files[o].References {
			if some = true; strings.Count(r.Reference, "/") <= index {
				return false
			}
		}
	}
	return some
}

// ask scans objects for what the i-th file asks for, and returns what none has.
func (f *follower) ask(i int, objects []int, asks []ask) (open []ask, err error) {
	answered := map[int]bool{}
	for _, o := range objects {
		if len(asks) == 0 {
			return nil, nil
		}
		again, err := f.scan(o, asks)
		if err != nil {
			return nil, err
		}
		for n := range again.answers {
			answered[n] = true
			f.wanted[o] = append(f.wanted[o], asks[n])
		}
	}
	for n, a := range asks {
		if answered[n] {
			f.taken[i] = append(f.taken[i], a)
		} else {
			open = append(open, a)
		}
	}
	return open, nil
}

// places reports whether an image among objects has the variable that a stands for, and
// remarks on it in the i-th file. One that is the whole of an image is asked for.
func (f *follower) places(i int, a ask, objects []int) bool {
	whole, part := false, false
	for _, o := range objects {
		for _, r := range f.files[o].Remarks {
			_, behind, has := strings.Cut(r.Reference, a.variable)
			if r.Rule == "uneditable" && has && !strings.Contains(behind, "@sha256:") {
				whole = whole || r.Reference == a.variable
				part = part || r.Reference != a.variable
			}
		}
	}
	if !whole && !part {
		return false
	}
	message := "becomes an image, and is not found in the tree as one: write the image there, " +
		"pinned"
	if part {
		message = "becomes a part of an image, which plumb does not follow: write the whole image"
	}
	f.told[i] = append(f.told[i], Remark{File: f.files[i].Path, Line: a.line, Column: a.column,
		Rule: "uneditable", Severe: true, Kind: "Kustomization", Field: "vars",
		Reference: a.variable, Message: message})
	return !part
}

// take removes the remark on an ask, whose source was found.
func (out *File) take(a ask) {
	var rest []Remark
	for _, r := range out.Remarks {
		if r.Line != a.line || r.Column != a.column || r.Rule != "uneditable" {
			rest = append(rest, r)
		}
	}
	out.Remarks = rest
}

// objects are the files that hold the objects which the i-th file is applied to: those of
// its own folders, or of the kustomizations that use it.
func (f *follower) objects(i int) []int {
	seen := map[int]bool{}
	var order []int
	var down, up func(i int)
	down = func(i int) {
		if seen[i] || len(seen) > maxFollowed {
			return
		}
		seen[i] = true
		order = append(order, i)
		for _, u := range f.files[i].uses {
			for _, to := range f.paths(i, u) {
				for _, name := range [...]string{"", "kustomization.yaml", "kustomization.yml",
					"Kustomization"} {
					if n, ok := f.at[path.Join(to, name)]; ok {
						down(n)
					}
				}
			}
		}
	}
	climbed := map[int]bool{}
	up = func(i int) {
		if climbed[i] {
			return
		}
		climbed[i] = true
		down(i)
		file := &f.files[i]
		over, ends := file.Path, false
		if file.role == kustomizationFile {
			over, ends = path.Dir(file.Path), !file.component
		}
		for _, u := range f.users[over] {
			if u.plugin || !ends {
				up(u.user)
			}
		}
	}
	up(i)
	return order
}

// scan scans the i-th file again, for the sources that are asked for.
func (f *follower) scan(i int, asks []ask) (File, error) {
	file := &f.files[i]
	src, err := f.read(file.Path)
	if err != nil {
		return File{}, err
	}
	f.scanner.wanted = asks
	defer func() { f.scanner.wanted = nil }()
	if file.as != 0 {
		return f.scanner.ScanNamed(Named{Path: file.Path, as: file.as}, src), nil
	}
	return f.scanner.Scan(file.Path, src), nil
}

// finish puts in place what the files hold that answer, and takes back what was said of
// those that asked.
func (f *follower) finish() error {
	for i, asks := range f.wanted {
		again, err := f.scan(i, asks)
		if err != nil {
			return err
		}
		f.files[i] = again
	}
	for i, told := range f.told {
		f.files[i].Remarks = slices.Concat(f.files[i].Remarks, told)
	}
	for i, asks := range f.taken {
		for _, a := range asks {
			same := func(o ask) bool { return a.line == o.line && a.column == o.column }
			if !slices.ContainsFunc(f.open[i], same) { // by an alias, one place asks twice
				f.files[i].take(a)
			}
		}
	}
	return nil
}
