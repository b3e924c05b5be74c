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
	cron := func(spec, image string) string {
		return fmt.Sprintf(`{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"c"},"spec":{%s"jobTemplate":{"spec":{"template":{"spec":%s}}}}}`, spec, podSpec(image))
	}
	work := func(spec, image string) string {
		return fmt.Sprintf(`{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{%s"template":{"spec":%s}}}`, spec, podSpec(image))
	}
	widget := func(spec string) string {
		return `{"apiVersion":"acme.example/v1","kind":"Widget","metadata":{"name":"w"},"spec":{` + spec + `"image":"nginx:1.26"}}`
	}
	three := set("", `"replicas":3,`, "nginx:1.26")
	const tracked = `"finalizers":["batch.kubernetes.io/job-tracking","a/b"],`
	const owned = `"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"x","uid":"1"}],`
	removal := admission.ReasonRemoval
	for _, test := range []struct {
		name, before, after string
		rule                string
	}{
		{"scaled down", three, set("", `"replicas":0,`, "nginx:1.26"), removal},
		{"scaled down, and noted", three,
			set(`"annotations":{"deployment.kubernetes.io/desired-replicas":"3"},`, `"replicas":2,`,
				"nginx:1.26"), removal},
		{"scaled up", three, set("", `"replicas":4,`, "nginx:1.26"), verify.Unpinned},
		{"scaled to what is not said", three, set("", "", "nginx:1.26"), verify.Unpinned},
		{"as it was", three, three, removal},
		{"noted only", three, set(`"annotations":{"a":"b"},`, `"replicas":3,`, "nginx:1.26"),
			removal},
		{"noted with an image", three, set(`"annotations":{"sidecar.istio.io/proxyImage":"evil.example/x:1"},`,
			`"replicas":3,`, "nginx:1.26"), verify.Unpinned},
		{"scaled down to another image", three, set("", `"replicas":0,`, "nginx:1.27"),
			verify.Unpinned},
		{"scaled down, and slower to be ready", three, set("", `"replicas":0,"minReadySeconds":5,`,
			"nginx:1.26"), removal},
		{"scaled down to other Pods", three, set("", `"replicas":0,"selector":{"a":"b"},`,
			"nginx:1.26"), verify.Unpinned},
		{"scaled down to a word", three, set("", `"replicas":"no",`, "nginx:1.26"),
			verify.Unpinned},
		{"scaled down with glass to break", three, set(`"labels":{"plumb.dev/break-glass":"x"},`,
			`"replicas":2,`, "nginx:1.26"), verify.Unpinned},
		{"paused", three, set("", `"replicas":3,"paused":true,`, "nginx:1.26"), removal},
		{"no longer paused", set("", `"paused":true,`, "nginx:1.26"), set("", "", "nginx:1.26"),
			verify.Unpinned},
		{"suspended", cron(`"suspend":false,`, "nginx:1.26"), cron(`"suspend":true,`, "nginx:1.26"),
			removal},
		{"no longer suspended", cron(`"suspend":true,`, "nginx:1.26"),
			cron(`"suspend":false,`, "nginx:1.26"), verify.Unpinned},
		{"suspended, and more often", cron("", "nginx:1.26"),
			cron(`"suspend":true,"schedule":"* * * * *",`, "nginx:1.26"), verify.Unpinned},
		{"suspended, with another image", cron("", "nginx:1.26"), cron(`"suspend":true,`, "nginx:1.27"),
			verify.Unpinned},
		{"a Job of none at a time", work(`"parallelism":3,`, "nginx:1.26"),
			work(`"parallelism":0,`, "nginx:1.26"), removal},
		{"a Job of more at a time", work(`"parallelism":0,`, "nginx:1.26"),
			work(`"parallelism":3,`, "nginx:1.26"), verify.Unpinned},
		{"a Job of less time", work("", "nginx:1.26"), work(`"activeDeadlineSeconds":1,`, "nginx:1.26"),
			removal},
		{"a custom resource, scaled down", widget(`"replicas":3,"suspend":false,`),
			widget(`"replicas":0,"suspend":true,`), removal},
		{"a custom resource, changed", widget(`"replicas":3,`), widget(`"replicas":0,"mode":"x",`),
			verify.Unpinned},
		{"given up", job(tracked), job(`"finalizers":["a/b"],`), removal},
		{"given up by all", job(tracked), job(""), removal},
		{"orphaned", job(owned), job(""), removal},
		{"adopted", job(""), job(owned), removal},
		{"finalizers that are none", job(`"finalizers":[[],{}],`), job(`"finalizers":{},`), removal},
		{"being deleted", three, set(`"deletionTimestamp":"2026-11-21T12:00:00Z",`, `"replicas":9,`,
			"nginx:1.26"), removal},
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
		var none *admission.State
		if d := none.Review(q, admission.Rules{}, time.Now()); d.Allowed != (test.rule == removal) {
			t.Errorf("%s, without a lock: allowed %v by %q", test.name, d.Allowed, d.Rule)
		}
		q.Operation = "CREATE"
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed {
			t.Errorf("%s: created", test.name)
		}
		if d := none.Review(q, admission.Rules{}, time.Now()); d.Allowed {
			t.Errorf("%s: created without a lock", test.name)
		}
	}
}

// TestLeavingElsewhere: in a namespace that no lock root serves, too, what is there can go.
func TestLeavingElsewhere(t *testing.T) {
	s, err := admission.Load(t.Context(), versionOf(1, nil), admission.LoadOptions{
		Roots: []admission.Root{{Path: ".", Namespaces: []string{"shop"}}}})
	if err != nil {
		t.Fatal(err)
	}
	const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{%s"name":"x","namespace":"other"},"spec":%s}`
	before := fmt.Sprintf(pod, `"finalizers":["a/b"],`, podSpec("nginx:1.26"))
	for image, allowed := range map[string]bool{"nginx:1.26": true, "nginx:1.27": false} {
		q := create(json.RawMessage(fmt.Sprintf(pod, "", podSpec(image))))
		q.Namespace, q.Operation, q.OldObject = "other", "UPDATE", json.RawMessage(before)
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed != allowed {
			t.Errorf("%s: allowed %v by %q: %s", image, d.Allowed, d.Rule, d.Message)
		}
		q.Operation = "CREATE"
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed {
			t.Errorf("%s: created", image)
		}
	}
}
