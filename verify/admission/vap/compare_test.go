package vap

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

func TestCompare(t *testing.T) {
	o := Options{Locks: []*lockfile.Lock{testLock(2)}, Exempt: []string{"kube-system"}}
	text, err := Policy(o)
	if err != nil {
		t.Fatal(err)
	}
	at := func(object map[string]any, keys ...string) map[string]any {
		for _, key := range keys {
			object = object[key].(map[string]any)
		}
		return object
	}
	const list, rule, binding = 1, 2, 3 // the documents in the order of Policy
	for _, tt := range []struct {
		name   string
		change func(live []map[string]any)
		want   []string
	}{
		{"nothing", func([]map[string]any) {}, nil},
		{"what a server adds", func(live []map[string]any) {
			at(live[rule], "metadata")["resourceVersion"] = "12"
			live[rule]["status"] = map[string]any{"observedGeneration": 1}
		}, nil},
		{"missing binding", func(live []map[string]any) {
			at(live[binding], "metadata")["name"] = "other"
		},
			[]string{"ValidatingAdmissionPolicyBinding/plumb: : not found"}},
		{"on its way out", func(live []map[string]any) {
			at(live[binding], "metadata")["deletionTimestamp"] = "2026-01-02T03:04:05Z"
		},
			[]string{"ValidatingAdmissionPolicyBinding/plumb: : is being deleted"}},
		{"loosened", func(live []map[string]any) {
			at(live[rule], "spec")["failurePolicy"] = "Ignore"
		},
			[]string{`ValidatingAdmissionPolicy/plumb: spec.failurePolicy: is "Ignore", want "Fail"`}},
		{"a way around", func(live []map[string]any) {
			at(live[rule], "spec")["matchConditions"] = []any{map[string]any{"name": "x",
				"expression": "false"}}
		},
			[]string{`ValidatingAdmissionPolicy/plumb: spec.matchConditions: unexpected: [{"expression":"false","name":"x"}]`}},
		{"another selector", func(live []map[string]any) {
			at(live[binding], "spec",
				"matchResources")["objectSelector"] = map[string]any{"matchLabels": map[string]any{"a": "b"}}
		},
			[]string{`ValidatingAdmissionPolicyBinding/plumb: spec.matchResources.objectSelector.matchLabels: unexpected: {"a":"b"}`}},
		{"a field less", func(live []map[string]any) {
			delete(at(live[binding], "spec"), "paramRef")
		},
			[]string{`ValidatingAdmissionPolicyBinding/plumb: spec.paramRef: missing, want {"name":"plumb","parameterNotFoundAction":"Deny"}`}},
		{"fewer actions", func(live []map[string]any) {
			at(live[binding], "spec")["validationActions"] = []any{}
		},
			[]string{`ValidatingAdmissionPolicyBinding/plumb: spec.validationActions: is [], want ["Deny"]`}},
		{"a digest more", func(live []map[string]any) {
			at(live[list], "spec", "digests")["ff"] = []any{"ff" + strings.Repeat("0", 62)}
		}, []string{"DigestList/plumb: spec.digests: allows sha256:ff" + strings.Repeat("0", 62) +
			", which is not in the lock"}},
		{"a digest less", func(live []map[string]any) {
			delete(at(live[list], "spec", "digests"), "6f")
		},
			[]string{"DigestList/plumb: spec.digests: missing " + digest(3) +
				" (ghcr.io/acme/app-0:v1)"}},
		{"a digest elsewhere", func(live []map[string]any) {
			digests := at(live[list], "spec", "digests")
			digests["00"] = digests["6f"]
			delete(digests, "6f")
		}, []string{`DigestList/plumb: spec.digests.00: contains "` + digest(3)[7:] +
			`", which belongs to another bucket`}},
	} {
		live := documents(t, text)
		tt.change(live)
		for name, objects := range map[string][]map[string]any{"YAML": live,
			"JSON": throughJSON(t, live)} {
			found, err := o.Compare(objects)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range found {
				got = append(got, d.Object+": "+d.Field+": "+d.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", tt.name, name, diff)
			}
		}
	}
}

// throughJSON is how a cluster's objects come from kubectl get -o json.
func throughJSON(t *testing.T, objects []map[string]any) []map[string]any {
	t.Helper()
	text, err := json.Marshal(objects)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefs(t *testing.T) {
	refs, err := Options{Locks: []*lockfile.Lock{testLock(1)}, Name: "shop"}.Refs()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range refs {
		got = append(got, r.Resource())
	}
	want := []string{
		"CustomResourceDefinition.v1.apiextensions.k8s.io/digestlists.plumb.dev",
		"DigestList.v1.plumb.dev/shop",
		"ValidatingAdmissionPolicy.v1.admissionregistration.k8s.io/shop",
		"ValidatingAdmissionPolicyBinding.v1.admissionregistration.k8s.io/shop",
		"ValidatingAdmissionPolicyBinding.v1.admissionregistration.k8s.io/shop-enforce",
		"ValidatingAdmissionPolicyBinding.v1.admissionregistration.k8s.io/shop-warn",
		"ValidatingAdmissionPolicyBinding.v1.admissionregistration.k8s.io/shop-audit",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
