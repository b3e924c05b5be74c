// Package yaml reads YAML and JSON for their meaning while keeping the byte
// position of everything it reads, so that a caller can splice new bytes into
// the text and leave all others as they were. It never writes YAML.
package yaml

// Kind tells the four sorts of node apart.
type Kind uint8

// The kinds.
const (
	Scalar   Kind = iota + 1 // a text of any type; also an absent value
	Mapping                  // keys and values
	Sequence                 // a list
	Alias                    // *name, which stands for the node with the anchor &name
)

// Style is how a node is written.
type Style uint8

// The styles.
const (
	Plain        Style = iota + 1 // bare scalar; also an empty (absent) one
	SingleQuoted                  // 'scalar'
	DoubleQuoted                  // "scalar"
	Literal                       // | block scalar
	Folded                        // > block scalar
	Block                         // mapping or sequence by indentation
	Flow                          // mapping or sequence in { } or [ ]
)

// Node is one node of a document. All offsets are byte offsets into the text
// that was parsed (a byte-order mark counts).
type Node struct {
	Kind  Kind  // what it is
	Style Style // how it is written

	// Opaque says that the exact place of the node could not be established:
	// Start is near it, and no byte of it may be edited. Its Value is right.
	Opaque bool

	// Start and End delimit the node's own text, without its tag and anchor
	// and without surrounding space and comments. A quoted scalar's span has its
	// quotes; a block scalar's starts at its | or > and ends after the last
	// byte of its last content line (before that line's break); a plain scalar's
	// ends after its last character that is no space; a flow collection's has
	// its brackets; a block collection's starts at its first key or dash
	// and ends with its last child. An absent value (as in "key:") has
	// Start == End, just behind the colon, dash or decoration it belongs to.
	Start, End int

	// Value is a scalar's decoded text, and an alias's name. It shares memory
	// with the source where the two are the same bytes.
	Value string

	// Tag is the explicit tag ("!!str", "!", "!custom"), or "". Handles and %-escapes are
	// resolved, and a tag of YAML's own is short: it is "!!str" however it is written.
	Tag string
	// Anchor is the node's anchor without the "&", or "".
	Anchor string
	// Target is the node that an alias names; nil for other kinds.
	Target *Node

	// FirstChild and Next link children: for a mapping key, value, key, value…
	// and for a sequence its items.
	FirstChild, Next *Node
}

// Document is one document of a stream.
type Document struct {
	Root *Node // nil for a document without content
	// Start is the offset at which the document's text begins: 0, or just
	// behind the line of the "---" that opens it, or just behind the "---"
	// itself where content follows on its line.
	Start int
}
