package yaml

import (
	"strings"
	"testing"
)

// FuzzReader reads any text as if it had to be of any type. Every error points into the
// text, and what is read without options is read with them as well.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "a: b\n", "\ufeffa: é\r\nb\u2028c\n", "a: &a [*a]\n", "<<: [{a: b}, {a: c}]\n", "? [a]\n: b\n", "a: 1\na: 2\n---\n- yes\n",
		"{a: [", "a: &x {b: c}\n<<: *x\n", "a: !!int 3\nb: !t x\nc: 0x1F\nd: ~\n", "- |\n  a\n- >\n  b\n", "%YAML 1.2\n--- a\n...\n", "a: \xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		strict, taken := NewReader("f", data, Options{}), NewReader("f", data, lax)
		for _, r := range []*Reader{strict, taken} {
			left := 1000 // values, as aliases may stand for very many
			for _, v := range r.Documents() {
				readAny(v, &left)
			}
			if root, ok := NewReader("f", data, r.options).Document(); ok {
				readThing(root)
			}
			checkPlaces(t, string(data), r.Errors())
		}
		if len(strict.Errors()) == 0 && len(taken.Errors()) > 0 && !strings.Contains(string(data), "<<") {
			t.Errorf("%q: without options it is read, and with them it is not: %v", data, taken.Err())
		}
	})
}

// readAny reads a value by what it is, and all that is in it.
func readAny(v Value, left *int) {
	if *left--; *left < 0 {
		return
	}
	switch {
	case v.Node.Kind == Mapping:
		v.Entries(func(_, value Value) { readAny(value, left) })
	case v.Node.Kind == Sequence:
		v.Items(func(item Value) { readAny(item, left) })
	case v.Node.describe() == aBoolean:
		v.Bool()
	case v.Node.describe() == aNumber:
		v.Int(-9, 9)
	case !v.IsNull():
		v.Text()
	}
}

// checkPlaces checks that errors point into the text.
func checkPlaces(t *testing.T, text string, errs ErrorList) {
	t.Helper()
	lines := strings.Split(text, "\n")
	for _, e := range errs {
		if e.File != "f" || e.Msg == "" || e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > len(lines[e.Line-1])+1 {
			t.Errorf("%q: an error points at line %d, column %d: %s", text, e.Line, e.Column, e.Msg)
		}
	}
}
