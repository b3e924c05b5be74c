package vap

import (
	"maps"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// digests are those of the images in locks, by their 64 hex digits, each with the names that
// have it.
type digests map[string][]string

// digestsOf collects the digests that a Pod may name: of each image its own, and
// those of its platforms' manifests. A config's digest cannot be pulled.
func digestsOf(locks []*lockfile.Lock) digests {
	out := digests{}
	for _, l := range locks {
		for _, e := range l.Entries {
			if e.Kind != lockfile.Image {
				continue
			}
			out.add(e.Digest, e.Name)
			for _, p := range e.Platforms {
				if p.Manifest != e.Digest {
					out.add(p.Manifest, e.Name+" "+p.Platform)
				}
			}
		}
	}
	return out
}

// add adds a digest, if it is one that a lock can have.
func (d digests) add(digest, name string) {
	hex := strings.TrimPrefix(digest, "sha256:")
	if lockfile.ValidDigest(digest) && !slices.Contains(d[hex], name) {
		d[hex] = append(d[hex], name)
	}
}

// sorted are the digests in order.
func (d digests) sorted() []string { return slices.Sorted(maps.Keys(d)) }

// names says which names have a digest, in order.
func (d digests) names(hex string) string {
	return strings.Join(slices.Sorted(slices.Values(d[hex])), ", ")
}

// bucketDigits is how many hex digits of a digest select its bucket: an expression searches
// one bucket for a digest, not the whole list.
const bucketDigits = 2

// buckets are the digests by their first hex digits, in order.
func (d digests) buckets(digits int) []bucket {
	var out []bucket
	for _, hex := range d.sorted() {
		key := hex[:digits]
		if len(out) == 0 || out[len(out)-1].Key != key {
			out = append(out, bucket{Key: key})
		}
		last := &out[len(out)-1]
		last.Entries = append(last.Entries, entry{hex, d.names(hex)})
	}
	return out
}

// bucket is the digests that begin with Key.
type bucket struct {
	Key     string
	Entries []entry
}

// entry is a digest with the names that have it.
type entry struct{ Hex, Names string }
