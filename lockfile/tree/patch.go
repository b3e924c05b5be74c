package tree

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Patch is what the write changes, in a form that git apply and patch take. name is
// the file's, relative to where the patch is applied.
func (w Write) Patch(name string) string {
	from, to := patchName("a/"+name), patchName("b/"+name)
	header := fmt.Sprintf("diff --git %s %s\n", from, to)
	old := ended(from)
	if w.Old == nil {
		header += "new file mode 100644\n"
		old = "/dev/null"
	}
	text := diff.Diff("old", w.Old, "new", w.New)
	_, body, _ := bytes.Cut(text, []byte("\n@@ "))
	return fmt.Sprintf("%s--- %s\n+++ %s\n@@ %s", header, old, ended(to), body)
}

// patchName writes a file's name as git does in a patch: quoted if it holds a character
// that would end it.
func patchName(name string) string {
	special := func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }
	if !strings.ContainsFunc(name, special) {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// ended marks the end of a name that holds spaces, which patch would else take
// for it.
func ended(name string) string {
	if strings.Contains(name, " ") && !strings.HasPrefix(name, `"`) {
		return name + "\t"
	}
	return name
}
