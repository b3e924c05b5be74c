package generate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// definition is the kind that holds the digests. It belongs to the cluster, not to a
// namespace, and none of Kubernetes' roles for users of a namespace may write it.
func definition() object {
	str := func(description string) mapping {
		return mapping{{key: "type", value: "string"}, {key: "description", value: description}}
	}
	hexes := mapping{
		{key: "type", value: "array"},
		{key: "x-kubernetes-list-type", value: "atomic"},
		{key: "items", value: mapping{{key: "type", value: "string"}, {key: "pattern", value: "^[0-9a-f]{64}$"}}},
	}
	spec := mapping{
		{key: "type", value: "object"},
		{key: "required", value: []string{"digests"}},
		{key: "properties", value: mapping{{key: "digests", value: mapping{
			{key: "type", value: "object"},
			{key: "description", value: "The sha256 digests that may run, by their first two hex digits."},
			{key: "maxProperties", value: 256},
			{key: "x-kubernetes-map-type", value: "atomic", comment: "what is applied replaces what is there"},
			{key: "additionalProperties", value: hexes},
		}}}},
	}
	schema := mapping{
		{key: "type", value: "object"},
		{key: "description", value: "The digests that a ValidatingAdmissionPolicy of plumb's lets in."},
		{key: "required", value: []string{"spec"}},
		{key: "properties", value: mapping{
			{key: "apiVersion", value: str("The version of this kind.")},
			{key: "kind", value: str("The name of this kind.")},
			{key: "metadata", value: mapping{{key: "type", value: "object"}}},
			{key: "spec", value: spec},
		}},
	}
	return object{apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: digestLists,
		body: mapping{{key: "spec", value: mapping{
			{key: "group", value: group},
			{key: "scope", value: "Cluster"},
			{key: "names", value: mapping{
				{key: "kind", value: DigestListKind}, {key: "listKind", value: DigestListKind + "List"},
				{key: "plural", value: "digestlists"}, {key: "singular", value: "digestlist"},
			}},
			{key: "conversion", value: mapping{{key: "strategy", value: "None"}}},
			{key: "versions", value: list{mapping{
				{key: "name", value: "v1"}, {key: "served", value: true}, {key: "storage", value: true},
				{key: "schema", value: mapping{{key: "openAPIV3Schema", value: schema}}},
			}}},
		}}}}
}

// digestList is the policy's parameter.
func (o PolicyOptions) digestList(d digests) object {
	entries := mapping{}
	for _, b := range d.buckets(bucketDigits) {
		var hexes list
		for _, hex := range b.hexes {
			hexes = append(hexes, quoted{hex, d.names(hex)})
		}
		entries = append(entries, field{key: b.key, value: hexes})
	}
	return object{apiVersion: group + "/v1", kind: DigestListKind, name: o.Name,
		body: mapping{{key: "spec", value: mapping{{key: "digests", value: entries}}}}}
}

// literals are the digests as variables: one for each first hex digit that there is, as
// an expression may only be so long, and one over all of them.
func literals(d digests) []variable {
	texts := map[string]string{}
	for _, b := range d.buckets(bucketDigits) {
		first := b.key[:1]
		if texts[first] != "" {
			texts[first] += ",\n"
		}
		texts[first] += fmt.Sprintf("'%s': [\n'%s']", b.key, strings.Join(b.hexes, "',\n'"))
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
