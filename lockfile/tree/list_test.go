package tree

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// tracked is what git prints of tracked files.
func tracked(paths ...string) string {
	var b strings.Builder
	for _, p := range paths {
		fmt.Fprintf(&b, "H 100644 %040d 0\t%s\x00", 1, p)
	}
	return b.String()
}

// untracked is what git prints of untracked ones.
func untracked(paths ...string) string {
	var b strings.Builder
	for _, p := range paths {
		b.WriteString("? " + p + "\x00")
	}
	return b.String()
}

func TestListTakesEachPathOnce(t *testing.T) {
	many := make([]string, 2000) // more than a buffer holds
	for i := range many {
		many[i] = fmt.Sprintf("apps/app-%05d/deployment.yaml", i)
	}
	long := strings.Repeat("d/", 40<<10) + "a.yaml"
	merge := tracked("a", "a", "a")
	for _, tt := range []struct {
		name        string
		first, then string
		want        []string
	}{
		{"nothing", "", "", nil},
		{"the same", tracked("a", "b"), tracked("a", "b"), []string{"a", "b"}},
		{"untracked", tracked("b"), untracked("a", "c/", "d") + tracked("b"), []string{"a", "b", "d"}},
		{"only untracked", "", untracked("a"), []string{"a"}},
		{"a merge", merge, merge, []string{"a"}},
		{"many", tracked(many...), untracked("z") + tracked(many...), append(many[:2000:2000], "z")},
		{"a long path", tracked(long), untracked("e"+long) + tracked(long), []string{long, "e" + long}},
		// The index is written between the two.
		{"one less", tracked("a", "b"), tracked("a"), []string{"a", "b"}},
		{"one less at the front", tracked("a", "b"), tracked("b"), []string{"a", "b"}},
		{"none left", tracked("a"), "", []string{"a"}},
		{"one more", tracked("a"), tracked("a", "b"), []string{"a", "b"}},
		{"one more at the front", tracked("b"), tracked("a", "b"), []string{"a", "b"}},
		{"the first", "", tracked("a"), []string{"a"}},
		{"tracked no more", tracked("a", "b"), untracked("b") + tracked("a"), []string{"a", "b"}},
		{"tracked at last", tracked("a", "b"), untracked("a") + tracked("b"), []string{"a", "b"}},
		{"another content", tracked("a", "b"), strings.Replace(tracked("a", "b"), "1", "2", 1),
			[]string{"a", "b"}},
		{"many and one", tracked(many...), tracked(append([]string{"a"}, many...)...),
			append([]string{"a"}, many...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, reads := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader,
			} {
				got := gather(t, reads(strings.NewReader(tt.first)), reads(strings.NewReader(tt.then)))
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %.200q, want %.200q", got, tt.want)
				}
			}
		})
	}
}

// gather returns, sorted, what a batcher sends of what git prints.
func gather(t *testing.T, first, then io.Reader) []string {
	t.Helper()
	var got []string
	b := batcher{odd: &oddities{}, match: func(string) bool { return true },
		send: func(batch []listed) error {
			for _, l := range batch {
				got = append(got, l.path)
			}
			return nil
		}}
	if err := b.lines(io.TeeReader(first, &b.tracked)); err != nil {
		t.Fatal(err)
	}
	if err := b.remaining(then); err != nil {
		t.Fatal(err)
	}
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

func TestListReportsErrors(t *testing.T) {
	for name, text := range map[string]string{
		"of untracked files": untracked("b"),
		"of tracked ones":    tracked("a"),
	} {
		t.Run(name, func(t *testing.T) {
			b := batcher{odd: &oddities{}, match: func(string) bool { return true },
				send: func([]listed) error { return nil }}
			before := strings.NewReader(tracked("a", "b"))
			if err := b.lines(io.TeeReader(before, &b.tracked)); err != nil {
				t.Fatal(err)
			}
			broken := io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF))
			if err := b.remaining(broken); err != io.ErrUnexpectedEOF {
				t.Errorf("got %v, want the error of reading", err)
			}
		})
	}
}
