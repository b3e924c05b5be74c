package yaml

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mutate changes a few characters or the indentation of a line, somewhere in
// src.
func mutate(r *rand.Rand, src string) string {
	const pool = ":-#'\"{}[],&*!|>%?@`~ \n\t\ra0.\\"
	for range 1 + r.IntN(3) {
		i := r.IntN(len(src) + 1)
		j := min(i+1+r.IntN(3), len(src))
		char := string(pool[r.IntN(len(pool))])
		switch r.IntN(7) {
		case 0: // drop
			src = src[:i] + src[j:]
		case 1, 2: // insert
			src = src[:i] + char + src[i:]
		case 3: // insert what separates
			src = src[:i] + pick(r, ": ", "- ", " #", "\n", "\n\n", "\n---\n", "\n...\n", "  ", "\r\n", "&a ", "*a", "|\n", ">-\n", "|2\n", "? ", "!!str ") + src[i:]
		case 4: // double
			src = src[:j] + src[i:j] + src[j:]
		case 5: // indent the line more
			at := strings.LastIndexByte(src[:i], '\n') + 1
			src = src[:at] + strings.Repeat(" ", 1+r.IntN(3)) + src[at:]
		case 6: // or less
			at := strings.LastIndexByte(src[:i], '\n') + 1
			src = src[:at] + strings.TrimPrefix(src[at:], pick(r, " ", "  "))
		}
	}
	return src
}

// mutationSeeds are small texts that between them hold all that fast reads.
var mutationSeeds = []string{
	"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: c\n    image: nginx:1.27 # why\n    args: [\"-a\", b, 'c']\n",
	"a: &x\n  b: 1\n  c: &y two\nd: *x\ne: {f: *y, g: [*y, *y]}\n<<: *x\n",
	"a: |\n  one\n    two\n\n  three\nb: >-\n  folded\n  text\n\n   more\n  less\nc: |+2\n   keep\n\n\nd: 1\n",
	"- - a\n  - b\n- c: d\n  e:\n  - f\n  -\n  - g: h\n-\n- # comment\n  i\n",
	"d: first line\n  second line\n\n  third: line\ne: \"one\n  two\\\n  three\\n\\x41\"\nf: 'it''s\n\n  fine'\n",
	"{\"a\": [1, 2, {\"b\": null}], \"c\" : \"d\",\n \"e\":\"f\", # why\n g: h, i: , }\n",
	"# head\n---\na: 1\n...\n# between\n---\n---\nb: 2 \n--- # end\nc:\td\n",
	"key with spaces : value:with:colons#and hash\n\"quoted key\": x\n'single': y\n:colon: z\n?mark: w\n-dash: v\n",
	"a:\n  plain\nb:\n  \"quoted\"\nc:\n  [flow,\n  more]\nd:\n- x\n- y\n\ne: \"\"\nf: ''\ng:\n",
	"\uFEFFa: 1\r\nb:\r\n  - é: 'ü'\r\n    c: |\r\n      text\r\n\r\n      more\r\nd: x\r\n  y\r\n",
	"a: [   b, #\nc\n\t ,\n]\n",
	"? ? [ab]\n: c\n? d\n? - e\n: f\n",
	"a: [\n  ?, : c\nd,\n]\n",
	"a: &x # c\n! b: 7\nc: *x\n",
	"args:\n- --a=b\n- -c\n- -\n- \"d\": e\n- 'f'\n- [g]\n- {h: i}\n- *j\n",
}

func TestMutations(t *testing.T) {
	cases, accepted := 0, 0
	for seed, src := range mutationSeeds {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		for range 1500 {
			m := mutate(r, src)
			full, _, ok, fault := both(m)
			if fault != nil {
				t.Errorf("%q: %v", m, fault)
			}
			if len(full) > 0 {
				checkSpans(t, m, full)
			}
			cases++
			if ok {
				accepted++
			}
		}
	}
	t.Logf("%d cases, fast read %d", cases, accepted)
	if accepted < cases/10 {
		t.Errorf("fast read %d of %d cases: too few to show anything", accepted, cases)
	}
}

// The lines of real files, mutated.
func TestCorpusMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	cases, accepted := 0, 0
	corpusFiles(t, func(path, src string) {
		for range 3 {
			from := strings.LastIndexByte(src[:r.IntN(len(src)+1)], '\n') + 1
			m := mutate(r, src[from:min(from+600, len(src))])
			_, _, ok, fault := both(m)
			if fault != nil {
				t.Errorf("%s: %q: %v", path, m, fault)
			}
			cases++
			if ok {
				accepted++
			}
		}
	})
	t.Logf("%d cases, fast read %d", cases, accepted)
}

// Any text: fast reads what full reads, or gives up; no span is wrong.
func FuzzFastEqualsFull(f *testing.F) {
	if len(mutationSeeds) == 0 || len(yamlCases) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range mutationSeeds {
		f.Add(s)
	}
	for _, c := range yamlCases {
		f.Add(c.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		full, _, _, fault := both(src)
		if fault != nil {
			t.Error(fault)
		}
		if len(full) == 0 {
			return
		}
		checkSpans(t, src, full)
		// Where yaml.v3 has breaks of its own, or "?", whose reading in flow
		// collections has faults, a node may be opaque.
		var p text
		if p.reset(src) != nil || p.exotic || p.inner || strings.Contains(src, "?") {
			return
		}
		for _, d := range full {
			eachNode(d.Root, func(n *Node) {
				if n.Opaque {
					t.Errorf("node %q at %d is opaque", n.Value, n.Start)
				}
			})
		}
	})
}
