package yaml

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lax takes all that Options can take.
var lax = Options{Aliases: true, NullAbsent: true}

// thing is what these tests read.
type thing struct {
	Name, Mode string
	Open       bool
	Size       int
	Parts      []string
	Labels     map[string]string
}

// readThing reads a thing, and returns what its document has.
func readThing(v Value) (t thing, has Fields) {
	has = v.Mapping(
		Field{"name", Into(&t.Name)},
		Field{"mode", OneOf(&t.Mode, "fast", "safe", "off")},
		Field{"open", Flag(&t.Open)},
		Field{"size", func(v Value) { t.Size = v.Int(1, 9) }},
		Field{"parts", func(v Value) {
			v.Items(func(v Value) {
				s, _ := v.Text()
				t.Parts = append(t.Parts, s)
			})
		}},
		Field{"labels", func(v Value) {
			t.Labels = map[string]string{}
			v.Entries(func(key, value Value) { t.Labels[key.Node.Value], _ = value.TextOrEmpty() })
		}},
		Field{"rest", Ignore},
	)
	has.Require("name")
	return t, has
}

// parseThing reads the one document of a text.
func parseThing(text string, o Options) (t thing, err error) {
	r := NewReader("f", []byte(text), o)
	if root, ok := r.Document(); ok {
		t, _ = readThing(root)
	}
	return t, r.Err()
}

func TestReaderReads(t *testing.T) {
	const text = "name: a\nmode: safe\nopen: true\nsize: 3\nparts: [x, 'y']\nlabels: {p: \"\", \"1\": q}\nrest: {any: [thing]}\n"
	want := thing{"a", "safe", true, 3, []string{"x", "y"}, map[string]string{"p": "", "1": "q"}}
	for name, text := range map[string]string{
		"plain":            text,
		"CRLF":             strings.ReplaceAll(text, "\n", "\r\n"),
		"byte order mark":  "\ufeff" + text,
		"marked":           "---\n" + text + "...\n",
		"no final newline": strings.TrimSuffix(text, "\n"),
		"JSON":             `{"name": "a", "mode": "safe", "open": true, "size": 3, "parts": ["x", "y"], "labels": {"p": "", "1": "q"}}`,
	} {
		for _, o := range []Options{{}, lax} {
			got, err := parseThing(text, o)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s, %+v: %v (-want +got):\n%s", name, o, err, diff)
			}
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no mapping", "- a\n", "f:1:1: the document must be a mapping, not a list"},
		{"nothing", "# a\n", "f:1:1: the document must be a mapping, not nothing"},
		{"no name", "open: true\n", "f:1:1: the document has no name"},
		{"unknown field", "name: a\nwhatever: b\n",
			`f:2:1: unknown field "whatever" in the document: known fields are name, mode, open, size, parts, labels, rest`},
		{"a slip", "name: a\n  \nmoed: fast\n", `f:3:1: unknown field "moed" in the document: did you mean "mode"?`},
		{"another case", "Name: a\nname: b\n", `f:1:1: unknown field "Name" in the document: did you mean "name"?`},
		{"duplicate field", "name: a\nname: b\n", `f:2:1: duplicate field "name" in the document`},
		{"duplicate key", "name: a\nlabels: {a: b, a: c}\n", `f:2:16: duplicate field "a" in labels`},
		{"number for a key", "name: a\n1: b\n", "f:2:1: a field of the document must be named by a string, not a number (quote it)"},
		{"list for a key", "name: a\n? [b]\n: c\n", "f:2:3: a field of the document must be named by a string, not a list"},
		{"number", "name: 1.0\n", "f:1:7: name must be a string, not a number (quote it)"},
		{"hexadecimal", "name: 0x1F\n", "f:1:7: name must be a string, not a number (quote it)"},
		{"boolean", "name: TRUE\n", "f:1:7: name must be a string, not a boolean"},
		{"boolean of old", "name: No\n", "f:1:7: name must be a string, not a boolean of YAML 1.1 (quote it, or write true or false)"},
		{"date", "name: 2026-11-27\n", "f:1:7: name must be a string, not a date (quote it)"},
		{"null", "name: ~\n", "f:1:7: name must be a string, not nothing"},
		{"no value", "name:\nmode: fast\n", "f:1:6: name must be a string, not nothing"},
		{"tag", "name: !!binary aGk=\n", "f:1:16: name must be a string, not a value tagged !!binary"},
		{"alias", "rest: &x a\nname: *x\n", "f:2:7: name must be a string, not an alias"},
		{"merge key", "rest: &x {name: b}\nname: a\n<<: *x\n", "f:3:1: merge keys are not allowed in the document: write out the fields"},
		{"blank", "name: ' '\n", "f:1:7: name is empty"},
		{"a string for a boolean", "name: a\nopen: 'true'\n", "f:2:7: open must be true or false, not a string"},
		{"boolean of old for a boolean", "name: a\nopen: yes\n",
			"f:2:7: open must be true or false, not a boolean of YAML 1.1 (quote it, or write true or false)"},
		{"a string for a number", "name: a\nsize: '3'\n", "f:2:7: size must be a number from 1 to 9"},
		{"too small", "name: a\nsize: 0\n", "f:2:7: size must be a number from 1 to 9"},
		{"not whole", "name: a\nsize: 1.5\n", "f:2:7: size must be a number from 1 to 9"},
		{"not one of the words", "name: a\nmode: slow\n", `f:2:7: mode must be fast, safe or off, not "slow"`},
		{"no list", "name: a\nparts: x\n", "f:2:8: parts must be a list, not a string"},
		{"in a list", "name: a\nparts:\n- x\n- {}\n", "f:4:3: parts[1] must be a string, not a mapping"},
		{"in a mapping", "name: a\nlabels: {x.y/z: []}\n", "f:2:17: labels[x.y/z] must be a string, not a list"},
		{"second document", "name: a\n---\nname: b\n", "f:3:1: there is a second document, and only one is allowed"},
		{"second document, empty", "name: a\n---\n# b\n", "f:3:1: there is a second document, and only one is allowed"},
		{"syntax", "name: a\nparts: [\n", "f:2:1: did not find expected node content"},
		{"encoding", "name: \xff\n", "f:1:7: not UTF-8 at byte 6"},
		{"control character", "name: a\n# \x01\n", "f:2:3: control character 0x01 at byte 10"},
		{"in order", "size: 0\nname: 1\nrest: a\nrest: b\n",
			"f:1:7: size must be a number from 1 to 9\nf:2:7: name must be a string, not a number (quote it)\nf:4:1: duplicate field \"rest\" in the document"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseThing(tt.text, Options{})
			if err == nil {
				t.Fatal("it is taken")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if first, ok := errors.AsType[*Error](err); !ok || first.File != "f" {
				t.Errorf("%#v holds no *Error with a file", err)
			}
		})
	}
}

// TestReaderPositions has the same fault behind all that editors count otherwise than
// parsers do.
func TestReaderPositions(t *testing.T) {
	for _, tt := range []struct{ name, before, want string }{
		{"wide letters", "{parts: [ä😀, 'ö'], ", "f:1:25: "},
		{"byte order mark", "\ufeff{", "f:1:5: "},
		{"byte order mark on another line", "\ufeff# a\n{", "f:2:2: "},
		{"CRLF", "# a\r\n\r\n{", "f:3:2: "},
		{"line separator in a comment", "# ä\u2028{", "f:1:9: "},
		{"NEL in a comment", "# \u0085# b\n{", "f:2:2: "},
		{"tab", "{\t", "f:1:3: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseThing(tt.before+"nane: b, name: a}", Options{})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want+`unknown field "nane"`) {
				t.Errorf("error is %v, want it at %s", err, tt.want)
			}
		})
	}
}

func TestReaderOptions(t *testing.T) {
	tests := []struct {
		name, text string
		want       thing
	}{
		{"alias", "rest: &x a\nname: *x\nparts: [*x, b]\n", thing{Name: "a", Parts: []string{"a", "b"}}},
		{"alias of a list", "rest: &x [a]\nname: b\nparts: *x\n", thing{Name: "b", Parts: []string{"a"}}},
		{"null", "name: a\nmode: null\nsize: ~\nparts:\n", thing{Name: "a"}},
		{"merge", "rest: &x {name: b, size: 2}\n<<: *x\nname: a\n", thing{Name: "a", Size: 2}},
		{"merge of several", "rest: [&x {name: a}, &y {name: b, size: 2}]\n<<: [*x, *y]\n", thing{Name: "a", Size: 2}},
		{"merge of a merge", "rest: [&x {name: a}, &y {<<: *x, size: 2}]\n<<: *y\n", thing{Name: "a", Size: 2}},
		{"merge in place", "<<: {name: a}\n", thing{Name: "a"}},
		{"null before a merge", "rest: &x {name: b, size: 2}\n<<: *x\nsize: null\n", thing{Name: "b"}},
		{"merge among labels", "rest: &x {a: b, c: d}\nname: a\nlabels: {<<: *x, a: e}\n",
			thing{Name: "a", Labels: map[string]string{"a": "e", "c": "d"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseThing(tt.text, lax)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if _, err := parseThing(tt.text, Options{}); err == nil {
				t.Error("it is taken without options")
			}
		})
	}
}

func TestReaderOptionsRefuse(t *testing.T) {
	// each of 40 mappings merges the one before twice
	bomb := "rest:\n- &m0 {name: a}\n"
	for i := range 40 {
		bomb += fmt.Sprintf("- &m%d {<<: [*m%d, *m%d]}\n", i+1, i, i)
	}
	many := "name: a\n<<:\n" + strings.Repeat("- {}\n", maxMerged+1)
	for _, tt := range []struct{ name, text, want string }{
		{"null for what must be there", "name: null\n", "f:1:1: the document has no name"},
		{"a string to merge", "name: a\n<<: b\n", "f:2:5: a merge key in the document takes mappings, not a string"},
		{"a list of lists to merge", "name: a\n<<: [[]]\n", "f:2:6: a merge key in the document takes mappings, not a list"},
		{"unknown field in what is merged", "name: a\n<<: {nane: b}\n", `f:2:6: unknown field "nane" in the document: did you mean "name"?`},
		{"duplicate in what is merged", "<<: {name: a, name: b}\n", `f:1:15: duplicate field "name" in the document`},
		{"many to merge", many, fmt.Sprintf("f:%d:3: more than 100 mappings are merged into the document", maxMerged+3)},
		{"bomb", bomb + "<<: *m40\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseThing(tt.text, lax)
			if got := fmt.Sprint(err); tt.want != "" && got != tt.want || tt.want == "" && err != nil {
				t.Errorf("error is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReaderDocuments(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		options    Options
		want       string
	}{
		{"none", "", Options{}, ""},
		{"three", "name: a\n---\nname: b\n---\nname: c\n", Options{}, "a b c"},
		{"empty between", "---\n---\nname: a\n---\n# b\n", Options{}, "a"},
		{"null between", "~\n---\nname: a\n", lax, "a"},
		{"unreadable", "name: a\n---\n[\n", Options{}, ""},
	} {
		r := NewReader("f", []byte(tt.text), tt.options)
		var names []string
		for _, v := range r.Documents() {
			thing, _ := readThing(v)
			names = append(names, thing.Name)
		}
		if got := strings.Join(names, " "); got != tt.want || (r.Err() != nil) != (tt.name == "unreadable") {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, r.Err(), tt.want)
		}
	}
}

func TestField(t *testing.T) {
	r := NewReader("f", []byte("a: &x {b: c}\nd: *x\n"), lax)
	root, _ := r.Document()
	d, ok := root.Field("d")
	if b, found := d.Field("b"); !ok || !found || b.Path != "d.b" || b.Node.Value != "c" || b.Place().String() != "f:1:11" {
		t.Errorf("d is %v, its b %+v", d, b)
	}
	if v, ok := root.Field("e"); ok {
		t.Errorf("e is %+v", v)
	}
}

func TestPlain(t *testing.T) {
	r := NewReader("f", []byte("[1s, 2026-11-27, 'x', ~, !t x, [], yes]"), Options{})
	root, _ := r.Document()
	var got []string
	root.Items(func(v Value) {
		if s, ok := v.Plain(); ok {
			got = append(got, s)
		}
	})
	if diff := cmp.Diff([]string{"1s", "2026-11-27", "x", "yes"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
