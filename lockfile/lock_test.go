package lockfile

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func hexDigest(c string) string { return digestPrefix + strings.Repeat(c, 64) }

var commit5 = strings.Repeat("5a", 20)

// sample is a lock with everything that a lock can hold.
func sample() *Lock {
	return &Lock{Entries: []Entry{
		{Kind: Artifact, Name: "ghcr.io/acme/chart:1.0.0", Digest: hexDigest("1"), MediaType: "application/vnd.oci.image.manifest.v1+json"},
		{Kind: Git, Name: "https://github.com/acme/bases.git", Ref: "refs/heads/main", Commit: commit5},
		{Kind: Git, Name: "https://github.com/acme/bases.git", Ref: "refs/tags/v2.3.0", Commit: strings.Repeat("6", 40)},
		{Kind: Image, Name: "docker.io/library/nginx:1.27.0", Digest: hexDigest("a"), MediaType: "application/vnd.oci.image.index.v1+json",
			Platforms: []Platform{
				{"linux/amd64", hexDigest("b"), hexDigest("c")},
				{"linux/arm/v7", hexDigest("d"), ""},
			},
			Verified: []Verified{{"upstream", "yes", "https://github.com/acme (issuer https://token.example.com)", hexDigest("e")},
				{"name: with # marks", "é\"\\\u0085😀", "null", hexDigest("f")}},
		},
		{Kind: Image, Name: "docker.io/library/redis@" + hexDigest("a"), Digest: hexDigest("a")},
	}}
}

func TestFormatParse(t *testing.T) {
	for _, l := range []*Lock{{}, sample()} {
		text := l.Format()
		got, err := Parse("plumb.lock", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestAnyYAMLReader checks that the canonical text means to a YAML library
// what it means to plumb.
func TestAnyYAMLReader(t *testing.T) {
	want := sample()
	var got struct {
		Version int
		Entries []struct {
			Artifact, Git, Image, Digest, Ref, Commit string
			MediaType                                 string `yaml:"mediaType"`
			Platforms                                 []string
			Verified                                  []struct{ Policy, Authority, Signer, Evidence string }
		}
	}
	if err := yaml.Unmarshal(want.Format(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || len(got.Entries) != len(want.Entries) {
		t.Fatalf("read %+v", got)
	}
	for i, e := range got.Entries {
		w := want.Entries[i]
		if e.Artifact+e.Git+e.Image != w.Name || e.Digest != w.Digest || e.Ref != w.Ref || e.Commit != w.Commit ||
			e.MediaType != w.MediaType || len(e.Platforms) != len(w.Platforms) || len(e.Verified) != len(w.Verified) {
			t.Errorf("entry %d reads as %+v, want %+v", i, e, w)
		}
		for j, v := range e.Verified {
			if Verified(v) != w.Verified[j] {
				t.Errorf("verified %d of entry %d reads as %+v, want %+v", j, i, v, w.Verified[j])
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(sample().Format())
	for _, c := range []struct {
		name     string
		old, new string
		line     int
		msg      string
	}{
		{"another header", "# plumb.lock:", "# my lock:", 1, "comment"},
		{"a newer version", "version: 1", "version: 2", 2, "use the plumb that wrote it"},
		{"no version", "version: 1\n", "", 2, "version"},
		{"an unknown key", "    mediaType: application/vnd.oci.image.manifest", "    mediatype: application/vnd.oci.image.manifest", 6, "expected"},
		{"keys out of order", "    digest: " + hexDigest("1") + "\n    mediaType: application/vnd.oci.image.manifest.v1+json\n",
			"    mediaType: application/vnd.oci.image.manifest.v1+json\n    digest: " + hexDigest("1") + "\n", 5, `"digest:"`},
		{"a digest too short", hexDigest("1"), "sha256:11", 5, "no digest"},
		{"sha512", "digest: " + hexDigest("1"), "digest: sha512:" + strings.Repeat("1", 128), 5, "no digest"},
		{"a commit too short", commit5, "a" + commit5[:38], 9, "no commit"},
		{"a name that is not canonical", "image: docker.io/library/nginx:1.27.0", "image: nginx:1.27.0", 13, "canonical form"},
		{"a name without its tag", "artifact: ghcr.io/acme/chart:1.0.0", "artifact: ghcr.io/acme/chart", 4, "canonical form"},
		{"a name that is none", "image: docker.io/library/nginx:1.27.0", "image: docker.io/library/NGINX:1.27.0", 13, "lower case"},
		{"entries out of order", "artifact: ghcr.io/acme/chart:1.0.0", "image: ghcr.io/acme/chart:1.0.0", 7, "out of order"},
		{"two entries of one name", "refs/heads/main", "refs/tags/v2.3.0", 10, "second entry"},
		{"platforms out of order", "- linux/amd64", "- windows/amd64", 18, "out of order"},
		{"a broken platform", "linux/amd64 manifest", "linux manifest", 17, "os/architecture"},
		{"a trailing space", "commit: " + commit5, "commit: " + commit5 + " ", 9, "double quotes"},
		{"a number for a commit", commit5, strings.Repeat("5", 40), 9, "double quotes"},
		{"a tab", "    ref: refs/heads/main", "\tref: refs/heads/main", 8, "expected"},
		{"quotes that are not needed", "ref: refs/heads/main", `ref: "refs/heads/main"`, 8, "expected"},
		{"an empty line", "entries:\n", "entries:\n\n", 4, "expected an entry"},
		{"CRLF", "version: 1\n", "version: 1\r\n", 2, "expected"},
		{"BOM", "# plumb.lock", "\ufeff# plumb.lock", 1, "comment"},
		{"no UTF-8", "refs/heads/main", "refs/heads/\xff", 1, "UTF-8"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s: the text to change is not there", c.name)
		}
		_, err := Parse("plumb.lock", []byte(text))
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: got %v, want a *SyntaxError", c.name, err)
			continue
		}
		if se.Line != c.line || !strings.Contains(se.Msg, c.msg) || se.Conflicted {
			t.Errorf("%s: got %v, want line %d and %q", c.name, se, c.line, c.msg)
		}
	}
	for _, text := range []string{"", "x", strings.TrimSuffix(good, "\n"), good + "\n", good + "  - image:\n"} {
		if _, err := Parse("plumb.lock", []byte(text)); err == nil {
			t.Errorf("accepted a text that ends in %q", text[max(0, len(text)-20):])
		}
	}
}

func TestDiff(t *testing.T) {
	a, b := sample(), sample()
	b.Entries[3].Digest = hexDigest("2")
	b.Entries = append(b.Entries[1:], Entry{Kind: Image, Name: "ghcr.io/z/z:1", Digest: hexDigest("3")})
	var got []string
	for _, c := range Diff(a, b) {
		switch {
		case c.Old == nil:
			got = append(got, "+"+c.New.Name)
		case c.New == nil:
			got = append(got, "-"+c.Old.Name)
		default:
			got = append(got, "~"+c.New.Name)
		}
	}
	want := []string{"-ghcr.io/acme/chart:1.0.0", "~docker.io/library/nginx:1.27.0", "+ghcr.io/z/z:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if same := Diff(a, sample()); same != nil {
		t.Errorf("equal locks differ: %v", same)
	}
}

// pins makes a lock of "name=digit" pairs.
func pins(pairs ...string) *Lock {
	l := &Lock{}
	for _, p := range pairs {
		name, digit, _ := strings.Cut(p, "=")
		l.Entries = append(l.Entries, Entry{Kind: Image, Name: "ghcr.io/a/" + name + ":1", Digest: hexDigest(digit)})
	}
	return l
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name               string
		base, ours, theirs *Lock
		want               *Lock
		disputed           int
	}{
		{"both add", pins(), pins("a=1"), pins("b=2"), pins("a=1", "b=2"), 0},
		{"both add the same", pins(), pins("a=1"), pins("a=1"), pins("a=1"), 0},
		{"both add another", pins(), pins("a=1"), pins("a=2"), pins(), 1},
		{"one moves", pins("a=1"), pins("a=1"), pins("a=2"), pins("a=2"), 0},
		{"both move apart", pins("a=1"), pins("a=2"), pins("a=3"), pins(), 1},
		{"one drops", pins("a=1", "b=1"), pins("a=1"), pins("a=1", "b=1"), pins("a=1"), 0},
		{"one drops, the other moves", pins("a=1"), pins(), pins("a=2"), pins(), 1},
		{"no base, each has its own", nil, pins("a=1"), pins("b=2"), pins("a=1", "b=2"), 0},
		{"no base, two pins", nil, pins("a=1"), pins("a=2"), pins(), 1},
	} {
		got, disputed := Merge(c.base, c.ours, c.theirs)
		if diff := cmp.Diff(c.want.Entries, got.Entries); diff != "" || len(disputed) != c.disputed {
			t.Errorf("%s: %d disputed, want %d; (-want +got):\n%s", c.name, len(disputed), c.disputed, diff)
		}
	}
}

func TestParseConflicted(t *testing.T) {
	line := "    digest: " + hexDigest("1") + "\n"
	for _, style := range []string{
		"<<<<<<< HEAD\n" + line + "=======\n    digest: " + hexDigest("2") + "\n>>>>>>> theirs\n",
		"<<<<<<< HEAD\n" + line + "||||||| base\n    digest: " + hexDigest("3") + "\n=======\n    digest: " + hexDigest("2") + "\n>>>>>>> theirs\n",
	} {
		text := strings.Replace(string(pins("a=1", "b=4").Format()), line, style, 1)
		var se *SyntaxError
		if _, err := Parse("plumb.lock", []byte(text)); !errors.As(err, &se) || !se.Conflicted || se.Line != 5 {
			t.Errorf("Parse: got %v, want a conflict on line 5", err)
		}
		ours, theirs, err := ParseConflicted("plumb.lock", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pins("a=1", "b=4"), ours) + cmp.Diff(pins("a=2", "b=4"), theirs); diff != "" {
			t.Error(diff)
		}
	}
	for _, text := range []string{
		"<<<<<<< a\n=======\n", ">>>>>>> a\n", "=======\n", "<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> c\n",
		"<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n",
	} {
		if _, _, err := ParseConflicted("plumb.lock", []byte(text)); err == nil {
			t.Errorf("accepted %q", text)
		}
	}
}

func TestEntryLines(t *testing.T) {
	l := sample()
	text := l.Format()
	rows := strings.Split(string(text), "\n")
	lines := EntryLines(text)
	if len(lines) != len(l.Entries) {
		t.Fatalf("%d lines for %d entries", len(lines), len(l.Entries))
	}
	for i, e := range l.Entries {
		if row := rows[lines[i]-1]; !strings.HasPrefix(row, "  - "+string(e.Kind)+": ") || !strings.Contains(row, e.Name[:12]) {
			t.Errorf("%s %s: line %d is %q", e.Kind, e.Name, lines[i], row)
		}
	}
	if lines := EntryLines((&Lock{}).Format()); lines != nil {
		t.Errorf("lines of no entry: %v", lines)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(sample().Format()))
	f.Add(string((&Lock{}).Format()))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("plumb.lock", []byte(text))
		if err != nil {
			return
		}
		if got := string(l.Format()); got != text {
			t.Errorf("%q is written back as %q", text, got)
		}
	})
}

// large makes a lock of n images of two platforms each, the same each time.
func large(n int) *Lock {
	r := rand.New(rand.NewPCG(1, 2))
	digest := func() string {
		return fmt.Sprintf("sha256:%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	}
	l := &Lock{}
	for i := range n {
		l.Entries = append(l.Entries, Entry{Kind: Image, Name: fmt.Sprintf("registry.example.com/team-%02d/app-%05d:v1.%d.0", i%50, i, i%7),
			Digest: digest(), MediaType: "application/vnd.oci.image.index.v1+json",
			Platforms: []Platform{{"linux/amd64", digest(), digest()}, {"linux/arm64", digest(), digest()}}})
	}
	l.Sort()
	return l
}

func BenchmarkParse(b *testing.B) {
	text := large(10_000).Format()
	b.Run("entries=10000", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Parse("plumb.lock", text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	l := large(10_000)
	b.Run("entries=10000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.SetBytes(int64(len(l.Format())))
		}
	})
}
