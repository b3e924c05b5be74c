package policy_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy"
)

// FuzzParse checks that Parse answers whatever it is given: with a set that can
// judge, or with errors that point into the file.
func FuzzParse(f *testing.F) {
	const head = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec:\n"
	for _, seed := range []string{
		"", whole, "\ufeff" + cip("static: {action: pass}"), "a: &a [*a]\n", "---\n---\n", head, head + "  images: &i [{glob: '*'}]\n  match: *i\n",
		head + "  authorities: [{static: {action: pass}}]\n  images: [{glob: '**'}]\n", head + "  policy: {type: cel, data: 'has(input.x)'}\n",
		head + "  policy: {type: cue, data: 'a: b: a'}\n", head + "  policy: {type: rego, data: 'package sigstore'}\n",
		"apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: a}\nspec: {repository: {root: e30=, mirrorFS: H4sIAAAAAAAA}}\n",
		`{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`, `{"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "TrustRoot"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := policy.Parse([]policy.Document{{File: "f", Data: data}}, policy.Options{Timeout: time.Second})
		if err == nil {
			if d := set.Judge(policy.Image{}, nil); d.Verdict != policy.Denied {
				t.Errorf("Parse(%q) judges an image without a digest to be %s", data, d.Verdict)
			}
			return
		}
		var all yaml.ErrorList
		if !errors.As(err, &all) || len(all) == 0 {
			t.Fatalf("Parse's error is %#v, want a yaml.ErrorList", err)
		}
		lines := 1 + bytes.Count(data, []byte("\n"))
		for _, e := range all {
			if e.File != "f" || e.Line < 1 || e.Column < 1 || e.Line > lines || e.Msg == "" {
				t.Errorf("Parse(%q) points at %d:%d of %d lines: %s", data, e.Line, e.Column, lines, e.Msg)
			}
		}
	})
}
