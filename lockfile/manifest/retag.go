package manifest

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// tagState says where a reference has its tag.
type tagState uint8

const (
	tagFixed    tagState = iota // it cannot be changed
	tagApart                    // in a scalar of its own, or a part of one
	tagJoined                   // in one slot with the digest
	tagReplaced                 // nowhere: the digest stands or goes in its place
)

// tagSite is how a reference gets another tag. Its slot becomes before, the tag
// and, if it is joined, "@" and the digest, after.
type tagSite struct {
	slot
	state tagState
	plain bool   // it is a bare scalar, to be quoted where the tag would be no string
	why   string // it is fixed
}

// TagFixed says why r cannot be given another tag in place, "" if it can.
func (r Reference) TagFixed() string {
	switch {
	case !r.Editable || !r.site.ok:
		return r.Why
	case r.site.tag.state != tagFixed:
		return ""
	case r.site.tag.why != "":
		return r.site.tag.why
	}
	return "its tag is written in a form that cannot be edited safely"
}

// Retag plans the edits that make r name tag, pinned to digest ("sha256:" and
// 64 hex digits), in one go. Where r carries no tag, they only pin it. It is an
// error if TagFixed says why.
func (r Reference) Retag(tag, digest string, style PinStyle) ([]Edit, error) {
	if why := r.TagFixed(); why != "" {
		return nil, fmt.Errorf("%s:%d:%d: %q cannot take the tag %s: %s", r.File, r.Line, r.Column,
			r.Reference, tag, why)
	}
	s := r.site.tag
	switch {
	case s.state == tagReplaced, style == DigestOnly && r.site.only != r.site.keep:
		return r.Pin(digest, style)
	case s.state == tagJoined:
		return []Edit{{s.start, s.end, s.old, s.before + tag + "@" + digest + s.after}}, nil
	}
	edits, err := r.Pin(digest, style)
	if err != nil {
		return nil, err
	}
	text := s.before + tag + s.after
	if s.plain && !plainString(tag) {
		text = `"` + tag + `"`
	}
	return append(edits, Edit{s.start, s.end, s.old, text}), nil
}

// numberLike is what some YAML reader takes for a number or a date.
var numberLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?$|^[0-9]+-[0-9]+-[0-9]+$`)
})

// plainString reports whether a tag that stands bare is a string to every
// reader of YAML.
func plainString(tag string) bool {
	_, text := printed(&yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Value: tag})
	return text && !numberLike().MatchString(tag)
}

// tagScalar plans to make another tag the whole value of n, which belongs to the
// mapping m and holds nothing else.
func (f *finder) tagScalar(m, n *yaml.Node) tagSite {
	v := target(n)
	if v == nil || v.Value == "" || !f.plainText(v) || strings.ContainsAny(v.Value, "@:") {
		return tagSite{}
	}
	s, ok := f.slot(v, 0, len(v.Value), "")
	if !ok {
		return tagSite{}
	}
	out := tagSite{slot: s, state: tagApart, plain: v.Style == yaml.Plain}
	if out.plain && f.mustQuote(v) {
		out.before, out.after, out.plain = `"`, `"`, false
	}
	switch {
	case n.Kind == yaml.Alias || f.anchors[v].aliases > 0:
		out.fix("its tag has an anchor, which serves other places as well")
	case mergedInto(m, n):
		out.fix("its tag comes from a merge key, which serves other places as well")
	}
	return out
}

// fix notes why a tag cannot be changed.
func (s *tagSite) fix(why string) { s.state, s.why = tagFixed, why }

// mergedInto reports whether m has the value n from what it merges.
func mergedInto(m, n *yaml.Node) bool {
	if m == nil || m.Kind != yaml.Mapping {
		return false
	}
	merges := false
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if k.Next == n {
			return false
		}
		merges = merges || isMerge(k)
	}
	return merges
}

// settleTags makes tags fixed that references to different names share.
func settleTags(refs []found) {
	shared := map[int]string{}
	mixed := map[int]bool{}
	for _, r := range refs {
		s := r.site.tag
		if s.old == "" || r.site.tag.state == tagJoined {
			continue // what is joined, settle has looked at
		}
		if name, seen := shared[s.start]; seen && name != r.Tracked {
			mixed[s.start] = true
		}
		shared[s.start] = r.Tracked
	}
	for i := range refs {
		if s := &refs[i].site.tag; mixed[s.start] && s.state == tagApart {
			s.fix("its tag also serves another image")
		}
	}
}
