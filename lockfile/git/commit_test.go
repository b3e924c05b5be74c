package git

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const head = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n" +
	"parent 1111111111111111111111111111111111111111\n" +
	"author Ada <ada@example.org> 1790000000 +0000\n" +
	"committer Ada <a>b <ada@example.org> 1790000060 +0200\n"

func TestParseCommit(t *testing.T) {
	const message = "\nsubject\n\nKey: one\nkey: two\n"
	c, err := ParseCommit(Hash{1}, []byte(head+"gpgsig -----BEGIN\n \n line\n  indented\n "+
		"-----END\nx-other y\n"+message))
	if err != nil {
		t.Fatal(err)
	}
	if want := "-----BEGIN\n\nline\n indented\n-----END\n"; c.Signature != want {
		t.Errorf("signature %q, want %q", c.Signature, want)
	}
	if want := head + "x-other y\n" + message; string(c.Payload) != want {
		t.Errorf("payload %q, want %q", c.Payload, want)
	}
	if c.Time.Unix() != 1790000060 || len(c.Parents) != 1 ||
		c.Tree.String() != "4b825dc642cb6eb9a060e54bf8d69288fbee4904" {
		t.Errorf("got %+v", c)
	}
	if diff := cmp.Diff([]string{"one", "two"}, c.Trailers("Key")); diff != "" {
		t.Errorf("trailers (-want +got):\n%s", diff)
	}
}

func TestParseCommitRefuses(t *testing.T) {
	const end = "\nmessage\n"
	tests := []struct{ name, commit, want string }{
		{"empty", "", "no message"},
		{"no tree", strings.Join(strings.SplitAfter(head, "\n")[1:], "") + end, `0 lines "tree"`},
		{"two trees", head + strings.SplitAfter(head, "\n")[0] + end, `2 lines "tree"`},
		{"two committers", head + strings.SplitAfter(head, "\n")[3] + end, `2 lines "committer"`},
		{"two signatures", head + "gpgsig a\ngpgsig b\n" + end, "more than one signature"},
		{"a signature of SHA-256", head + "gpgsig-sha256 a\n" + end, "unsupported signature"},
		{"a short parent", head + "parent 11\n" + end, "invalid parent id"},
		{"an upper-case tree", strings.Replace(head, "4b825", "4B825", 1) + end, "invalid tree id"},
		{"no time", strings.Replace(head, "1790000060 +0200", "", 1) + end, "no time"},
	}
	if _, err := ParseCommit(Hash{}, []byte(head+end)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		if _, err := ParseCommit(Hash{}, []byte(tt.commit)); err == nil ||
			!strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestDeltaTarget(t *testing.T) {
	tests := []struct {
		delta []byte
		want  int64
	}{
		{[]byte{5, 7, 0x90}, 7},
		{[]byte{0x80, 1, 0x80, 0x80, 0x80, 0x80, 1}, 1 << 28},
		{[]byte{5}, -1},
		{nil, -1},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, -1},
	}
	for _, tt := range tests {
		p := &prefix{}
		for _, b := range tt.delta {
			_, _ = p.Write([]byte{b}) // it takes everything
		}
		if got := p.target(); got != tt.want {
			t.Errorf("%x: %d, want %d", tt.delta, got, tt.want)
		}
	}
}
