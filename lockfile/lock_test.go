package lockfile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSort(t *testing.T) {
	l, r := sample(), rand.New(rand.NewPCG(3, 4))
	shuffle := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
	for range 20 {
		shuffle(len(l.Entries), func(i, j int) { l.Entries[i], l.Entries[j] = l.Entries[j], l.Entries[i] })
		for _, e := range l.Entries {
			slices.Reverse(e.Platforms)
			slices.Reverse(e.Verified)
		}
		l.Sort()
		if got := string(l.Format()); got != sampleText {
			t.Fatalf("(-want +got):\n%s", cmp.Diff(sampleText, got))
		}
	}
}

func TestFind(t *testing.T) {
	l := sample()
	for _, c := range []struct {
		kind Kind
		name string
		pin  string // "" for none
	}{
		{Image, "docker.io/library/nginx:1.27.0", hexDigest("a")},
		{Artifact, "ghcr.io/acme/bundle:1.0.0", hexDigest("1")},
		{URL, "https://example.com/install.yaml", hexDigest("9")},
		{Chart, "https://charts.example.com#podinfo", ""}, // so is a range
		{Artifact, "docker.io/library/nginx:1.27.0", ""},
		{Image, "docker.io/library/nginx:1.27", ""},
		{Image, "zzz", ""},
		{Git, "https://github.com/acme/bases.git", ""}, // a ref is part of the name
	} {
		e, ok := l.Find(c.kind, c.name)
		if e.Pin() != c.pin || ok != (c.pin != "") || ok && (e.Kind != c.kind || e.Name != c.name) {
			t.Errorf("%s %s: got %+v (%v), want %q", c.kind, c.name, e, ok, c.pin)
		}
	}
	if e, ok := (&Lock{}).Find(Image, "x"); ok {
		t.Errorf("the empty lock has %+v", e)
	}
}

func TestByDigest(t *testing.T) {
	l := sample()
	var names []string
	for _, e := range l.ByDigest()[hexDigest("a")] {
		names = append(names, e.Name)
	}
	want := []string{"docker.io/library/nginx:1.27.0", "docker.io/library/redis@" + hexDigest("a")}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := l.ByDigest()[hexDigest("b")]; got != nil { // a platform's manifest
		t.Errorf("got %+v, want none", got)
	}
}

func TestPin(t *testing.T) {
	l := sample()
	if got := l.Entries[2].Pin(); got != commit5 {
		t.Errorf("git is pinned to %q, want %q", got, commit5)
	}
	if got := l.Entries[0].Pin(); got != hexDigest("1") {
		t.Errorf("the artifact is pinned to %q, want %q", got, hexDigest("1"))
	}
}

func TestEqual(t *testing.T) {
	for name, change := range map[string]func(e *Entry){
		"kind":       func(e *Entry) { e.Kind = Artifact },
		"name":       func(e *Entry) { e.Name = "ghcr.io/a/b:1" },
		"ref":        func(e *Entry) { e.Ref = "x" },
		"digest":     func(e *Entry) { e.Digest = hexDigest("0") },
		"commit":     func(e *Entry) { e.Commit = commit5 },
		"media type": func(e *Entry) { e.MediaType = "" },
		"platforms":  func(e *Entry) { e.Platforms[1].Config = hexDigest("0") },
		"verified":   func(e *Entry) { e.Verified[1].Signer = "x" },
	} {
		a, b := sample().Entries[6], sample().Entries[6]
		if !a.Equal(b) {
			t.Fatal("an entry is not equal to itself")
		}
		if change(&b); a.Equal(b) || b.Equal(a) {
			t.Errorf("%s: another one makes no difference", name)
		}
	}
}

func TestValidDigest(t *testing.T) {
	for s, want := range map[string]bool{
		hexDigest("0"):                       true,
		hexDigest("f"):                       true,
		"":                                   false,
		"sha256:":                            false,
		hexDigest("0")[7:]:                   false,
		hexDigest("0") + "0":                 false,
		hexDigest("0")[:70]:                  false,
		hexDigest("A"):                       false,
		hexDigest("g"):                       false,
		"sha512:" + strings.Repeat("0", 64):  false,
		"sha512:" + strings.Repeat("0", 128): false,
		"SHA256:" + strings.Repeat("0", 64):  false,
	} {
		if got := ValidDigest(s); got != want {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
}

func TestEntryLines(t *testing.T) {
	l := sample()
	rows := strings.Split(sampleText, "\n")
	lines := EntryLines([]byte(sampleText))
	if len(lines) != len(l.Entries) {
		t.Fatalf("%d lines for %d entries", len(lines), len(l.Entries))
	}
	for i, e := range l.Entries {
		if row, want := rows[lines[i]-1], "  - "+string(e.Kind)+": "+string(appendScalar(nil, e.Name)); row != want {
			t.Errorf("line %d is %q, want %q", lines[i], row, want)
		}
	}
	if lines := EntryLines((&Lock{}).Format()); lines != nil {
		t.Errorf("lines of no entry: %v", lines)
	}
}
