package yaml

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, src string
		documents int
		offset    int
		msg       string // a part of it
	}{
		{"UTF-16, little end first", "\xff\xfea\x00", 0, 0, "UTF-16"},
		{"UTF-16, big end first", "\xfe\xff\x00a", 0, 0, "UTF-16"},
		{"not UTF-8", "a: b\nc: \xe9t\xe9\n", 0, 8, "not UTF-8 at byte 8"},
		{"UTF-8 cut short", "a: \xe2\x80", 0, 3, "not UTF-8 at byte 3"},
		{"NUL", "a: b\x00\n", 0, 4, "control character 0x00 at byte 4"},
		{"DEL far in", "aaaaaaaaaaaaaaaa\x7f", 0, 16, "control character 0x7f at byte 16"},
		{"C1 control", "a: \u0080\n", 0, 3, "control character U+0080 at byte 3"},
		{"third document", "a: 1\n---\nb: 2\n---\nc: [\n", 2, 18, "did not find expected"},
		{"line of the fault", "a: 1\nb: 'x\n", 0, 5, "found unexpected end of stream"},
		{"line of the fault behind a BOM", "\uFEFFa: 1\r\nb: 'x\n", 0, 9, "found unexpected end of stream"},
		{"line of the parser's fault", "a: 1\nb: [}\nc: 1\n", 0, 5, "did not find expected node content"},
		{"value in a value", "a: b: c\n", 0, 0, "mapping values are not allowed"},
		{"tab in indentation", "a:\n\tb: c\n", 0, 3, "cannot start any token"},
		{"unknown escape", `a: "\/"`, 0, 0, "unknown escape"},
		{"no such anchor", "a: 1\nb: *x\n", 0, 8, "unknown anchor 'x'"},
		{"anchor of another document", "a: &x 1\n---\nb: *x\n", 1, 15, "alias *x names no finished node"},
		{"alias in its own anchor", "a: &x [*x]\n", 0, 7, "alias *x names no finished node"},
		{"other version", "%YAML 1.3\n---\na: 1\n", 0, 0, "incompatible"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Parser
			docs, err := p.Parse(c.src)
			var fault *SyntaxError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v: want a *SyntaxError", err)
			}
			if len(docs) != c.documents || fault.Offset != c.offset || !strings.Contains(fault.Msg, c.msg) {
				t.Errorf("%d documents, %q at %d: want %d, %q at %d", len(docs), fault.Msg, fault.Offset, c.documents, c.msg, c.offset)
			}
		})
	}
}

func TestDepth(t *testing.T) {
	for _, c := range []struct {
		name string
		text func(depth int) string
	}{
		{"flow sequences", func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }},
		{"flow mappings", func(n int) string { return strings.Repeat("{a: ", n) + strings.Repeat("}", n) }},
		{"dashes", func(n int) string { return strings.Repeat("- ", n) + "a" }},
		{"lines", func(n int) string {
			var b strings.Builder
			for i := range n {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Parser
			if _, err := p.Parse(c.text(maxDepth)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if _, err, accepted, fault := both(c.text(maxDepth + 1)); err == nil || accepted || fault != nil {
				t.Errorf("beyond the limit: %v, accepted %v, %v", err, accepted, fault)
			}
			if c.name == "lines" {
				return // 50 MB of spaces
			}
			start := time.Now()
			_, err := p.Parse(c.text(10_000))
			if err == nil || !strings.Contains(err.Error(), "deep") {
				t.Errorf("10,000 deep: %v", err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("10,000 deep took %v", took)
			}
		})
	}
}

// Texts that open and never close are refused in good time too.
func TestDepthUnclosed(t *testing.T) {
	for _, open := range []string{"[", "{", "- ", "? ", "{a: ", "[{", "&a [", "!t "} {
		var p Parser
		start := time.Now()
		if _, err := p.Parse(strings.Repeat(open, 10_000)); err == nil {
			t.Errorf("%q 10,000 times is accepted", open)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q 10,000 times took %v", open, took)
		}
	}
}

// A Parser is used again, and the strings of an earlier text stay.
func TestParserAgain(t *testing.T) {
	var p Parser
	docs, err := p.Parse("a: |\n  one\n  two\nb: \"x\\ty\"\n")
	if err != nil {
		t.Fatal(err)
	}
	literal, quoted := docs[0].Root.Get("a").Value, docs[0].Root.Get("b").Value
	for _, src := range []string{"c: |\n  ONE\n  TWO\nd: \"X\\tY\"\n", "{", "e: !!str f\n", "a: b\n"} {
		docs, err = p.Parse(src)
	}
	if err != nil || len(docs) != 1 || docs[0].Root.Get("a").Value != "b" {
		t.Errorf("read %v, %v after an error: want one document", docs, err)
	}
	if literal != "one\ntwo\n" || quoted != "x\ty" {
		t.Errorf("earlier values are now %q and %q", literal, quoted)
	}
}

func TestAllocations(t *testing.T) {
	src := "---\n" + mutationSeeds[0] + "---\n" + mutationSeeds[3] + "---\n" + mutationSeeds[1]
	var p Parser
	n := testing.AllocsPerRun(100, func() {
		if docs, err := p.Parse(src); err != nil || len(docs) != 3 {
			t.Fatal(len(docs), err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a text: want none", n)
	}
}

func TestTargets(t *testing.T) {
	src := "a: &x 1\nb: *x\nc: &x 2\nd: *x\n"
	for _, force := range []string{"", "e: !!str f\n"} {
		var p Parser
		docs, err := p.Parse(src + force)
		if err != nil {
			t.Fatal(err)
		}
		root := docs[0].Root
		if root.Get("b").Target != root.Get("a") || root.Get("d").Target != root.Get("c") {
			t.Errorf("aliases name %v and %v", root.Get("b").Target, root.Get("d").Target)
		}
	}
}

func TestDocumentStart(t *testing.T) {
	for src, want := range map[string][]int{
		"a: 1\n---\nb: 2\n":            {0, 9},
		"--- # c\r\na: 1\r\n---":       {9, 18},
		"\uFEFF---\na: 1\n":            {7},
		"--- a\n--- |\n  b\n":          {3, 9},
		"%YAML 1.1\n---\na: 1\n":       {14},
		"a: 1\n...\n# c\n---\nb: |\n ": {0, 17},
	} {
		docs, err, _, fault := both(src)
		if err != nil || fault != nil {
			t.Fatalf("%q: %v, %v", src, err, fault)
		}
		var got []int
		for _, d := range docs {
			got = append(got, d.Start)
		}
		if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("%q starts at %v: want %v", src, got, want)
		}
	}
}
