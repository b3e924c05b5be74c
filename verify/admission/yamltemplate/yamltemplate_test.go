package yamltemplate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// hostile are texts that unquoted would be something else than a text, or more than one
// value.
var hostile = []string{"", " ", "a: b", "a #b", "#", "- a", "-", "?", ": ", "{a: b}", "[a]",
	"a, b]", "a}", "*a", "&a b", "!!int 1", "|", ">", "%YAML 1.2",
	"@a", "`a`", "'", `"`, `a"b'c`, `\n`, "a\nb", "a\n", "\na", "a\n  b\n\n", "a\r\nb", "a\rb",
	"\tb", "a\tb", " a", "a ", "a\u0085b", "a\u2028b", "\ufeffa", "\x00", "\x7f",
	"---", "...", "---\nkind: Secret", "yes", "No", "true", "null", "~", "1", "1.5", "1e3", "0x10",
	"0o7", "010", "1_000", "2026-01-02", ".inf", "=", "<<",
	"é", "😀", "{{.X}}", "$(X)", "a\n---\nkind: ClusterRoleBinding\n"}

const text = `# {{comment .Text}}
block:
  value: {{yaml .Text | indent 2}}
  list:
    - {{yaml .Text | indent 4}}
    - {{yaml (print "--a=" .Text) | indent 4}}
  flow: [first, {{yaml .Word}}]
  {{yaml .Word}}: key
texts: {{yaml .Texts}} # {{comment .Text}}
number: {{yaml 7}}
yes: {{yaml true}}
`

// TestHostile checks that each text comes back as it was, and that nothing comes with it.
func TestHostile(t *testing.T) {
	parsed := Parse("test", text)
	for _, value := range hostile {
		out, err := Execute(parsed, map[string]any{"Text": value, "Texts": []string{value, "b"},
			"Word": "on"})
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		var got map[string]any
		if err := yaml.Unmarshal(out, &got); err != nil {
			t.Errorf("%q: %v\n%s", value, err, out)
			continue
		}
		want := map[string]any{"block": map[string]any{"value": value,
			"list": []any{value, "--a=" + value}, "flow": []any{"first", "on"}, "on": "key"},
			"texts": []any{value, "b"}, "number": 7, "yes": true}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s\n%s", value, diff, out)
		}
	}
}

func TestExecuteFails(t *testing.T) {
	if _, err := Execute(Parse("test", "{{.Missing}}"), map[string]any{}); err == nil {
		t.Error("a value that is missing is none")
	}
	if _, err := Execute(Parse("test", "{{yaml .}}"), map[string]any{}); err == nil {
		t.Error("a map is written")
	}
}
