package config

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// images returns the names that v lists, as strings or as mappings.
func images(v yaml.Value) []Image {
	var all []Image
	seen := map[string]bool{}
	v.Items(func(item yaml.Value) {
		i, name, ok := image(item)
		if !ok {
			return
		}
		key := name.Tracked()
		if !i.Locked() {
			key = name.Repo()
		}
		if seen[key] {
			item.Errorf("%s: duplicate %q, it is %s", item, i.Name, key)
			return
		}
		seen[key] = true
		all = append(all, i)
	})
	return all
}

// image returns the image that v is.
func image(v yaml.Value) (i Image, name oci.Name, ok bool) {
	if v.Node.Kind != yaml.Mapping {
		return imageName(v)
	}
	var track string
	has := v.Mapping(
		yaml.Field{Name: "name", Read: func(v yaml.Value) { i, name, ok = imageName(v) }},
		yaml.Field{Name: "track", Read: func(v yaml.Value) { track = trackedRange(v) }},
	)
	has.Require("name")
	if !ok || !has.Has("track") {
		return i, name, ok
	}
	at := has.Get("track")
	switch _, version := version.Parse(name.Tag); {
	case name.Digest != "":
		at.Errorf("%s: %q is pinned, and moves in no range", at, i.Name)
	case name.Tag != "" && !version:
		at.Errorf("%s: the tag of %q is not a version that can move in a range", at, i.Name)
	}
	i.Track = track
	return i, name, true
}

// imageName returns the image whose name v must be.
func imageName(v yaml.Value) (i Image, name oci.Name, ok bool) {
	if i.Name, ok = v.Text(); !ok {
		return Image{}, oci.Name{}, false
	}
	name, err := oci.Parse(i.Name)
	if err != nil {
		v.Errorf("%s: %v", v, err)
		return Image{}, oci.Name{}, false
	}
	at := v.Place()
	i.Line, i.Column = at.Line, at.Column
	return i, name, true
}

// trackedRange returns the range of versions that v must be.
func trackedRange(v yaml.Value) string {
	s, ok := v.Text()
	if !ok {
		return ""
	}
	if _, err := version.ParseRange(s); err != nil {
		v.Errorf("%s: %v", v, err)
	}
	return s
}

// TagSpan returns where in data, the text of the file, the tag of i stands. ok
// is false where it has none, or not in so many letters.
func (i Image) TagSpan(data []byte) (start, end int, ok bool) {
	name, err := oci.Parse(i.Name)
	if err != nil || name.Tag == "" || i.Line < 1 || i.Column < 1 {
		return 0, 0, false
	}
	text := string(data)
	for range i.Line - 1 {
		at := strings.IndexByte(text[start:], '\n')
		if at < 0 {
			return 0, 0, false
		}
		start += at + 1
	}
	start += i.Column - 1
	if start < len(text) && (text[start] == '"' || text[start] == '\'') {
		start++
	}
	if start > len(text) || !strings.HasPrefix(text[start:], i.Name) || name.Digest != "" {
		return 0, 0, false
	}
	end = start + len(i.Name)
	return end - len(name.Tag), end, true
}
