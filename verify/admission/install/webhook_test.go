package install

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/vap"
)

// TestCanStart checks that the webhook does not judge what a cluster needs to start it, that
// it denies when it is gone, and that each namespace has one webhook.
func TestCanStart(t *testing.T) {
	webhooks := items(one(t, objects(t, most()), "ValidatingWebhookConfiguration"), "webhooks")
	for _, w := range webhooks {
		if at(w, "failurePolicy") != "Fail" || at(w, "timeoutSeconds") != 5 ||
			at(w, "sideEffects") != "None" {
			t.Errorf("%v: fails %v in %v s, with side effects %v", at(w, "name"),
				at(w, "failurePolicy"), at(w, "timeoutSeconds"), at(w, "sideEffects"))
		}
	}
	for _, tt := range []struct{ namespace, mode, want string }{
		{"guard", "", ""},
		{"guard", "enforce", ""},
		{"kube-system", "", ""},
		{"kube-system", "enforce", ""},
		{"shop", "", "/validate"},
		{"shop", "none", "/validate"},
		{"shop", "enforce", "/validate/enforce"},
		{"shop", "warn", "/validate/warn"},
		{"shop", "audit", "/validate/audit"},
	} {
		labels := map[string]string{"kubernetes.io/metadata.name": tt.namespace}
		if tt.mode != "" {
			labels[admission.ModeLabel] = tt.mode
		}
		var got []string
		for _, w := range webhooks {
			if selects(w, labels) {
				got = append(got, at(w, "clientConfig", "service", "path").(string))
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("namespace %s, mode %q: API servers call %q, want %q", tt.namespace, tt.mode,
				got, tt.want)
		}
	}
}

// selects reports whether a webhook's selector selects a namespace with labels.
func selects(webhook any, labels map[string]string) bool {
	for _, r := range items(webhook, "namespaceSelector", "matchExpressions") {
		label, ok := labels[at(r, "key").(string)]
		in := ok && slices.Contains(items(r, "values"), any(label))
		if in != (at(r, "operator") == "In") {
			return false
		}
	}
	return true
}

// TestRules checks that each webhook judges what a ValidatingAdmissionPolicy does, and
// custom resources besides.
func TestRules(t *testing.T) {
	text, err := vap.Policy(vap.Options{Locks: []*lockfile.Lock{{}}})
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
			t.Fatal(err)
		}
		if object["kind"] == "ValidatingAdmissionPolicy" {
			want = items(object, "spec", "matchConstraints", "resourceRules")
		}
	}
	for _, w := range items(one(t, objects(t, most()), "ValidatingWebhookConfiguration"),
		"webhooks") {
		scope := "Namespaced"
		if at(w, "name") == "admission.plumb.dev" {
			scope = "*"
		}
		custom := map[string]any{"apiGroups": []any{"postgresql.cnpg.io"},
			"apiVersions": []any{"*"}, "operations": []any{"CREATE", "UPDATE"},
			"resources": []any{"clusters"}, "scope": scope}
		if diff := cmp.Diff(append(slices.Clone(want), custom), items(w, "rules")); diff != "" {
			t.Errorf("%v (-want +got):\n%s", at(w, "name"), diff)
		}
	}
}
