package policy_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/policy"
)

// FuzzInline edits any document: what comes of it has no external field any more that was
// replaced, and each line that held none of them is there still.
func FuzzInline(f *testing.F) {
	for _, text := range []string{
		"  - key:\n      secretRef:\n        name: k\n        namespace: n\n  # next\n",
		"  - key:\n      kms: awskms:///alias/k # ours\n      # and below\n",
		"  - key:\n      secretRef: # one\n        # two\n        name: k # three\n",
		"  - {key: {secretRef: {name: k}}} # c\n",
		"  - keyless: {ca-cert: {kms: x}}\n",
		"  - key: &k\n      kms: x\n  - key: *k\n",
		"  - attestations:\n    - policy:\n        configMapRef: {name: a,\n          key: b}\n        type: cue\n",
		"  - key:\n      ? kms\n      : x\n",
		"  - key:\n      kms: >-\n        x\n        y\n    name: a\n",
		"  - key:\n      kms: !!str x\n",
		"  - key:\r\n      kms: x\r\n",
		"  - key:\n      \"kms\": 'x'\n---\n",
	} {
		f.Add(authorities(text), key)
		f.Add(authorities(text), "  a: b\n\n\t# c")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		doc := policy.Document{File: "p.yaml", Data: []byte(source)}
		fields, err := policy.Externals(doc)
		if err != nil {
			return
		}
		var all []policy.Inlined
		for _, e := range fields {
			if strings.HasSuffix(e.Path, ".configMapRef") == (text != key) { // a key where one belongs
				all = append(all, policy.Inlined{External: e, Text: []byte(text)})
			}
		}
		out, err := policy.Inline(doc, all)
		if err != nil {
			return
		}
		if len(all) == 0 && string(out) != source {
			t.Fatalf("nothing was asked for, and %q became %q", source, out)
		}
		left, err := policy.Externals(policy.Document{File: "p.yaml", Data: out})
		if err != nil || len(left) != len(fields)-len(all) {
			t.Fatalf("%d of %d fields are left: %v\n%s", len(left), len(fields), err, out)
		}
		for line := range strings.SplitSeq(source, "\n") {
			if i := strings.IndexByte(line, '#'); i >= 0 && strings.TrimSpace(line[:i]) == "" && !strings.Contains(string(out), line[i:]) {
				t.Fatalf("the comment %q is gone:\n%s", line[i:], out)
			}
		}
	})
}
