package listing

import (
	"slices"
	"sort"
)

// image is a name, and the states of the places that have it.
type image struct {
	name   string
	places totals
}

// images are the names of the references, sorted: those that plumb tracks, and as the
// manifests have them where plumb tracks none.
func (l *Listing) images() []image {
	places := map[string]totals{}
	var names []string
	for i := range l.References {
		r := &l.References[i]
		name := r.Tracked
		if name == "" {
			name = r.Reference
		}
		t, known := places[name]
		if !known {
			names = append(names, name)
		}
		t[r.state()]++
		places[name] = t
	}
	sort.Strings(names)
	images := slices.Grow([]image(nil), len(names))
	for _, name := range names {
		images = append(images, image{name, places[name]})
	}
	return images
}
