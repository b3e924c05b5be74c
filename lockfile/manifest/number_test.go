package manifest

import (
	"testing"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// What sigs.k8s.io/yaml and a template's print make of a scalar, tried with both.
func TestPrinted(t *testing.T) {
	for in, want := range map[string]string{
		"1.10": "1.1", "1e5": "100000", "1e3": "1000", "0755": "493", "010": "8", "0x1F": "31", "1_000": "1000",
		"on": "true", "y": "true", "No": "false", "20240101": "2.0240101e+07", "12e3": "12000", "08": "8",
		"1.": "1", "0b11": "3", "0o17": "15", ".5": "0.5", "1E3": "1000", "+1": "1", "-.5": "-0.5",
		"1_0.5": "10.5", "00": "0",
	} {
		n := &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Value: in}
		if got, text := printed(n); got != want || text {
			t.Errorf("printed(%s) = %q, %v, want %q", in, got, text, want)
		}
		n.Style = yaml.DoubleQuoted
		if got, text := printed(n); got != in || !text {
			t.Errorf("printed(%q) = %q, %v, want the text", in, got, text)
		}
	}
	for _, in := range []string{"2024-01-01", "1.2.3", "v1", "5e12345", "_1", "0x", "1:30", ".e3", "latest", "1.10-alpine", "N1"} {
		n := &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Value: in}
		if got, text := printed(n); got != in || !text {
			t.Errorf("printed(%s) = %q, %v, want the text", in, got, text)
		}
	}
	for _, in := range []string{"7", "1.5", "123456"} {
		n := &yaml.Node{Kind: yaml.Scalar, Style: yaml.Plain, Value: in}
		if got, text := printed(n); got != in || text || misread(n) != "" || noString(n) == "" {
			t.Errorf("printed(%s) = %q, %v, misread %q, no string %q", in, got, text, misread(n), noString(n))
		}
	}
}

// A tag that consumers print otherwise than it is written is said, and not edited.
func TestNumbersAsTags(t *testing.T) {
	const release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image: {repository: quay.io/a/b, tag: "
	for _, c := range []struct{ file, before, tag, after, tracked string }{
		{"a.yaml", release, "1.10", "}\n", "quay.io/a/b:1.1"},
		{"a.yaml", release, "0755", "}\n", "quay.io/a/b:493"},
		{"a.yaml", release, "on", "}\n", "quay.io/a/b:true"},
		{"a.yaml", release, "1.10", ", digest: \"\"}\n", "quay.io/a/b:1.1"},
		{"kustomization.yaml", "images:\n- name: quay.io/a/b\n  newTag: ", "7", "\n", "quay.io/a/b:7"},
		{"a.yaml", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://quay.io/a/b\n  ref: {tag: ", "1.5", "}\n", "quay.io/a/b:1.5"},
	} {
		bare := NewScanner(Options{}).Scan(c.file, []byte(c.before+c.tag+c.after)).References
		if len(bare) != 1 || bare[0].Editable || bare[0].Why == "" || bare[0].Tracked != c.tracked {
			t.Errorf("%s: found %+v", c.tag, bare)
		}
		quoted := NewScanner(Options{}).Scan(c.file, []byte(c.before+`"`+c.tag+`"`+c.after)).References
		if len(quoted) != 1 || !quoted[0].Editable || quoted[0].Tracked != "quay.io/a/b:"+c.tag {
			t.Errorf("%q: found %+v", c.tag, quoted)
		}
	}
}
