package lockfile

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// styles are git's ways to write a conflict, as options of git merge-file.
var styles = []string{"", "--diff3", "--zdiff3"}

// gitMerge has git merge three locks line by line.
func gitMerge(t *testing.T, style string, base, ours, theirs *Lock) (text []byte, conflicts bool) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"merge-file", "-p", "-L", "HEAD", "-L", "parent of 1234567", "-L", "feature"}
	if style != "" {
		args = append(args, style)
	}
	for _, side := range []struct {
		name string
		lock *Lock
	}{{"ours", ours}, {"base", base}, {"theirs", theirs}} {
		path := filepath.Join(dir, side.name)
		if err := os.WriteFile(path, side.lock.Format(), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	text, err := exec.Command("git", args...).Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 127) {
		t.Fatalf("git %q: %v", args, err)
	}
	return text, err != nil
}

// TestParseConflicted has git merge locks whose sides changed the same entries, and
// expects both sides back.
func TestParseConflicted(t *testing.T) {
	moved := func(i int, seed uint64) *Lock {
		l := large(6)
		l.Entries[i] = randomImage(rand.New(rand.NewPCG(seed, 0)), l.Entries[i].Name)
		return l
	}
	longer := moved(2, 7)
	longer.Entries[2].Platforms = append(longer.Entries[2].Platforms, Platform{"linux/s390x", hexDigest("5"), ""})
	dropped := large(6)
	dropped.Entries = append(dropped.Entries[:2:2], dropped.Entries[3:]...)
	for _, c := range []struct {
		name               string
		base, ours, theirs *Lock
	}{
		{"two pins", large(6), moved(2, 8), moved(2, 9)},
		{"a platform more", large(6), moved(2, 8), longer},
		{"dropped and moved", large(6), dropped, moved(2, 9)},
		{"the first entry", large(6), moved(0, 8), moved(0, 9)},
		{"the last entry", large(6), moved(5, 8), moved(5, 9)},
		{"each adds its own", pins("a=1", "z=1"), pins("a=1", "b=2", "z=1"), pins("a=1", "c=3", "z=1")},
		{"each adds its own at the end", pins("a=1"), pins("a=1", "b=2", "c=2"), pins("a=1", "d=3")},
		{"each adds the same name", pins("a=1", "z=1"), pins("a=1", "b=2", "z=1"), pins("a=1", "b=3", "z=1")},
		{"each starts a lock", &Lock{}, pins("a=1"), pins("b=2")},
		{"emptied and moved", pins("a=1"), &Lock{}, pins("a=2")},
	} {
		for _, style := range styles {
			text, conflicts := gitMerge(t, style, c.base, c.ours, c.theirs)
			if !conflicts {
				t.Fatalf("%s %s: git finds no conflict", c.name, style)
			}
			ours, theirs, err := ParseConflicted("plumb.lock", text)
			if err != nil {
				t.Errorf("%s %s: %v\n%s", c.name, style, err, text)
				continue
			}
			if diff := cmp.Diff(c.ours.Entries, ours.Entries) + cmp.Diff(c.theirs.Entries, theirs.Entries); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", c.name, style, diff)
			}
			checkConflicted(t, c.name+" "+style, text)
		}
	}
}

// checkConflicted checks that Parse points to the first mark.
func checkConflicted(t *testing.T, name string, text []byte) {
	t.Helper()
	before, _, _ := strings.Cut(string(text), "<<<<<<< HEAD\n")
	want := 1 + strings.Count(before, "\n")
	var se *SyntaxError
	if _, err := Parse("plumb.lock", text); !errors.As(err, &se) || !se.Conflicted || se.Line != want {
		t.Errorf("%s: Parse: got %v, want a conflict on line %d", name, err, want)
	}
}

// TestParseConflictedOfRandomLocks has git merge random changes. Where git sees no
// conflict it joins lines of both sides, so platforms may come from the wrong entry;
// no pin may.
func TestParseConflictedOfRandomLocks(t *testing.T) {
	const rounds = 60
	read, refused := 0, 0
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		base := large(8)
		ours, theirs := randomChange(r, base), randomChange(r, base)
		text, conflicts := gitMerge(t, styles[seed%3], base, ours, theirs)
		if !conflicts {
			continue
		}
		left, right, err := ParseConflicted("plumb.lock", text)
		if err != nil {
			refused++
			continue
		}
		read++
		merged, _ := Merge(nil, left, right)
		if _, err := Parse("plumb.lock", merged.Format()); err != nil {
			t.Errorf("seed %d: what is merged is no lock: %v", seed, err)
		}
		checkPins(t, seed, merged, base, ours, theirs)
	}
	if read < rounds/2 || refused > rounds/20 {
		t.Errorf("of %d merges, %d were read and %d refused", rounds, read, refused)
	}
}

// checkPins checks that each pin of merged is one that a side has for that name.
func checkPins(t *testing.T, seed uint64, merged *Lock, sides ...*Lock) {
	t.Helper()
	known := map[string]bool{}
	for _, l := range sides {
		for _, e := range l.Entries {
			known[e.Name+" "+e.Pin()] = true
		}
	}
	for _, e := range merged.Entries {
		if !known[e.Name+" "+e.Pin()] {
			t.Errorf("seed %d: %s %s is from nowhere", seed, e.Name, e.Pin())
		}
	}
}

// randomChange moves, drops and adds entries.
func randomChange(r *rand.Rand, l *Lock) *Lock {
	out := &Lock{}
	for _, e := range l.Entries {
		switch r.IntN(6) {
		case 0:
			e = randomImage(r, e.Name)
		case 1:
			continue
		case 2:
			out.Entries = append(out.Entries, randomImage(r, e.Name+"-new"))
		}
		out.Entries = append(out.Entries, e)
	}
	out.Sort()
	return out
}

func TestParseConflictedRefuses(t *testing.T) {
	head := header + "\n" + version + "\n"
	for _, c := range []struct {
		name, text string
		line       int
	}{
		{"no end", "<<<<<<< a\n=======\n", 2},
		{"no middle", "<<<<<<< a\n>>>>>>> a\n", 2},
		{"the end only", ">>>>>>> a\n", 1},
		{"the middle only", "x\n=======\n", 2},
		{"the base only", "||||||| a\n", 1},
		{"two beginnings", "<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> c\n", 2},
		{"two middles", "<<<<<<< a\n=======\n=======\n>>>>>>> c\n", 3},
		{"a base after the middle", "<<<<<<< a\n=======\n||||||| b\n>>>>>>> c\n", 3},
		{"our side is no lock", head + "<<<<<<< a\nentries: x\n=======\nentries: []\n>>>>>>> b\n", 4},
		{"their side is no lock", head + "<<<<<<< a\nentries: []\n=======\nentries: x\n>>>>>>> b\n", 6},
		{"their side ends too early", head + "<<<<<<< a\nentries: []\n=======\n>>>>>>> b\n", 2},
		{"CRLF", "<<<<<<< a\r\nx\r\n=======\r\ny\r\n>>>>>>> b\r\n", 5},
		{"nothing", "", 1},
	} {
		_, _, err := ParseConflicted("plumb.lock", []byte(c.text))
		var se *SyntaxError
		if !errors.As(err, &se) || se.Line != c.line || !se.Conflicted || se.Fix == "" {
			t.Errorf("%s: got %v, want an error at line %d", c.name, err, c.line)
		}
	}
	good := head + "<<<<<<< a\nentries: []\n||||||| b\n<<<<<<<<< nested\nx\n=======\nentries: []\n>>>>>>> c\n"
	if _, _, err := ParseConflicted("plumb.lock", []byte(good)); err != nil {
		t.Errorf("the accepted twin: %v", err)
	}
}
