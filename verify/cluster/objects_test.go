package cluster

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadObjects(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"one", "kind: Pod\n", "[map[kind:Pod]]"},
		{"JSON", `{"kind":"Pod"}`, "[map[kind:Pod]]"},
		{"JSON with a character that YAML refuses", "{\"kind\":\"\u0080\"}",
			"[map[kind:\u0080]]"},
		{"JSON objects", `{"kind":"A"} {"kind":"B"}`, "[map[kind:A] map[kind:B]]"},
		{"documents, one of them empty", "kind: A\n---\n# nothing\n---\nkind: B\n",
			"[map[kind:A] map[kind:B]]"},
		{"a list", "kind: List\nitems: [{kind: A}, {kind: B}]\n", "[map[kind:A] map[kind:B]]"},
		{"a list of a kind", "kind: PodList\nitems: [{kind: Pod}]\n", "[map[kind:Pod]]"},
		{"a list in a list", "kind: List\nitems: [{kind: List, items: [{kind: A}]}]\n",
			"[map[kind:A]]"},
		{"an empty list", "kind: List\nitems: []\n", "[]"},
		{"items that are something else", "kind: A\nitems: text\n", "[map[items:text kind:A]]"},
		{"nothing", "", "[]"},
		{"an item that is not an object", "kind: List\nitems: [7]\n",
			"error: items[0] is not an object"},
		{"no YAML", "{", "error: yaml: "},
		{"a list at the top", "[]", "error: yaml: "},
	} {
		objects, err := ReadObjects(strings.NewReader(tt.text))
		got := fmt.Sprint(objects)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tt.want && (err == nil || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := ReadObjects(strings.NewReader(strings.Repeat(" ", maxObjects+1))); err == nil {
		t.Error("more than the maximum is read")
	}
}
