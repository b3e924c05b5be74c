package yaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Value is a node of a file that a Reader reads. Its methods note an error where the
// node is not what they read, and return a zero value then.
type Value struct {
	Node *Node  // what an alias stands for, where the Reader takes aliases
	Path string // "spec.images[0].glob"; "" for a document as a whole

	reader *Reader
}

// String names the value in errors: by its path.
func (v Value) String() string {
	if v.Path == "" && v.reader != nil {
		return v.reader.name()
	}
	return v.Path
}

// Errorf notes an error at the value.
func (v Value) Errorf(format string, args ...any) { v.reader.Errorf(v.Node, format, args...) }

// Place returns where the value is.
func (v Value) Place() Place { return v.reader.Place(v.Node) }

// Field returns the value of the first key of a mapping that reads key, whatever other
// fields the mapping has. It follows no merge keys.
func (v Value) Field(key string) (field Value, ok bool) {
	n := v.Node.Get(key)
	if n == nil {
		return Value{}, false
	}
	return v.reader.value(n, strings.TrimPrefix(v.Path+"."+key, ".")), true
}

// IsNull reports whether the value is null or not written at all.
func (v Value) IsNull() bool { return v.Node.IsNull() }

// Items calls read with every item of the value, which must be a list.
func (v Value) Items(read func(item Value)) {
	if v.Node.Kind != Sequence {
		v.Errorf("%s must be a list, not %s", v, v.Node.describe())
		return
	}
	i := 0
	for item := range v.Node.Items() {
		read(v.reader.value(item, fmt.Sprintf("%s[%d]", v.Path, i)))
		i++
	}
}

// Text returns the string that the value must be, and not be blank. ok is false if it
// is not.
func (v Value) Text() (s string, ok bool) {
	if s, ok = v.TextOrEmpty(); ok && strings.TrimSpace(s) == "" {
		v.Errorf("%s is empty", v)
		return "", false
	}
	return s, ok
}

// TextOrEmpty returns the string that the value must be. ok is false if it is none.
func (v Value) TextOrEmpty() (s string, ok bool) {
	if !v.Node.IsString() {
		v.Errorf("%s must be a string, not %s", v, v.Node.describe())
		return "", false
	}
	return v.Node.Value, true
}

// Plain returns the text of a scalar of any type, such as that of a date or of a
// duration. ok is false for what is no scalar, is null or has a tag, which is no error.
func (v Value) Plain() (s string, ok bool) {
	if v.Node.Kind != Scalar || v.IsNull() || v.Node.Tag != "" {
		return "", false
	}
	return v.Node.Value, true
}

// Bool returns the boolean that the value must be.
func (v Value) Bool() bool {
	if v.Node.Kind != Scalar || v.Node.describe() != aBoolean {
		v.Errorf("%s must be true or false, not %s", v, v.Node.describe())
		return false
	}
	return strings.EqualFold(v.Node.Value, "true")
}

// Int returns the number that the value must be, from low to high; 0 if it is not.
func (v Value) Int(low, high int) int {
	n, err := strconv.Atoi(v.Node.Value)
	if v.Node.Kind != Scalar || v.Node.describe() != aNumber || err != nil || n < low || n > high {
		v.Errorf("%s must be a number from %d to %d", v, low, high)
		return 0
	}
	return n
}

// Word returns the string that the value must be, one of words; "" if it is not.
func (v Value) Word(words ...string) string {
	s, ok := v.Text()
	if ok && !slices.Contains(words, s) {
		v.Errorf("%s must be %s, not %q", v, either(words), s)
		return ""
	}
	return s
}

// either lists words of which one is to be taken: "a, b or c".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
