package yaml

import (
	"fmt"
	"testing"
)

// checkSpans fails the test where a node's span is not what its documentation
// promises: inside its parent's, in order, and holding the text that decodes
// to its value.
func checkSpans(t *testing.T, src string, docs []Document) {
	t.Helper()
	var p text
	if err := p.reset(src); err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, d := range docs {
		if d.Root == nil {
			continue
		}
		if d.Root.Start < at {
			t.Errorf("document begins at %d, before %d", d.Root.Start, at)
		}
		if err := spanFault(newLineIndex(&p), d.Root, -1); err != nil {
			t.Errorf("%v\nin %.2000q", err, src)
		}
		at = d.Root.End
	}
}

// spanFault returns what is wrong with the spans of n and of what is in it.
func spanFault(x *lineIndex, n *Node, indent int) error {
	p := x.text
	if n.Start > n.End || n.End > len(p.src) {
		return fmt.Errorf("node %q at %d..%d is no span", n.Value, n.Start, n.End)
	}
	if n.FirstChild == nil {
		return scalarFault(p, n, indent)
	}
	if n.Style == Block {
		indent = x.indent(n.Start)
	}
	at := n.Start
	for c := n.FirstChild; c != nil; c = c.Next {
		if c.Start < at || c.End > n.End {
			return fmt.Errorf("child %q at %d..%d: not between %d and %d", c.Value, c.Start, c.End, at, n.End)
		}
		at = c.End
		if err := spanFault(x, c, indent); err != nil {
			return err
		}
	}
	return nil
}

func scalarFault(p *text, n *Node, indent int) error {
	if n.Opaque {
		return nil
	}
	raw := p.src[n.Start:n.End]
	value, end, ok := "", n.End, true
	switch {
	case n.Kind == Alias:
		value = raw[1:]
	case n.Kind != Scalar:
		return nil
	case n.Style == Plain:
		value = n.Value
		end, ok = p.matchPlain(n.Start, n.Value)
	case n.Style == Literal || n.Style == Folded:
		b, fine := p.blockScalarAt(n.Start, indent)
		value, end, ok = b.value, b.end, fine
		if err := offsetFault(p, n); err != nil {
			return err
		}
	default:
		value, end, ok = p.quoted(n.Start)
	}
	if !ok || value != n.Value || end != n.End {
		return fmt.Errorf("span %d..%d reads %q and means %q: want %q", n.Start, n.End, raw, value, n.Value)
	}
	return nil
}

// offsetFault says where a literal's SourceOffset does not lead to the byte
// asked for.
func offsetFault(p *text, n *Node) error {
	if n.Style != Literal || p.exotic {
		return nil
	}
	for i := 0; i < min(len(n.Value), 300); i++ {
		at, ok := n.SourceOffset(p.src, i)
		if !ok || p.src[at] != n.Value[i] && (n.Value[i] != '\n' || p.src[at] != '\r') {
			return fmt.Errorf("byte %d of literal %q is at %d, %v", i, n.Value, at, ok)
		}
	}
	if at, ok := n.SourceOffset(p.src, len(n.Value)); !ok || at < n.End {
		return fmt.Errorf("the end of literal %q is at %d, %v: its span ends at %d", n.Value, at, ok, n.End)
	}
	return nil
}
