package yaml

// Stream is what a text holds for those who apply Kubernetes objects.
type Stream struct {
	Documents []Document
	// Text is what the offsets of the documents refer to: the text that was read, in which
	// lines between documents may be written otherwise, at the same length.
	Text string
	// Plain says that the text holds nothing that two parsers may read in two ways, but for
	// keys that stand twice and merge keys.
	Plain bool
}

// ParseStream reads src as those who apply Kubernetes objects do: split at lines that start
// with ---, JSON values, one behind the other, as JSON (RFC 8259), and all else as YAML.
// What Parse says of its results holds here, too.
func (p *Parser) ParseStream(src string) (Stream, error) {
	err := p.begin(src)
	if err == nil && p.fast() {
		return Stream{p.docs, src, true}, nil
	}
	if text := separated(src); text != src {
		src = text
		err = p.begin(src)
	}
	if p.json() {
		return Stream{p.docs, src, true}, nil
	}
	p.docs = p.docs[:0]
	p.nodes.reset()
	if err != nil {
		return Stream{Text: src}, err
	}
	docs, err := p.full()
	return Stream{Documents: docs, Text: src}, err
}
