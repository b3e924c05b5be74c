package yaml

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// jsonSeeds are streams of JSON values that between them hold all that JSON has.
var jsonSeeds = []string{
	`{"a":"\/\b\f\n\r\t\"\\\u0061\ud83d\ude00\ud83d","b":[1,-0.5e+3,true,false,null,{}],"c":{"d":[]}}`,
	"{\"a\" : 1}\n{\"a\":2} \t[ {\"b\":\"é\u2028\u0085\x7f\"} , 3 ]\r\n",
	`{"` + strings.Repeat("k", 1100) + `":"v","a":"a","a":"b"}`,
	`{"a":[[["x"]]],"\u0062":"y"}` + "\n",
}

// decodeJSON returns what encoding/json reads of a stream of objects and lists.
func decodeJSON(src string) (values []any, err error) {
	d := json.NewDecoder(strings.NewReader(src))
	d.UseNumber()
	for {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return values, nil
		} else if err != nil {
			return nil, err
		}
		switch v.(type) {
		case map[string]any, []any:
		default:
			return nil, errors.New("no object or list")
		}
		values = append(values, v)
	}
}

// plainValue is what a node of JSON stands for, as decodeJSON has it.
func plainValue(n *Node) any {
	switch n.Kind {
	case Mapping:
		m := map[string]any{}
		for k, v := range n.Pairs() {
			m[k.Value] = plainValue(v)
		}
		return m
	case Sequence:
		list := []any{}
		for c := range n.Items() {
			list = append(list, plainValue(c))
		}
		return list
	}
	switch {
	case n.Style == DoubleQuoted:
		return n.Value
	case n.Value == "null":
		return nil
	case n.Value == "true", n.Value == "false":
		return n.Value == "true"
	}
	return json.Number(n.Value)
}

// TestJSONIsEncodingJSON checks that json reads what encoding/json reads, and nothing else.
func TestJSONIsEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	read, cases := 0, 20_000
	for i := range cases {
		src := jsonSeeds[i%len(jsonSeeds)]
		if i >= len(jsonSeeds) {
			src = mutate(r, src)
		}
		var p Parser
		_ = p.begin(src) // what is no YAML may be JSON
		ok := p.json()
		want, err := decodeJSON(src)
		if err != nil || len(want) == 0 {
			if ok && !strings.Contains(src, "---") {
				t.Fatalf("%q is read, and is no JSON: %v", src, err)
			}
			continue
		}
		if !ok {
			t.Fatalf("%q is not read", src)
		}
		var got []any
		for _, d := range p.docs {
			got = append(got, plainValue(d.Root))
			checkJSONSpans(t, src, d.Root)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %#v: want %#v", src, got, want)
		}
		read++
	}
	if read < cases/20 {
		t.Errorf("only %d of %d texts are JSON", read, cases)
	}
}

// checkJSONSpans checks that a node's span holds the node and nothing else.
func checkJSONSpans(t *testing.T, src string, n *Node) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(src[n.Start:n.End]), &v); err != nil {
		t.Fatalf("the span %q of %q is no value: %v", src[n.Start:n.End], src, err)
	}
	for c := n.FirstChild; c != nil; c = c.Next {
		checkJSONSpans(t, src, c)
	}
}

func TestParseStream(t *testing.T) {
	for _, c := range []struct {
		name, src string
		documents int  // -1: it cannot be parsed
		plain     bool // parsers read it alike
	}{
		{"YAML", "a: 1\n---\nb: 2\n", 2, true},
		{"JSON", `{"a": 1}`, 1, true},
		{"an escape of JSON's own", `{"a": "\/"}`, 1, true},
		{"the same in YAML", "# c\n{\"a\": \"\\/\"}", -1, false},
		{"JSON behind JSON", "{\"a\":1}{\"b\":2}\n[3]", 3, true},
		{"JSON between lines", "{\"a\":1}\n---\n{\"b\":\"\\/\"}\n--- \n", 2, true},
		{"JSON and more", "{\"a\":1} b", -1, false},
		{"separator with a comment", "a: 1\n---# b\nc: 2\n", 2, false},
		{"separator with a blank that is none for YAML", "a: 1\n---\u00a0\nc: 2\n", 2, false},
		{"separator with content", "a: 1\n--- {b: c}\n", 2, false},
		{"no separator", "---b: 1\n", 1, false},
		{"dashes in a text", "a: \"b\n---c\"\n", 1, false},
		{"dashes in a block", "a: |\n  ---c\n", 1, true},
		{"mark behind a separator", "a: 1\r\n---\r\n\ufeffb: 2\r\nc: 3\r\n", 2, false},
		{"mark elsewhere", "a: \ufeffb\n", 1, false},
		{"tag", "a: !!str b\n", 1, false},
		{"fault", "a: [\n", -1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Parser
			s, err := p.ParseStream(c.src)
			got := len(s.Documents)
			if err != nil {
				got = -1
			}
			if got != c.documents || s.Plain != c.plain {
				t.Errorf("%d documents, plain %v (%v): want %d, %v", got, s.Plain, err, c.documents, c.plain)
			}
			if len(s.Text) != len(c.src) {
				t.Errorf("the text has %d bytes: want %d", len(s.Text), len(c.src))
			}
		})
	}
}

// TestTags checks that a tag is the same however it is written.
func TestTags(t *testing.T) {
	for src, want := range map[string]string{
		"!!binary aW1hZ2U=": "!!binary", "!!%62inary aW1hZ2U=": "!!binary", "!<tag:yaml.org,2002:binary> aW1hZ2U=": "!!binary",
		"%TAG !b! tag:yaml.org,2002:bin\n--- !b!ary aW1hZ2U=": "!!binary", "!local a": "!local", "! a": "!", "a": "",
	} {
		var p Parser
		docs, err := p.Parse(src)
		if err != nil || docs[0].Root.Tag != want {
			t.Errorf("%q has the tag %q (%v): want %q", src, docs[0].Root.Tag, err, want)
		}
	}
}
