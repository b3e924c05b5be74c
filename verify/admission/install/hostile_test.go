package install

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHostileValues checks that a value that YAML could take for something else changes
// nothing but itself.
func TestHostileValues(t *testing.T) {
	plain := objects(t, least())
	for _, value := range []string{"a: b", "a #b", "- a", "{a: b}", "[a]", "a, b]", "*a", "&a b",
		"!!int 1", "|", ">", "%YAML 1.2", "'", `"`, `a"b'c`, `\n`, "\tb", " a ",
		"a\u0085b", "a\u2028---\u2028kind: Secret", "---", "yes", "null", "~", "1e3", "0x10",
		"{{.Image}}", "$(X)", "--mode=audit"} {
		o := least()
		o.Branch, o.Paths, o.BreakGlass = value, []string{value}, []string{value}
		hostile := objects(t, o)
		var args []any
		for _, arg := range items(one(t, hostile, "Deployment"), "spec", "template", "spec",
			"containers", 0, "args") {
			if arg != "--path="+value && arg != "--break-glass="+value {
				args = append(args, arg)
			}
		}
		want := items(one(t, plain, "Deployment"), "spec", "template", "spec", "containers", 0,
			"args")
		if diff := cmp.Diff(want, append(append(append([]any{}, args[:3]...), "--branch=main"),
			args[4:]...)); diff != "" || args[3] != "--branch="+value {
			t.Errorf("%q: branch %v, other arguments (-want +got):\n%s", value, args[3], diff)
		}
		at(one(t, hostile, "Deployment"), "spec", "template", "spec", "containers",
			0).(map[string]any)["args"] = want
		if diff := cmp.Diff(plain, hostile); diff != "" {
			t.Errorf("%q changes other objects (-want +got):\n%s", value, diff)
		}
	}
	// Names that are numbers or booleans to YAML stay names.
	o := least()
	o.Namespace, o.Exempt, o.Credentials, o.TrustCommits, o.Policy = "123",
		[]string{"0x10", "true", "1e3"}, "1.5", "null", "on"
	all := objects(t, o)
	if got := at(one(t, all, "ValidatingWebhookConfiguration"), "webhooks", 0, "namespaceSelector",
		"matchExpressions", 0, "values"); !cmp.Equal(got, []any{"123", "0x10", "true", "1e3"}) {
		t.Errorf("namespaces %v", got)
	}
	for i, want := range []string{"1.5", "null", "on"} {
		volume := at(one(t, all, "Deployment"), "spec", "template", "spec", "volumes", 2+i)
		if at(volume, "secret", "secretName") != want && at(volume, "configMap", "name") != want {
			t.Errorf("volume %v, want that of %s", volume, want)
		}
	}
}
