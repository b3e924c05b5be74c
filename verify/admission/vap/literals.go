package vap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// literals are the digests as variables: one for each first hex digit that there is, as
// an expression may only be so long, and one over all of them.
func literals(d digests) []variable {
	texts := map[string]string{}
	for _, b := range d.buckets(bucketDigits) {
		first := b.Key[:1]
		if texts[first] != "" {
			texts[first] += ",\n"
		}
		var hexes []string
		for _, e := range b.Entries {
			hexes = append(hexes, e.Hex)
		}
		texts[first] += fmt.Sprintf("'%s': [\n'%s']", b.Key, strings.Join(hexes, "',\n'"))
	}
	var out []variable
	var index []string
	for _, first := range slices.Sorted(maps.Keys(texts)) {
		name := "digests" + first
		out = append(out, variable{name, "{" + texts[first] + "}"})
		index = append(index, fmt.Sprintf("'%s': variables.%s", first, name))
	}
	return append(out, variable{"digests", "{" + strings.Join(index, ",\n") + "}"})
}
