package yaml

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What errors call the types of scalars.
const (
	aString  = "a string"
	aBoolean = "a boolean"
	aNumber  = "a number (quote it)"
	nothing  = "nothing"
)

// Resolve returns what the node stands for where it is an alias, and else the node.
func (n *Node) Resolve() *Node {
	for n.Kind == Alias && n.Target != nil {
		n = n.Target
	}
	return n
}

// IsNull reports whether the node is null, or stands for a value that is not written.
func (n *Node) IsNull() bool { return n.Kind == Scalar && n.describe() == nothing }

// IsString reports whether the node is a string for everyone who reads YAML, whether
// version 1.1 or 1.2.
func (n *Node) IsString() bool { return n.Kind == Scalar && n.describe() == aString }

// isMerge reports whether the node is the key "<<", which takes other mappings' fields.
func (n *Node) isMerge() bool {
	return n.Kind == Scalar && n.Style == Plain && n.Value == "<<" &&
		(n.Tag == "" || n.Tag == "!!merge")
}

// oldBooleans are booleans of YAML 1.1 that are strings in YAML 1.2.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

// describe says what the node is, for errors.
func (n *Node) describe() string {
	switch n.Kind {
	case Mapping:
		return "a mapping"
	case Sequence:
		return "a list"
	case Alias:
		return "an alias"
	}
	switch {
	case n.Tag == "!" || n.Tag == "!!str" || n.Tag == "" && n.Style != Plain:
		return aString
	case n.Tag != "":
		return "a value tagged " + n.Tag
	case slices.Contains(oldBooleans, strings.ToLower(n.Value)):
		return "a boolean of YAML 1.1 (quote it, or write true or false)"
	}
	switch (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}).ShortTag() {
	case "!!null":
		return nothing
	case "!!bool":
		return aBoolean
	case "!!int", "!!float":
		return aNumber
	case "!!timestamp":
		return "a date (quote it)"
	case "!!merge":
		return "a merge key"
	}
	return aString
}
