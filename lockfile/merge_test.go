package lockfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to *Lock
		want     []string
	}{
		{"nothing", pins("a=1", "b=1"), pins("a=1", "b=1"), nil},
		{"all three", pins("a=1", "b=1", "c=1"), pins("b=2", "c=1", "d=1"), []string{"-a", "~b", "+d"}},
		{"from none", nil, pins("a=1", "b=1"), []string{"+a", "+b"}},
		{"to none", pins("a=1", "b=1"), nil, []string{"-a", "-b"}},
	} {
		var got []string
		for _, change := range Diff(c.from, c.to) {
			sign, e := "~", change.New
			if change.Old == nil {
				sign = "+"
			} else if e == nil {
				sign, e = "-", change.Old
			} else if change.Old.Name != e.Name {
				t.Errorf("%s: %s became %s", c.name, change.Old.Name, e.Name)
			}
			got = append(got, sign+e.Name[len("ghcr.io/a/"):len(e.Name)-len(":1")])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name               string
		base, ours, theirs *Lock
		want               *Lock
		disputed           []string // name, ours, theirs
	}{
		{"both add", pins(), pins("a=1"), pins("b=2"), pins("a=1", "b=2"), nil},
		{"both add the same", pins(), pins("a=1"), pins("a=1"), pins("a=1"), nil},
		{"both add another", pins(), pins("a=1"), pins("a=2"), pins(), []string{"a 1 2"}},
		{"we move", pins("a=1"), pins("a=2"), pins("a=1"), pins("a=2"), nil},
		{"they move", pins("a=1"), pins("a=1"), pins("a=2"), pins("a=2"), nil},
		{"both move alike", pins("a=1"), pins("a=2"), pins("a=2"), pins("a=2"), nil},
		{"both move apart", pins("a=1", "b=1"), pins("a=2", "b=1"), pins("a=3", "b=1"), pins("b=1"), []string{"a 2 3"}},
		{"we drop", pins("a=1", "b=1"), pins("b=1"), pins("a=1", "b=1"), pins("b=1"), nil},
		{"they drop", pins("a=1", "b=1"), pins("a=1", "b=1"), pins("a=1"), pins("a=1"), nil},
		{"both drop", pins("a=1", "b=1"), pins("b=1"), pins("b=1"), pins("b=1"), nil},
		{"we drop, they move", pins("a=1"), pins(), pins("a=2"), pins(), []string{"a - 2"}},
		{"we move, they drop", pins("a=1"), pins("a=2"), pins(), pins(), []string{"a 2 -"}},
		{"no base, each has its own", nil, pins("a=1"), pins("b=2"), pins("a=1", "b=2"), nil},
		{"no base, the same pin", nil, pins("a=1"), pins("a=1"), pins("a=1"), nil},
		{"no base, two pins", nil, pins("a=1", "c=3"), pins("a=2", "b=2"), pins("b=2", "c=3"), []string{"a 1 2"}},
	} {
		got, disputed := Merge(c.base, c.ours, c.theirs)
		if diff := cmp.Diff(c.want.Entries, got.Entries); diff != "" {
			t.Errorf("%s: merged (-want +got):\n%s", c.name, diff)
		}
		var names []string
		for _, d := range disputed {
			names = append(names, d.Name[len("ghcr.io/a/"):len(d.Name)-len(":1")]+" "+digit(d.Ours)+" "+digit(d.Theirs))
		}
		if diff := cmp.Diff(c.disputed, names); diff != "" {
			t.Errorf("%s: disputed (-want +got):\n%s", c.name, diff)
		}
	}
}

// digit is the digit of the digest that pins wrote, "-" for no entry.
func digit(e *Entry) string {
	if e == nil {
		return "-"
	}
	return e.Digest[len(e.Digest)-1:]
}

// TestMergeTellsRefsApart checks that two refs of one repository are two names.
func TestMergeTellsRefsApart(t *testing.T) {
	ours, theirs := sample(), sample()
	ours.Entries = ours.Entries[2:3]
	theirs.Entries = theirs.Entries[3:4]
	merged, disputed := Merge(nil, ours, theirs)
	if diff := cmp.Diff(sample().Entries[2:4], merged.Entries); diff != "" || disputed != nil {
		t.Errorf("disputed %v, merged (-want +got):\n%s", disputed, diff)
	}
}
