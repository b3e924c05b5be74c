package manifest

import (
	"strings"
	"testing"
)

func TestProve(t *testing.T) {
	commit := strings.Repeat("5b", 20)
	for _, tt := range []struct {
		name, src string
		edits     []Edit
		wrong     string // part of the error, "" for none
	}{
		{"a value", "a: {b: main}\n", []Edit{{7, 11, "main", commit}}, ""},
		{"a part of a value", "a: x?ref=main # y\n", []Edit{{9, 13, "main", commit}}, ""},
		{"a key", "a:\n  b: main\n", []Edit{{12, 12, "", "\n  commit: " + commit}}, ""},
		{"a mapping", "a:\n  url: x\n", []Edit{{11, 11, "", "\n  ref:\n    branch: master\n    commit: " + commit}}, ""},
		{"a key in the place of another", "a:\n  branch: x\n", []Edit{{5, 14, "branch: x", "revision: " + commit}}, ""},
		{"a part of a value with a comment", "a: x?y\n", []Edit{{6, 6, "", "&ref=" + commit + " # plumb: HEAD"}}, ""},
		{"a comment", "a: x\n", []Edit{{4, 4, "", " # plumb: v1"}}, ""},
		{"a digest behind an image", "a: x:1\n", []Edit{{6, 6, "", "@sha256:" + strings.Repeat("a", 64)}}, ""},
		{"a quoted version", "a: ^1\n", []Edit{{3, 5, "^1", `"1.10"`}}, ""},
		{"another value beside it", "a: main\nb: x\n", []Edit{{3, 9, "main\nb", commit + "\nc"}}, "also change"},
		{"a number", "a: ^1\n", []Edit{{3, 5, "^1", "1.10"}}, "also change [0].a"},
		{"a value that swallows the next", "a: main\nb: x\n", []Edit{{3, 8, "main\n", commit + " "}}, "edited, it"},
		{"a broken text", "a: main\n", []Edit{{3, 7, "main", "{"}}, "could not be decoded"},
		{"a further document", "a: main\n", []Edit{{7, 7, "", "\n---\nb: x"}}, "a document"},
		{"a template", "a: {{ .b }}: c\n", []Edit{{3, 4, "{", "}"}}, ""},
	} {
		edited, err := Apply([]byte(tt.src), tt.edits)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		err = Prove("x.yaml", []byte(tt.src), edited, tt.edits)
		if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.wrong)
		}
	}
}
