package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// PinStyle says how a pinned reference is written.
type PinStyle uint8

const (
	// TagAndDigest keeps the tag beside the digest: "nginx:1.27@sha256:…".
	TagAndDigest PinStyle = iota
	// DigestOnly drops the tag where the digest can take its place: "nginx@sha256:…", and
	// digest in the place of newTag in kustomize's images.
	DigestOnly
)

// slot is where a digest goes: [start, end) holds old and becomes before, the
// digest, after. It is comparable, so that two references that would edit the
// same bytes can be told to be one edit or two that disagree.
type slot struct {
	start, end         int
	old, before, after string
	bare               bool // the consumer wants the hex digits without "sha256:"
}

// site is how a reference is pinned in each style. A site without a slot
// belongs to a reference that is not editable.
type site struct {
	keep, only slot
	ok         bool
	tag        tagSite
}

func (s slot) edit(digest string) Edit {
	if s.bare {
		digest = strings.TrimPrefix(digest, "sha256:")
	}
	return Edit{Start: s.start, End: s.end, Old: s.old, New: s.before + digest + s.after}
}

// Pin plans the edits that make r name digest ("sha256:" and 64 hex digits).
// There are none if it does already. To pin a reference that is not Editable
// is an error.
func (r Reference) Pin(digest string, style PinStyle) ([]Edit, error) {
	if r.Digest == digest {
		return nil, nil
	}
	if !r.Editable || !r.site.ok {
		return nil, fmt.Errorf("%s:%d:%d: %q cannot be pinned in place: %s", r.File, r.Line,
			r.Column, r.Reference, r.Why)
	}
	s := r.site.keep
	if style == DigestOnly {
		s = r.site.only
	}
	return []Edit{s.edit(digest)}, nil
}

// KeepsTag reports whether r has its tag in another place than the digest goes to, so that
// the tag stays although style asks for the digest alone.
func (r Reference) KeepsTag(style PinStyle) bool {
	return style == DigestOnly && r.site.ok && r.site.only == r.site.keep &&
		r.site.tag.state != tagReplaced
}

// Apply returns src with every edit made. Edits may come in any order;
// identical ones count once. An edit that overlaps another, lies outside of
// src or does not find its Old bytes is an error, and nothing is returned.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortFunc(sorted, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		if a.End != b.End {
			return a.End - b.End
		}
		return strings.Compare(a.New, b.New)
	})
	sorted = slices.Compact(sorted)
	grown := len(src)
	for _, e := range sorted {
		grown += len(e.New)
	}
	out := make([]byte, 0, grown)
	last := 0
	for i, e := range sorted {
		if e.Start < 0 || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf(
				"edit of bytes %d to %d: outside of the text, which has %d bytes", e.Start, e.End,
				len(src))
		}
		if e.Start < last || i > 0 && e.Start == sorted[i-1].Start {
			return nil, fmt.Errorf("edit of bytes %d to %d: another edit changes the same bytes",
				e.Start, e.End)
		}
		if string(src[e.Start:e.End]) != e.Old {
			return nil, fmt.Errorf("edit of bytes %d to %d: the text has changed since it was read",
				e.Start, e.End)
		}
		out = append(out, src[last:e.Start]...)
		out = append(out, e.New...)
		last = e.End
	}
	return append(out, src[last:]...), nil
}
