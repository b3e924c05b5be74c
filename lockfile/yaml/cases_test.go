package yaml

import (
	"strconv"
	"strings"
	"testing"
)

// yamlCases are texts with one node to look at: its path (document, keys and
// item numbers), its value and how it is written. left says that fast gives up.
var yamlCases = []struct {
	name, src, path, value, raw string
	left                        bool
}{
	{name: "many documents", src: "a: 1\n---\na: 2\n---\na: 3\n", path: "2/a", value: "3", raw: "3"},
	{name: "empty documents", src: "---\n---\n# nothing\n---\na: 1\n", path: "2/a", value: "1", raw: "1"},
	{name: "document end", src: "a: 1\n...\n---\nb: 2\n...\n", path: "1/b", value: "2", raw: "2"},
	{name: "markers with comments", src: "--- # one\na: 1\n... # end\n--- # two\nb: 2\n", path: "1/b", value: "2", raw: "2"},
	{name: "content on the marker's line", src: "--- {a: 1}\n--- \"x\"\n", path: "1", value: "x", raw: "\"x\"", left: true},
	{name: "comment between dash and key", src: "a:\n- # why\n  # and how\n  image: x # this\n", path: "0/a/0/image", value: "x", raw: "x"},
	{name: "comment at another depth", src: "a:\n    # deep\n  b: 1\n# shallow\n  c: 2\n", path: "0/a/c", value: "2", raw: "2"},
	{name: "comment behind the key", src: "a: # why\n  b\nc: d\n", path: "0/a", value: "b", raw: "b"},
	{name: "hash in a plain scalar", src: "a: b#c d # e\n", path: "0/a", value: "b#c d", raw: "b#c d"},
	{name: "colon in a plain scalar", src: "image: localhost:5000/x:1\n", path: "0/image", value: "localhost:5000/x:1", raw: "localhost:5000/x:1"},
	{name: "plain on two lines", src: "a: one\n  two\n\n  three # four\nb: c\n", path: "0/a", value: "one two\nthree", raw: "one\n  two\n\n  three"},
	{name: "plain with dashes", src: "a: one\n  - two\nb: c\n", path: "0/a", value: "one - two", raw: "one\n  - two"},
	{name: "plain root", src: "one\ntwo\n", path: "0", value: "one two", raw: "one\ntwo"},
	{name: "single quotes", src: "a: 'it''s: #x' # y\n", path: "0/a", value: "it's: #x", raw: "'it''s: #x'"},
	{name: "single quotes on two lines", src: "a: 'one \n\n  two'\nb: c\n", path: "0/a", value: "one\ntwo", raw: "'one \n\n  two'"},
	{name: "double quotes", src: "a: \"b: #c\"\n", path: "0/a", value: "b: #c", raw: "\"b: #c\""},
	{name: "escapes", src: "a: \"x\\x3ay\\u00e9\\U0001F600\\t\\\"\\\\\\n\\_\\L\"\n", path: "0/a",
		value: "x:yé😀\t\"\\\n\u00a0\u2028", raw: "\"x\\x3ay\\u00e9\\U0001F600\\t\\\"\\\\\\n\\_\\L\""},
	{name: "folded lines", src: "a: \"one \\\n  two\n\n  three\\  \n four\"\n", path: "0/a", value: "one two\nthree  four", raw: "\"one \\\n  two\n\n  three\\  \n four\""},
	{name: "anchor and alias", src: "a: &x nginx\nb: *x\n", path: "0/b", value: "x", raw: "*x"},
	{name: "anchored value", src: "a: &x nginx\nb: *x\n", path: "0/a", value: "nginx", raw: "nginx"},
	{name: "anchored collection", src: "a: &x # c\n  b: 1\nc: *x\n", path: "0/a/b", value: "1", raw: "1"},
	{name: "anchor of nothing", src: "a: &x\nb: 1\n", path: "0/a", value: "", raw: ""},
	{name: "anchored key", src: "a:\n  &x b: 1\nc: *x\n", path: "0/c", value: "x", raw: "*x", left: true},
	{name: "merge key", src: "a: &x {b: 1}\nc:\n  <<: *x\n", path: "0/c/<<", value: "x", raw: "*x"},
	{name: "tag", src: "a: !!str 1\nb: 2\n", path: "0/a", value: "1", raw: "1", left: true},
	{name: "tag and anchor", src: "a: &x !t\n  # c\n  b: 1\n", path: "0/a/b", value: "1", raw: "1", left: true},
	{name: "tag of nothing", src: "a: !!null\nb: 2\n", path: "0/a", value: "", raw: "", left: true},
	{name: "lone tag", src: "a: ! x\nb: 2\n", path: "0/a", value: "x", raw: "x", left: true},
	{name: "literal", src: "a: |\n  one\n   two\n\nb: c\n", path: "0/a", value: "one\n two\n", raw: "|\n  one\n   two"},
	{name: "literal kept", src: "a: |+\n  one\n\nb: c\n", path: "0/a", value: "one\n\n", raw: "|+\n  one"},
	{name: "literal stripped", src: "a: |- # c\n  one\nb: c\n", path: "0/a", value: "one", raw: "|- # c\n  one"},
	{name: "literal indented", src: "a:\n  b: |2-\n      one\n    two\nc: d\n", path: "0/a/b", value: "  one\ntwo", raw: "|2-\n      one\n    two"},
	{name: "literal in a list", src: "- |1\n  one\n- b\n", path: "0/0", value: " one\n", raw: "|1\n  one"},
	{name: "empty literal", src: "a: |\nb: c\n", path: "0/a", value: "", raw: "|"},
	{name: "folded", src: "a: >\n  one\n  two\n\n  three\n   four\n  five\nb: c\n", path: "0/a", value: "one two\nthree\n four\nfive\n", raw: ">\n  one\n  two\n\n  three\n   four\n  five"},
	{name: "folded stripped", src: "a: >-\n  one\n  two\nb: c\n", path: "0/a", value: "one two", raw: ">-\n  one\n  two"},
	{name: "marker in a text", src: "data:\n  a: |\n    ---\n    b: 1\n    ---\nc: d\n", path: "0/data/a", value: "---\nb: 1\n---\n", raw: "|\n    ---\n    b: 1\n    ---"},
	{name: "flow", src: "a: {b: [c, 'd'], \"e\": f}\n", path: "0/a/b/1", value: "d", raw: "'d'"},
	{name: "flow over lines", src: "a: [\n  b, # c\nd,\n]\ne: {\n}\n", path: "0/a/1", value: "d", raw: "d"},
	{name: "flow over lines with tabs", src: "a: [\n  b, # c\n\td,\n]\ne: {\n}\n", path: "0/a/1", value: "d", raw: "d", left: true},
	{name: "flow without a value", src: "a: {b: , c: }\n", path: "0/a/b", value: "", raw: ""},
	{name: "flow key without a colon", src: "a: {b, c: d}\n", path: "0/a/b", value: "", raw: "", left: true},
	{name: "flow pair", src: "a: [b: c]\n", path: "0/a/0/b", value: "c", raw: "c", left: true},
	{name: "flow plain on two lines", src: "a: [b\n  c]\n", path: "0/a/0", value: "b c", raw: "b\n  c", left: true},
	{name: "JSON", src: "{\"a\":{\"b\":[1,\"c\"]},\n\t\"d\": null}\n", path: "0/a/b/1", value: "c", raw: "\"c\""},
	{name: "KYAML", src: "---\n{\n  a: \"b\",\n  c: [{\n    d: \"e\",\n  }],\n}\n", path: "0/c/0/d", value: "e", raw: "\"e\""},
	{name: "tab after the colon", src: "a:\tb\nc: \t d\t\n", path: "0/c", value: "d", raw: "d"},
	{name: "tab in the indentation of a comment", src: "# a\n\t# b\na: b\n", path: "0/a", value: "b", raw: "b", left: true},
	{name: "wide letters before the value", src: "{é: 😀, b: c}\n", path: "0/b", value: "c", raw: "c"},
	{name: "wide letters and a tag", src: "{é: \"😀\", b: !t c}\n", path: "0/b", value: "c", raw: "c", left: true},
	{name: "LS and NEL in comments", src: "# a\u2028# b\na: b # \u0085c: d\n", path: "0/c", value: "d", raw: "d", left: true},
	{name: "byte-order mark inside", src: "a: \uFEFFb\nc: d\n", path: "0/c", value: "d", raw: "d", left: true},
	{name: "duplicate keys", src: "a: b\na: c\n", path: "0/a", value: "b", raw: "b"},
	{name: "complex keys", src: "? [a, b]\n: c\n? d\n? - e\n: f\n", path: "0/d", value: "", raw: "", left: true},
	{name: "absent key", src: "?\n: a\nb: c\n", path: "0/b", value: "c", raw: "c", left: true},
	{name: "quoted keys", src: "\"a b\" : c\n'd': e\n", path: "0/a b", value: "c", raw: "c"},
	{name: "map for a string", src: "image:\n  repository: a\n  tag: 1\n", path: "0/image/tag", value: "1", raw: "1"},
	{name: "empty string", src: "image: \"\"\n", path: "0/image", value: "", raw: "\"\""},
	{name: "nothing", src: "image:\nb: c\n", path: "0/image", value: "", raw: ""},
	{name: "null", src: "image: ~\n", path: "0/image", value: "~", raw: "~"},
	{name: "number", src: "tag: 1.10\n", path: "0/tag", value: "1.10", raw: "1.10"},
	{name: "list in a list", src: "- - a\n  - - b\n- c\n", path: "0/0/1/0", value: "b", raw: "b"},
	{name: "list at its key's depth", src: "a:\n- b: c\n  d:\n  - e\n- f\ng: h\n", path: "0/a/0/d/0", value: "e", raw: "e"},
	{name: "empty items", src: "-\n- a\n-\n", path: "0/2", value: "", raw: ""},
	{name: "directives", src: "%YAML 1.1\n# c\n%TAG !e! tag:e,2000:\n---\na: !e!x b\n", path: "0/a", value: "b", raw: "b", left: true},
	{name: "version 1.2", src: "# c\n%YAML 1.2\n---\na: \"%YAML 1.2\n\n%YAML 1.2 \"\n...\n\n%YAML 1.2 # c\n---\nb: c\n", path: "0/a",
		value: "%YAML 1.2\n%YAML 1.2 ", raw: "\"%YAML 1.2\n\n%YAML 1.2 \"", left: true},
	{name: "redefined anchor", src: "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", path: "0/d", value: "x", raw: "*x"},
	{name: "alias bomb", src: "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", path: "0/d/0", value: "c", raw: "*c"},
	{name: "long line", src: "a: \"" + strings.Repeat("x", 200<<10) + "\"\nb: c\n", path: "0/b", value: "c", raw: "c"},
}

// Each case holds in each form that a file may have.
func TestCases(t *testing.T) {
	forms := map[string]func(string) string{
		"plain":            func(s string) string { return s },
		"CRLF":             func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":              func(s string) string { return "\uFEFF" + s },
		"no final newline": func(s string) string { return strings.TrimSuffix(s, "\n") },
	}
	for _, c := range yamlCases {
		for form, change := range forms {
			t.Run(c.name+"/"+form, func(t *testing.T) {
				src, raw := change(c.src), c.raw
				if form == "CRLF" {
					raw = change(raw)
				}
				docs, err, accepted, fault := both(src)
				if err != nil {
					t.Fatal(err)
				}
				if fault != nil {
					t.Error(fault)
				}
				if accepted == c.left {
					t.Errorf("fast reads it: %v, want %v", accepted, !c.left)
				}
				checkSpans(t, src, docs)
				n := follow(docs, c.path)
				if n == nil {
					t.Fatalf("no node at %s", c.path)
				}
				if n.Value != c.value || src[n.Start:n.End] != raw || n.Opaque {
					t.Errorf("node is %q, written %q, opaque %v: want %q, written %q", n.Value, src[n.Start:n.End], n.Opaque, c.value, raw)
				}
			})
		}
	}
}

// follow returns the node at a path: the document's number, then keys and
// item numbers.
func follow(docs []Document, path string) *Node {
	steps := strings.Split(path, "/")
	i, err := strconv.Atoi(steps[0])
	if err != nil || i >= len(docs) {
		return nil
	}
	n := docs[i].Root
	for _, step := range steps[1:] {
		if n != nil && n.Kind == Mapping {
			n = n.Get(step)
			continue
		}
		k, err := strconv.Atoi(step)
		if err != nil {
			return nil
		}
		var found *Node
		for item := range n.Items() {
			if k == 0 {
				found = item
			}
			k--
		}
		n = found
	}
	return n
}
