package admission_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
)

// TestLeaving: what a newer lock no longer has can go, and can do nothing else.
func TestLeaving(t *testing.T) {
	s := load(t, versionOf(1, nil))
	set := func(metadata, spec, image string) string {
		return fmt.Sprintf(`{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{%s"name":"web-1"},"spec":{%s"template":{"spec":%s}},"status":{"replicas":3}}`,
			metadata, spec, podSpec(image))
	}
	job := func(metadata string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{%s"name":"job-x"},"spec":%s}`, metadata, podSpec("nginx:1.26"))
	}
	three := set("", `"replicas":3,`, "nginx:1.26")
	const tracked = `"finalizers":["batch.kubernetes.io/job-tracking","a/b"],`
	for _, test := range []struct {
		name, before, after string
		rule                string
	}{
		{"scaled down", three, set("", `"replicas":0,`, "nginx:1.26"), admission.ReasonRemoval},
		{"scaled down, and noted", three,
			set(`"annotations":{"deployment.kubernetes.io/desired-replicas":"3"},`, `"replicas":2,`,
				"nginx:1.26"), admission.ReasonRemoval},
		{"scaled up", three, set("", `"replicas":4,`, "nginx:1.26"), verify.Unpinned},
		{"as it was", three, three, verify.Unpinned},
		{"noted only", three, set(`"annotations":{"a":"b"},`, `"replicas":3,`, "nginx:1.26"),
			verify.Unpinned},
		{"scaled down to another image", three, set("", `"replicas":0,`, "nginx:1.27"),
			verify.Unpinned},
		{"scaled down and changed", three, set("", `"replicas":0,"minReadySeconds":5,`,
			"nginx:1.26"), verify.Unpinned},
		{"scaled down to a word", three, set("", `"replicas":"no",`, "nginx:1.26"),
			verify.Unpinned},
		{"scaled down with glass to break", three, set(`"labels":{"plumb.dev/break-glass":"x"},`,
			`"replicas":2,`, "nginx:1.26"), verify.Unpinned},
		{"given up", job(tracked), job(`"finalizers":["a/b"],`), admission.ReasonRemoval},
		{"given up by all", job(tracked), job(""), admission.ReasonRemoval},
		{"kept", job(tracked), job(tracked), verify.Unpinned},
		{"kept for another reason", job(tracked), job(`"finalizers":["c/d"],`), verify.Unpinned},
		{"kept for one more reason", job(""), job(tracked), verify.Unpinned},
		{"finalizers that are none", job(`"finalizers":[[],{}],`), job(`"finalizers":{},`),
			verify.Unpinned},
		{"being deleted", three, set(`"deletionTimestamp":"2026-11-21T12:00:00Z",`, `"replicas":9,`,
			"nginx:1.26"), admission.ReasonRemoval},
		{"being deleted, with another image", three,
			set(`"deletionTimestamp":"2026-11-21T12:00:00Z",`, `"replicas":3,`, "nginx:1.27"),
			verify.Unpinned},
	} {
		q := create(json.RawMessage(test.after))
		q.Operation, q.OldObject = "UPDATE", json.RawMessage(test.before)
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Rule != test.rule ||
			d.Allowed != (test.rule == admission.ReasonRemoval) || len(d.Annotations) == 0 {
			t.Errorf("%s: allowed %v by %q, want %q: %s", test.name, d.Allowed, d.Rule, test.rule,
				d.Message)
		}
		q.Operation = "CREATE"
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed {
			t.Errorf("%s: created", test.name)
		}
	}
}
