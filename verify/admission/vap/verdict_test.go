package vap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile"
)

// kinds are objects of each kind that a policy reaches, as an API server shows them to
// it, with POD where the Pod's specification goes.
var kinds = map[string]string{
	"Pod":                   `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: POD}`,
	"PodTemplate":           `{apiVersion: v1, kind: PodTemplate, metadata: {name: web}, template: {metadata: {}, spec: POD}}`,
	"ReplicationController": `{apiVersion: v1, kind: ReplicationController, metadata: {name: web}, spec: {replicas: 1, template: {metadata: {}, spec: POD}}}`,
	"ReplicaSet":            `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web}, spec: {template: {spec: POD}}}`,
	"Deployment":            `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: POD}}}`,
	"StatefulSet":           `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {template: {spec: POD}}}`,
	"DaemonSet":             `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: web}, spec: {template: {spec: POD}}}`,
	"Job":                   `{apiVersion: batch/v1, kind: Job, metadata: {name: web}, spec: {template: {spec: POD}}}`,
	"CronJob":               `{apiVersion: batch/v1, kind: CronJob, metadata: {name: web}, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: POD}}}}}`,
}

// places are where a Pod's specification names images, with IMAGE for the name.
var places = map[string]string{
	"container":           `{containers: [{name: first, image: LOCKED}, {name: a, image: IMAGE}]}`,
	"init container":      `{initContainers: [{name: a, image: IMAGE}], containers: [{name: first, image: LOCKED}]}`,
	"ephemeral container": `{ephemeralContainers: [{name: a, image: IMAGE}], containers: [{name: first, image: LOCKED}]}`,
	"volume":              `{containers: [{name: first, image: LOCKED}], volumes: [{name: v, emptyDir: {}}, {name: a, image: {reference: IMAGE}}]}`,
}

func objectOf(t *testing.T, kind, place, image string) any {
	t.Helper()
	return objectWith(t, kind, places[place], image)
}

// objectWith is an object of a kind with a Pod's specification.
func objectWith(t *testing.T, kind, spec, image string) any {
	t.Helper()
	text := strings.Replace(kinds[kind], "POD", spec, 1)
	text = strings.ReplaceAll(strings.Replace(text, "IMAGE", fmt.Sprintf("%q", image), 1), "LOCKED",
		"ghcr.io/acme/app-0:v1@"+digest(3))
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// forms are both forms of the policy of the same lock.
func forms(t *testing.T, o Options) map[string]*evaluator {
	t.Helper()
	o.Form = Buckets
	buckets := newEvaluator(t, o)
	o.Form = Literals
	return map[string]*evaluator{"buckets": buckets, "literals": newEvaluator(t, o)}
}

func TestVerdicts(t *testing.T) {
	verdicts := []struct{ image, rule string }{
		{"ghcr.io/acme/app-1:v1@" + digest(6), ""},
		{"ghcr.io/acme/app-1@" + digest(6), ""},
		{"ghcr.io/acme/app-1:v1@" + digest(7), ""},             // a platform's manifest
		{"ghcr.io/acme/app-1:v1@" + digest(2), "unlocked"},     // a config
		{"ghcr.io/acme/manifests:v1@" + digest(1), "unlocked"}, // an artifact that is no image
		{"ghcr.io/acme/app-1:v1@" + digest(9), "unlocked"},     // beyond the lock's last
		{"ghcr.io/acme/app-1:v1", "unpinned"},
		{"nginx", "unpinned"},
		{"", "unpinned"},
		{"app@sha256:" + strings.Repeat("A", 64), "unpinned"},
		{"app@" + digest(6) + "0", "unpinned"},
		{"app@" + digest(6)[:70], "unpinned"},
		{"app@sha512:" + strings.Repeat("0a", 64), "unpinned"},
		{"@" + digest(6), "unpinned"},
		{"app@" + digest(6) + "\n", "unpinned"},
		{"app@" + digest(6) + "@" + digest(9), "unpinned"},
	}
	for form, e := range forms(t, Options{Locks: []*lockfile.Lock{testLock(2)}}) {
		for kind := range kinds {
			for place := range places {
				for _, v := range verdicts {
					for _, operation := range []string{"CREATE", "UPDATE"} {
						object := objectOf(t, kind, place, v.image)
						var old any
						if operation == "UPDATE" { // other Pods of the same images
							old = objectWith(t, kind, strings.Replace(places[place], "{",
								"{hostNetwork: true, ", 1), v.image)
						}
						got, err := e.review(operation, object, old)
						if err != nil {
							t.Fatalf("%s, %s, %s, %q: %v", form, kind, place, v.image, err)
						}
						if v.rule == "" != (len(got) == 0) ||
							len(got) > 0 && !strings.Contains(got[0], "["+v.rule+"]") {
							t.Errorf("%s, %s of %s, %s, %q: got %q, want rule %q", form, operation,
								kind, place, v.image, got, v.rule)
						}
					}
				}
			}
		}
	}
}

func TestMessages(t *testing.T) {
	o := Options{Locks: []*lockfile.Lock{testLock(2)}, Repository: `https://git.example.org/"shop"`}
	for form, e := range forms(t, o) {
		object := objectOf(t, "Deployment", "init container", "nginx:1.27")
		got, err := e.review("CREATE", object, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{`init container "a": image "nginx:1.27" is not pinned to a sha256 digest [unpinned]; ` +
			`to pin it, in https://git.example.org/"shop": plumb lock, then commit and deploy`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form, diff)
		}
		var pod any
		text := `{spec: {initContainers: [{name: a, image: nginx}, {name: b, image: "redis:7"}], containers: [{name: c, image: "x@` + digest(99) + `"}]}}`
		if err := yaml.Unmarshal([]byte(text), &pod); err != nil {
			t.Fatal(err)
		}
		if got, err = e.review("CREATE", pod, nil); err != nil {
			t.Fatal(err)
		}
		want = []string{
			`init container "a": image "nginx" is not pinned to a sha256 digest [unpinned]; init container "b": image "redis:7" is not pinned to a sha256 digest [unpinned]; ` +
				`to pin it, in https://git.example.org/"shop": plumb lock, then commit and deploy`,
			`container "c": image "x@` + digest(99) + `" is not in plumb.lock [unlocked]; ` +
				`to lock it, in https://git.example.org/"shop": plumb lock, then commit, update the policy (plumb admission policy) and deploy`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form, diff)
		}
	}
}

func TestExisting(t *testing.T) {
	for _, existing := range []bool{false, true} {
		for form, e := range forms(t, Options{Locks: []*lockfile.Lock{testLock(2)},
			Existing: existing}) {
			for _, tt := range []struct {
				operation, before, after string
				other, leaving           bool // another Pod, a Pod that is being deleted
				ok                       bool
			}{
				{"UPDATE", "nginx", "nginx", false, false, true},
				{"UPDATE", "nginx", "nginx", true, false, existing},
				{"UPDATE", "nginx", "nginx", true, true, true},
				{"UPDATE", "nginx", "redis", false, false, false},
				{"UPDATE", "nginx", "redis", false, true, false},
				{"CREATE", "", "nginx", false, true, false},
				{"CREATE", "", "nginx", false, false, false},
			} {
				object := objectOf(t, "Pod", "container", tt.after)
				if tt.other {
					object.(map[string]any)["spec"].(map[string]any)["hostNetwork"] = true
				}
				if tt.leaving {
					object.(map[string]any)["metadata"].(map[string]any)["deletionTimestamp"] = "2026-01-02T03:04:05Z"
				}
				var old any
				if tt.before != "" {
					old = objectOf(t, "Pod", "container", tt.before)
				}
				got, err := e.review(tt.operation, object, old)
				if err != nil || (len(got) == 0) != tt.ok {
					t.Errorf("%s, existing %v, %+v: got %q, %v", form, existing, tt, got, err)
				}
			}
		}
	}
}

// TestLeaving checks that what the lock no longer has can go, and can do nothing else.
func TestLeaving(t *testing.T) {
	const pod = `{containers: [{name: a, image: nginx}]}`
	workload := func(kind, fields string) string {
		return `{kind: ` + kind + `, metadata: {}, spec: {` + fields + ` template: {spec: ` + pod + `}}}`
	}
	cron := func(fields string) string {
		return `{kind: CronJob, metadata: {}, spec: {` + fields + ` jobTemplate: {spec: {template: {spec: ` + pod + `}}}}}`
	}
	finished := `{kind: Pod, metadata: {finalizers: [batch.kubernetes.io/job-tracking]}, spec: ` + pod + `}`
	for form, e := range forms(t, Options{Locks: []*lockfile.Lock{testLock(2)}}) {
		for _, tt := range []struct {
			name, before, after string
			ok                  bool
		}{
			{"noted", workload("ReplicaSet", "replicas: 4,"), strings.Replace(workload("ReplicaSet", "replicas: 4,"), "{}", "{annotations: {a: b}}", 1), true},
			{"scaled down", workload("ReplicaSet", "replicas: 4,"), workload("ReplicaSet", "replicas: 3,"), true},
			{"scaled up", workload("ReplicaSet", "replicas: 4,"), workload("ReplicaSet", "replicas: 5,"), false},
			{"scaled to what is not said", workload("ReplicaSet", "replicas: 4,"), workload("ReplicaSet", ""), false},
			{"a finalizer is done", finished, `{kind: Pod, metadata: {}, spec: ` + pod + `}`, true},
			{"another Pod", finished, `{kind: Pod, metadata: {}, spec: {hostNetwork: true, containers: [{name: a, image: nginx}]}}`, false},
			{"suspended", cron("suspend: false,"), cron("suspend: true,"), true},
			{"no longer suspended", cron("suspend: true,"), cron("suspend: false,"), false},
			{"no longer suspended, by silence", cron("suspend: true,"), cron(""), false},
			{"suspended, more often", cron("schedule: a,"), cron("schedule: b, suspend: true,"), false},
			{"fewer are kept", cron("failedJobsHistoryLimit: 3,"), cron("failedJobsHistoryLimit: 1,"), true},
			{"none at a time", workload("Job", "parallelism: 2,"), workload("Job", "parallelism: 0,"), true},
			{"some at a time", workload("Job", "parallelism: 0,"), workload("Job", "parallelism: 2,"), false},
			{"paused", workload("Deployment", ""), workload("Deployment", "paused: true,"), true},
			{"no longer paused", workload("Deployment", "paused: true,"), workload("Deployment", ""), false},
			{"rolled out", workload("StatefulSet", "updateStrategy: {type: OnDelete},"), workload("StatefulSet", "updateStrategy: {type: RollingUpdate},"), false},
			{"a template", `{kind: PodTemplate, metadata: {}, template: {spec: ` + pod + `}}`, `{kind: PodTemplate, metadata: {labels: {a: b}}, template: {spec: ` + pod + `}}`, true},
			{"another template", `{kind: PodTemplate, metadata: {}, template: {spec: ` + pod + `}}`, `{kind: PodTemplate, metadata: {}, template: {metadata: {a: b}, spec: ` + pod + `}}`, false},
		} {
			var before, after any
			for text, v := range map[string]*any{tt.before: &before, tt.after: &after} {
				if err := yaml.Unmarshal([]byte(text), v); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := e.review("UPDATE", after, before); err != nil || (len(got) == 0) != tt.ok {
				t.Errorf("%s, %s: got %q, %v", form, tt.name, got, err)
			}
			if got, err := e.review("CREATE", after, nil); err != nil || len(got) == 0 {
				t.Errorf("%s, %s: created: %q, %v", form, tt.name, got, err)
			}
		}
	}
}

// TestNothingToJudge checks that what has no containers, or none yet, is judged without
// an error.
func TestNothingToJudge(t *testing.T) {
	for form, e := range forms(t, Options{Locks: []*lockfile.Lock{{}}}) {
		for _, text := range []string{`{spec: {}}`, `{spec: {containers: []}}`, `{metadata: {}}`,
			`{spec: {template: {spec: {}}}}`} {
			var object any
			if err := yaml.Unmarshal([]byte(text), &object); err != nil {
				t.Fatal(err)
			}
			if got, err := e.review("CREATE", object, nil); err != nil || len(got) != 0 {
				t.Errorf("%s, %s: %q, %v", form, text, got, err)
			}
		}
		if got, err := e.review("CREATE", objectOf(t, "Pod", "container", "x@"+digest(5)),
			nil); err != nil || len(got) != 1 {
			t.Errorf("%s: an empty lock allows: %q, %v", form, got, err)
		}
	}
}

// TestCost checks that a Pod of as many images as are promised can be judged by the
// largest lock, and that what is added up for the limits is enough.
func TestCost(t *testing.T) {
	l := &lockfile.Lock{}
	for i := range 22_000 {
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: "a",
			Digest: digest(i)})
	}
	for form, e := range forms(t, Options{Locks: []*lockfile.Lock{l}}) {
		var containers []any
		for i := range maxImages {
			containers = append(containers, map[string]any{"name": fmt.Sprint(i),
				"image": "registry.example.org/some/longer/path/of/a/repository:v1.2.3-with-a-tag@" + digest(21_999-i)})
		}
		object := map[string]any{"spec": map[string]any{"containers": containers}}
		got, err := e.review("CREATE", object, nil)
		if err != nil || len(got) != 0 {
			t.Errorf("%s: %d images: %q, %v", form, maxImages, got, err)
		}
		if most := uint64(maxImages * (imageCost + 22_000/256 + 1)); e.worst > most {
			t.Errorf("%s: the dearest expression costs %d, more than the %d that are reckoned with",
				form, e.worst, most)
		}
		if e.cost > 10*maxCost {
			t.Errorf("%s: costs %d in all, and an API server stops at %d", form, e.cost, 10*maxCost)
		}
		t.Logf("%s: %d images cost %d, the dearest expression %d", form, maxImages, e.cost, e.worst)
	}
}
