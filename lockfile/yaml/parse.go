package yaml

import "slices"

// maxDepth is how many collections may stand in one another. Real manifests
// stay below 40; the limit keeps recursion over a tree safe for everyone.
const maxDepth = 1000

// SyntaxError is a text that is no YAML, or one beyond the limits of this package.
type SyntaxError struct {
	Offset int    // byte offset of the fault, as near as the parser knows
	Msg    string // lower case, no position
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Msg }

// Parser holds the memory that parsing needs, so that one can be used for many
// texts in turn. The documents of a call are valid until the next call, the
// strings in them for ever. The zero Parser is ready for use; one Parser
// serves one goroutine.
type Parser struct {
	docs  []Document
	nodes slab
	text  text
	// anchors are those of the document that fast reads, in their order.
	anchors []anchor
}

// Parse reads every document of src. The error is a *SyntaxError; documents before
// the fault are returned with it. Collections nested more than 1,000 deep are
// an error, and so is an alias that names no finished node of its document.
// Keys that occur twice are kept.
func (p *Parser) Parse(src string) ([]Document, error) {
	if err := p.begin(src); err != nil {
		return nil, err
	}
	if p.fast() {
		return p.docs, nil
	}
	p.docs = p.docs[:0]
	p.nodes.reset()
	return p.full()
}

// begin makes the parser ready for a new text, and refuses one that is not
// the UTF-8 that YAML demands.
func (p *Parser) begin(src string) error {
	p.docs = p.docs[:0]
	p.nodes.reset()
	return p.text.reset(src)
}

// slab gives out nodes from chunks that it keeps from one text to the next.
type slab struct {
	chunks [][]Node
	chunk  int // index of the chunk in use
	used   int // nodes given out of it
}

const (
	chunkNodes = 256
	keepChunks = 256 // about 7 MB; what one large text needed beyond this is given back
)

func (s *slab) reset() {
	if len(s.chunks) > keepChunks {
		s.chunks = slices.Delete(s.chunks, keepChunks, len(s.chunks))
	}
	s.chunk, s.used = 0, 0
}

// next returns a node whose fields hold what an earlier text left there.
func (s *slab) next() *Node {
	if s.used == chunkNodes {
		s.chunk++
		s.used = 0
	}
	if s.chunk == len(s.chunks) {
		s.chunks = append(s.chunks, make([]Node, chunkNodes))
	}
	n := &s.chunks[s.chunk][s.used]
	s.used++
	return n
}
