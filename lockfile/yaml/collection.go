package yaml

import "go.yaml.in/yaml/v3"

// collection converts a mapping or sequence whose content begins at i.
func (c *converter) collection(n *Node, y *yaml.Node, i, indent, depth int, kind Kind) error {
	n.Kind, n.Style, n.Start, n.End = kind, Block, i, i
	c.pos = max(c.pos, i)
	if y.Style&yaml.FlowStyle != 0 {
		n.Style = Flow
		open, closing := byte('['), byte(']')
		if kind == Mapping {
			open, closing = '{', '}'
		}
		if c.pair(y) {
			return c.children(n, y, indent, depth)
		}
		n.Opaque = n.Opaque || !c.text.at(i, open)
		c.pos = max(c.pos, i+1)
		err := c.children(n, y, indent, depth)
		c.close(n, closing)
		return err
	}
	return c.children(n, y, c.lines.indent(i), depth)
}

// pair tells whether y is the mapping without braces of [key: value].
func (c *converter) pair(y *yaml.Node) bool {
	if y.Kind != yaml.MappingNode || len(y.Content) == 0 {
		return false
	}
	k := y.Content[0]
	return !c.text.at(c.pos, '{') || k.Line == y.Line && k.Column == y.Column
}

// close ends a flow collection at its closing bracket.
func (c *converter) close(n *Node, bracket byte) {
	i := c.text.gap(c.pos)
	if c.text.at(i, ',') {
		i = c.text.gap(i + 1)
	}
	if c.text.at(i, bracket) {
		n.End = i + 1
		return
	}
	n.Opaque, n.End = true, max(n.Start, c.pos)
}

// children converts the content of n and links it. A collection without a
// closing bracket ends with its last child.
func (c *converter) children(n *Node, y *yaml.Node, indent, depth int) error {
	link := &n.FirstChild
	for i, yc := range y.Content {
		var indicated bool
		switch {
		case n.Kind == Sequence:
			indicated = c.item(n.Style, i == 0)
		case i%2 == 0:
			c.key(n.Style, i == 0)
			indicated = true
		default:
			indicated = c.colon(n.Style, indent, yc)
		}
		child, err := c.child(yc, indent, depth+1, indicated)
		if err != nil {
			return err
		}
		*link, link = child, &child.Next
		n.End = max(n.End, child.End)
		n.Opaque = n.Opaque || child.Opaque && i == len(y.Content)-1
	}
	return nil
}

// item goes behind the dash or comma before a sequence's item.
func (c *converter) item(s Style, first bool) bool {
	i := c.text.gap(c.pos)
	switch {
	case s == Block:
		if !c.text.at(i, '-') {
			return false
		}
		c.pos = i + 1
	case !first:
		if !c.text.at(i, ',') {
			return false
		}
		c.pos = i + 1
	}
	return true
}

// key goes behind the comma and the question mark before a mapping's key.
func (c *converter) key(s Style, first bool) {
	i := c.text.gap(c.pos)
	if s == Flow && !first && c.text.at(i, ',') {
		c.pos = i + 1
		i = c.text.gap(c.pos)
	}
	if c.text.at(i, '?') && (s == Flow || c.text.blankz(i+1)) {
		c.pos = i + 1
	}
}

// colon goes behind the colon before a mapping's value. A value without one
// must be absent; then it stands where its key ends. A colon on a line of its
// own is the mapping's if it stands at the mapping's column.
func (c *converter) colon(s Style, indent int, y *yaml.Node) bool {
	i := c.text.gap(c.pos)
	if c.text.at(i, ':') && (s == Flow || c.text.blankz(i+1) && (c.text.skipBlanks(c.pos) == i ||
		c.lines.indent(i) == indent)) {
		c.pos = i + 1
		return true
	}
	return y.Value == "" && y.Kind == yaml.ScalarNode
}
