package manifest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzRewrite checks, for any text: pinning changes nothing outside of the
// planned spans, what was pinned is found pinned, and pinning again changes
// nothing.
func FuzzRewrite(f *testing.F) {
	seeds := 0
	for _, c := range rewriteCases {
		if len(c.in) < 4096 {
			f.Add(c.in)
			seeds++
		}
	}
	for _, src := range smuggling {
		f.Add(src)
	}
	if seeds < 20 {
		f.Fatalf("only %d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, src string) {
		s := NewScanner(Options{})
		for _, file := range []string{"a.yaml", "kustomization.yaml", "chart/templates/a.yaml"} {
			checkStable(t, file, src, s.Scan)
		}
	})
}

// FuzzKustomize checks the same of what kustomizations name, in each way of reading it, and
// with a question that a replacement asks.
func FuzzKustomize(f *testing.F) {
	files, err := filepath.Glob("../lockroot/testdata/kustomize/*.txtar")
	if err != nil || len(files) < 20 {
		f.Fatalf("%d seeds, %v", len(files), err)
	}
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(strings.ReplaceAll(string(file.Data), "IMAGE", "a.example/b:1"))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		s := NewScanner(Options{})
		s.wanted = []ask{{kind: "ConfigMap", field: "data.v"}, {field: "metadata.annotations.a", soft: true}, {field: "data.host", how: asElement}}
		for _, as := range []readAs{0, asPatch | asBody, asData, asEnv, asReplacement, asManifest | asPlugin} {
			for _, file := range []string{"a", "kustomization.yaml"} {
				checkStable(t, file, src, func(name string, src []byte) File {
					return s.ScanNamed(Named{Path: name, as: as}, src)
				})
			}
		}
	})
}

func checkStable(t *testing.T, file, src string, scan func(string, []byte) File) {
	t.Helper()
	found := scan(file, []byte(src))
	var edits []Edit
	for _, r := range found.References {
		if r.Line < 1 || r.Column < 1 || r.File != file {
			t.Fatalf("%s: place %d:%d", r.Reference, r.Line, r.Column)
		}
		if !r.Editable {
			continue
		}
		e, err := r.Pin(digestA, TagAndDigest)
		if err != nil {
			t.Fatal(err)
		}
		edits = append(edits, e...)
	}
	out, err := Apply([]byte(src), edits)
	if err != nil {
		t.Fatalf("%v in %q", err, src)
	}
	again := scan(file, out)
	if again.Unreadable != nil && found.Unreadable == nil {
		t.Fatalf("%q became unreadable: %q: %s", src, out, again.Unreadable.Message)
	}
	if len(again.References) != len(found.References) {
		t.Fatalf("%q has %d references, and pinned %d: %q", src, len(found.References), len(again.References), out)
	}
	for i, r := range again.References {
		if found.References[i].Editable && r.Digest != digestA {
			t.Fatalf("%q: %s is not pinned in %q", src, found.References[i].Reference, out)
		}
		if found.References[i].Tracked != r.Tracked && !strings.Contains(found.References[i].Tracked, "@") {
			t.Fatalf("%q: %s became %s", src, found.References[i].Tracked, r.Tracked)
		}
	}
}

// FuzzRetag checks, for any text: giving one name another tag changes that name
// and no other.
func FuzzRetag(f *testing.F) {
	seeds := 0
	for _, c := range rewriteCases {
		if len(c.in) < 4096 {
			f.Add(c.in)
			seeds++
		}
	}
	for _, src := range smuggling {
		f.Add(src)
	}
	if seeds < 20 {
		f.Fatalf("only %d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, file := range []string{"a.yaml", "kustomization.yaml", "chart/templates/a.yaml"} {
			retagEach(t, file, file, src, "9.9.9")
		}
	})
}

// TestLimits checks that texts made to exhaust a reader are refused in words,
// and their neighbours read.
func TestLimits(t *testing.T) {
	bomb := "apiVersion: v1\nkind: Pod\na: &a [x, x, x, x, x, x, x, x, x]\n"
	for i := byte('b'); i < 'k'; i++ {
		bomb += string(i) + ": &" + string(i) + " [" + strings.Repeat("*"+string(i-1)+", ", 8) + "*" + string(i-1) + "]\n"
	}
	for _, c := range []struct {
		name, src string
		readable  bool
	}{
		{"alias bomb", bomb, false},
		{"few aliases", strings.Join(strings.SplitAfter(bomb, "\n")[:5], ""), true},
		{"merges in merges", mergeChain(300), true},
		{"too many merges in merges", mergeChain(20_000), false},
		{"flow nested 10,000 deep", "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "\n", false},
		{"flow nested 100 deep", "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n", true},
		{"blocks nested 10,000 deep", "apiVersion: v1\nkind: Pod\na:\n" + nested(10_000), false},
		{"blocks nested 100 deep", "apiVersion: v1\nkind: Pod\na:\n" + nested(100), true},
		{"not UTF-8", "apiVersion: v1\nkind: Pod\na: \xff\n", false},
		{"an anchor in itself", "apiVersion: v1\nkind: Pod\na: &a\n  b: *a\n", false},
		{"a key in disguise", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !!binary aW1hZ2U=: evil\n", false},
		{"the word binary", "apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  a: aW1hZ2U=\n", true},
		{"broken", "apiVersion: v1\nkind: Pod\na: [\n", false},
		{"broken, but no manifest", "steps:\n- run: echo apiVersion kind [\n- [", false},
		{"broken, but a template", "steps:\n- run: {{ build }} [\n- [", true},
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(c.src))
		if (f.Unreadable == nil) != c.readable {
			t.Errorf("%s: unreadable is %+v", c.name, f.Unreadable)
		}
		if f.Unreadable != nil && (f.Unreadable.Message == "" || f.Unreadable.Line < 1) {
			t.Errorf("%s: %+v", c.name, f.Unreadable)
		}
	}
}

func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i+1))
		b.WriteString("k:\n")
	}
	return b.String()
}

// mergeChain is a Pod whose container merges a mapping that merges another, n deep.
func mergeChain(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nx:\n- &a0 {image: nginx:1}\n")
	for i := range n {
		fmt.Fprintf(&b, "- &a%d {<<: *a%d}\n", i+1, i)
	}
	fmt.Fprintf(&b, "spec:\n  containers:\n  - {<<: *a%d}\n", n)
	return b.String()
}
