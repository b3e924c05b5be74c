package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/version"
)

// images returns the names that n lists, as strings or as mappings.
func (p *parser) images(n *yaml.Node) []Image {
	var all []Image
	seen := map[string]bool{}
	p.items(n, "images", func(item *yaml.Node) {
		i, name, ok := p.image(item)
		if !ok {
			return
		}
		key := name.Tracked()
		if !i.Locked() {
			key = name.Repo()
		}
		if seen[key] {
			p.errorf(item, "images: %q stands twice, it is %s", i.Name, key)
			return
		}
		seen[key] = true
		all = append(all, i)
	})
	return all
}

// image returns the image that n is.
func (p *parser) image(n *yaml.Node) (i Image, name oci.Name, ok bool) {
	if n.Kind != yaml.MappingNode {
		i, name, ok = p.imageName(n, "an item of images")
		return i, name, ok
	}
	var at *yaml.Node
	var rang string
	seen := p.mapping(n, "an item of images",
		field{"name", func(n *yaml.Node) { i, name, ok = p.imageName(n, "name") }},
		field{"track", func(n *yaml.Node) { at = n; rang = p.rang(n) }},
	)
	p.require(n, seen, "an item of images", "name")
	if !ok || at == nil {
		return i, name, ok
	}
	switch _, version := version.Parse(name.Tag); {
	case name.Digest != "":
		p.errorf(at, "track: %q is pinned, and moves in no range", i.Name)
	case name.Tag != "" && !version:
		p.errorf(at, "track: the tag of %q is no version that could move in a range", i.Name)
	}
	i.Track = rang
	return i, name, true
}

func (p *parser) imageName(n *yaml.Node, what string) (i Image, name oci.Name, ok bool) {
	if i.Name, ok = p.text(n, what); !ok {
		return Image{}, oci.Name{}, false
	}
	name, err := oci.Parse(i.Name)
	if err != nil {
		reason := err.Error()
		var wrong *oci.NameError
		if errors.As(err, &wrong) {
			reason = "is no image name: " + wrong.Reason
		}
		p.errorf(n, "images: %q %s", i.Name, reason)
		return Image{}, oci.Name{}, false
	}
	i.Line, i.Column = position(p.data, n.Line, n.Column)
	return i, name, true
}

// rang returns the range of versions that n must be.
func (p *parser) rang(n *yaml.Node) string {
	s, ok := p.text(n, "track")
	if !ok {
		return ""
	}
	if _, err := version.ParseRange(s); err != nil {
		p.errorf(n, "track: %v", err)
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
