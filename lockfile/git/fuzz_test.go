package git

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// FuzzParseCommit: what is signed, with the signature put back, is the commit.
func FuzzParseCommit(f *testing.F) {
	f.Add([]byte(head + "\nmessage\n"))
	f.Add([]byte(head + "gpgsig a\n b\n\n\n\nmessage"))
	f.Add([]byte("gpgsig a\n" + head + "mergetag x\n  y\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseCommit(Hash{}, raw)
		if err != nil {
			return
		}
		whole := string(c.Payload)
		if c.Signature != "" {
			field := "gpgsig " + strings.ReplaceAll(strings.TrimSuffix(c.Signature, "\n"), "\n",
				"\n ") + "\n"
			at := strings.Index(string(raw), field)
			if at < 0 || at > len(whole) {
				t.Fatalf("the signature %q is not in %q", c.Signature, raw)
			}
			whole = whole[:at] + field + whole[at:]
		}
		if whole != string(raw) {
			t.Fatalf("%q and %q do not make %q", c.Payload, c.Signature, raw)
		}
	})
}

// FuzzParseTree: no name leads elsewhere.
func FuzzParseTree(f *testing.F) {
	f.Add([]byte("100644 a.yaml\x00" + strings.Repeat("x", 20)))
	f.Add([]byte("40000 ..\x00" + strings.Repeat("x", 20)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := parseTree(raw)
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.name == "" || e.name == "." || e.name == ".." ||
				strings.ContainsAny(e.name, "/\x00") {
				t.Fatalf("%q has the name %q", raw, e.name)
			}
		}
	})
}

// FuzzProtocol: whatever a server says, a tip is none but what it says of the branch, and
// what is written is no more than what it sent.
func FuzzProtocol(f *testing.F) {
	id := strings.Repeat("ab", 20)
	f.Add([]byte("003f" + id + " refs/heads/main\x00shallow\n0000"))
	f.Add([]byte("0034shallow " + id + "0000" + "0008NAK\n" + "0009\x01PACK" + "0000"))
	f.Fuzz(func(t *testing.T, said []byte) {
		if a, err := readAdvert(bytes.NewReader(said), "main"); err == nil && !a.tip.IsZero() &&
			!bytes.Contains(said, []byte(a.tip.String()+" refs/heads/main")) {
			t.Fatalf("%q has no tip %s", said, a.tip)
		}
		var pack bytes.Buffer
		if err := readPack(bytes.NewReader(said), &pack); err == nil && pack.Len() >= len(said) {
			t.Fatalf("%q has a pack of %d bytes", said, pack.Len())
		}
		_ = inspect(t.Context(), io.LimitReader(bytes.NewReader(said),
			maxObject)) // it does not panic
	})
}
