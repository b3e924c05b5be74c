package yaml

import (
	"strings"
	"testing"
)

func TestPosition(t *testing.T) {
	src := "\uFEFFa: é\r\nb\u2028c\n"
	for _, c := range []struct{ offset, line, column int }{
		{-1, 1, 1}, {0, 1, 1}, {3, 1, 4}, {8, 1, 9}, {9, 1, 10}, {10, 2, 1}, {14, 2, 5}, {16, 3, 1}, {99, 3, 1},
	} {
		if line, column := Position(src, c.offset); line != c.line || column != c.column {
			t.Errorf("offset %d is %d:%d: want %d:%d", c.offset, line, column, c.line, c.column)
		}
	}
}

func TestGet(t *testing.T) {
	var p Parser
	docs, err := p.Parse("a: 1\n? [b]\n: 2\nb: [x, y]\na: 3\n")
	if err != nil {
		t.Fatal(err)
	}
	root := docs[0].Root
	if n := root.Get("a"); n == nil || n.Value != "1" {
		t.Errorf("a is %v: want the first", n)
	}
	var none *Node
	if root.Get("c") != nil || root.Get("b").Get("x") != nil || none.Get("a") != nil {
		t.Error("found a key that does not exist")
	}
	var items, keys []string
	for n := range root.Get("b").Items() {
		items = append(items, n.Value)
	}
	for k := range root.Pairs() {
		keys = append(keys, k.Value)
	}
	if strings.Join(items, " ") != "x y" || strings.Join(keys, " ") != "a  b a" {
		t.Errorf("items %q, keys %q", items, keys)
	}
}

func TestSourceOffset(t *testing.T) {
	for _, c := range []struct {
		name, src, find string // find stands once in the value and in the source
		end             string // what the source has from the value's end on
	}{
		{"plain", "a: |\n  one\n    two\n\n  three\nb: c\n", "three", "b: c\n"},
		{"CRLF", "a: |\r\n  one\r\n\r\n  two\r\nb: c\r\n", "two", "b: c\r\n"},
		{"indicator", "a:\n  b: |3\n       one\n      two\nc: d\n", "two", "c: d\n"},
		{"stripped", "a: |-\n  one\n  two\nb: c\n", "two", "\nb: c\n"},
		{"kept", "a: |+\n  one\n\n   \n\nb: c\n", "one", "b: c\n"},
		{"no final newline", "a: |\n  one\n  two", "two", ""},
		{"blank lines first", "a: |\n\n \n  one\nb: c\n", "one", "b: c\n"},
		{"comment on the header", "a: | # one two\n  three\nb: c\n", "three", "b: c\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Parser
			docs, err := p.Parse(c.src)
			if err != nil {
				t.Fatal(err)
			}
			n := docs[0].Root.FirstChild.Next
			for n.Kind != Scalar {
				n = n.FirstChild.Next
			}
			i := strings.Index(n.Value, c.find)
			if offset, ok := n.SourceOffset(c.src, i); !ok || !strings.HasPrefix(c.src[offset:], c.find) {
				t.Errorf("index %d of %q is at %d, %v", i, n.Value, offset, ok)
			}
			if offset, ok := n.SourceOffset(c.src, len(n.Value)); !ok || c.src[offset:] != c.end {
				t.Errorf("the end of %q is at %d, %v", n.Value, offset, ok)
			}
			for _, i := range []int{-1, len(n.Value) + 1} {
				if offset, ok := n.SourceOffset(c.src, i); ok {
					t.Errorf("index %d of %q is at %d: want none", i, n.Value, offset)
				}
			}
		})
	}
	for _, src := range []string{"a: b\n", "a: >\n  b\n", "a: \"b\"\n"} {
		var p Parser
		docs, err := p.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := docs[0].Root.Get("a").SourceOffset(src, 0); ok {
			t.Errorf("%q has no literal scalar", src)
		}
	}
}
