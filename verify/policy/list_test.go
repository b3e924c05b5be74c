package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/policy"
)

// listOf is a List as kubectl get prints it.
func listOf(items ...string) string {
	out := "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n"
	for _, item := range items {
		out += "-\n" + indent(2, item)
	}
	return out
}

const passes = "static: {action: pass}"

// TestLists reads the policies of lists: each counts as if it were a document.
func TestLists(t *testing.T) {
	one, two := named("one", passes), named("two", passes)
	asJSON := `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"policy.sigstore.dev/v1beta1","kind":"ClusterImagePolicy",` +
		`"metadata":{"name":"one"},"spec":{"images":[{"glob":"` + repository + `*"}],"authorities":[{"static":{"action":"pass"}}]}}]}`
	typed := strings.Replace(strings.Replace(listOf(one), "apiVersion: v1\n", "apiVersion: policy.sigstore.dev/v1beta1\n", 1),
		"kind: List", "kind: ClusterImagePolicyList", 1)
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"one":            {listOf(one), 1},
		"two":            {listOf(one, two), 2},
		"nested":         {listOf(one, listOf(two)), 2},
		"JSON":           {asJSON, 1},
		"its own kind":   {typed, 1},
		"beside another": {listOf(one) + "---\n" + two, 2},
		"two lists":      {listOf(one) + "---\n" + listOf(two), 2},
		"with a status":  {listOf(one + "status: {observedGeneration: 1}\n"), 1},
		"others in it":   {listOf("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", one), 1},
	} {
		t.Run(name, func(t *testing.T) {
			set := mustParse(t, tt.text)
			if set.Len() != tt.want {
				t.Fatalf("%d policies, want %d", set.Len(), tt.want)
			}
			wantVerdict(t, set.Judge(app(t), nil), "")
			denied := mustParse(t, strings.Replace(strings.Replace(tt.text, "pass", "fail", 1), `"pass"`, `"fail"`, 1))
			wantVerdict(t, denied.Judge(app(t), nil), "the policy forbids the image")
		})
	}
}

// TestListsRefused refuses what is wrong in a list at its place, and lists without a policy.
func TestListsRefused(t *testing.T) {
	one := named("one", passes)
	deep := one
	for range 9 {
		deep = listOf(deep)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"empty":           {"apiVersion: v1\nkind: List\nitems: []\n", "items is empty"},
		"none":            {"apiVersion: v1\nkind: List\n", "items"},
		"null":            {"apiVersion: v1\nkind: List\nitems:\n", "items"},
		"no list":         {"apiVersion: v1\nkind: List\nitems: {a: b}\n", "items must be a list"},
		"a string":        {"apiVersion: v1\nkind: List\nitems: [a]\n", "items[0] must be a mapping"},
		"another field":   {listOf(one) + "spec: {}\n", `unknown field "spec"`},
		"an empty one":    {listOf(one, "apiVersion: v1\nkind: List\nitems: []\n"), "items[1].items is empty"},
		"wrong policy":    {listOf(strings.Replace(one, "pass", "maybe", 1)), "a.yaml:15:24: items[0].spec.authorities[0].static.action"},
		"one name twice":  {listOf(one, one), `there are two policies named "one"`},
		"what is no such": {listOf("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n"), "is not a policy"},
		"another version": {"apiVersion: v2\nkind: List\nitems: []\n", "is not a policy"},
		"too deep":        {deep, "more than 8 lists"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestListsBounded ends with lists that aliases make large, or that hold themselves.
func TestListsBounded(t *testing.T) {
	text := "apiVersion: v1\nkind: List\nitems:\n- &l0 {apiVersion: v1, kind: Namespace}\n"
	for i := range 6 {
		text += fmt.Sprintf("- &l%d {apiVersion: v1, kind: List, items: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i), 10), ", "))
	}
	if _, err := parse(text); err == nil || !strings.Contains(err.Error(), "more than the 10000 items") {
		t.Errorf("error is %v", err)
	}
	if found, err := policy.Externals(policy.Document{File: "a.yaml", Data: []byte(text)}); err != nil || found != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// TestExternalsInLists finds the fields of policies in a list that only a cluster can read.
func TestExternalsInLists(t *testing.T) {
	text := listOf(named("one", "key:\n  secretRef: {name: k}\n"))
	found, err := policy.Externals(policy.Document{File: "a.yaml", Data: []byte(text)})
	if err != nil || len(found) != 1 || found[0].Path != "spec.authorities[0].key.secretRef" {
		t.Errorf("%v, %v", found, err)
	}
}
