package admission_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

// The images of TestControllers: past has left the lock, and present is in it.
var past, present = imageOf(5), imageOf(1)

// TestControllers has Kubernetes' own controllers work in a cluster whose lock no longer has
// what runs there. Nothing that they update may be denied: a controller that is refused tries
// for ever, and a rollout, a Job or a namespace hangs.
func TestControllers(t *testing.T) {
	c := newCluster(t)
	c.strict = true
	c.must(t, "", "delete", "pods,deployments", "--all", "-n", "shop", "--wait=false")
	control, err := apiservertest.StartControl(checkout, filepath.Join(c.dir, "control"), c.server)
	var missing *apiservertest.Missing
	switch {
	case errors.As(err, &missing):
		t.Skipf("NOT TESTED with Kubernetes' controllers: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		control.Stop()
		if t.Failed() {
			t.Log(control.Log())
		}
	})
	c.must(t, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"node"}}`, "create", "-f", "-")
	for _, by := range []string{"webhook", "buckets", "literals"} {
		t.Run(by, func(t *testing.T) {
			w := newWork(t, c, by)
			if by == "webhook" {
				c.serve()
				defer c.endWebhook()
			} else {
				c.applyPolicy(by)
				defer c.endPolicy()
			}
			for _, s := range shifts() {
				t.Run(s.name, func(t *testing.T) { s.run(t, w) })
			}
			w.denials(t)
		})
	}
}

// work is a namespace with workloads whose image has left the lock.
type work struct {
	*cluster
	namespace string
}

// shift is something that happens to one of the workloads, which has its name.
type shift struct {
	name   string
	object string // made before the lock is enforced; for %q stands its image
	run    func(t *testing.T, w work)
}

// newWork makes the workloads, and waits until their Pods run.
func newWork(t *testing.T, c *cluster, namespace string) work {
	t.Helper()
	w := work{c, namespace}
	c.must(t, "", "create", "namespace", namespace)
	w.becomes(t, "serviceaccounts", "{.items[*].metadata.name}", "default")
	pods := 0
	for _, s := range shifts() {
		if s.object == "" {
			continue
		}
		text := strings.ReplaceAll(s.object, "NAME", s.name)
		w.do(t, fmt.Sprintf(text, past), "create", "-f", "-")
		pods++
	}
	within(t, 60*time.Second, "the workloads run", func() bool {
		out, _ := w.kubectl("", "get", "pods", "-n", namespace, "-o",
			`jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.labels.app}{"\n"}{end}`)
		running := map[string]bool{}
		for name := range strings.Lines(out) {
			running[strings.TrimSpace(name)] = true
		}
		return len(running) == pods
	})
	return w
}

// do runs kubectl in the namespace, which has to succeed.
func (w work) do(t *testing.T, stdin string, args ...string) {
	t.Helper()
	w.must(t, stdin, append([]string{"-n", w.namespace}, args...)...)
}

// refused runs kubectl in the namespace, which has to be denied by plumb.
func (w work) refused(t *testing.T, args ...string) {
	t.Helper()
	out, err := w.kubectl("", append([]string{"-n", w.namespace}, args...)...)
	if err == nil || !strings.Contains(out, "[unlocked]") {
		t.Errorf("kubectl %s is not denied: %s", strings.Join(args, " "), out)
	}
}

// get is a field of an object, or of objects, by kubectl's JSONPath.
func (w work) get(object, path string) string {
	args := append([]string{"get", "-n", w.namespace, "-o", "jsonpath=" + path},
		strings.Fields(object)...)
	out, _ := w.kubectl("", args...)
	return out
}

// becomes waits until a field has a value.
func (w work) becomes(t *testing.T, object, path, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if got = w.get(object, path); got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s of %s is %q, want %q", path, object, got, want)
		}
	}
}

// images are the images of the Pods of a workload, each once, sorted by the Pods' names.
func (w work) images(name string) map[string]int {
	out := map[string]int{}
	for image := range strings.FieldsSeq(w.get("pods -l app="+name,
		"{.items[*].spec.containers[0].image}")) {
		out[image]++
	}
	return out
}

// rolls sets the image of a workload to what the lock has, and waits until it runs.
func (w work) rolls(t *testing.T, workload string) {
	t.Helper()
	w.do(t, "", "set", "image", workload, "c="+present)
	w.do(t, "", "rollout", "status", workload, "--timeout=60s")
}

// template is a workload's selector and pod template.
const template = `"selector":{"matchLabels":{"app":"NAME"}},"template":` + podTemplate
const podTemplate = `{"metadata":{"labels":{"app":"NAME"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":%q}]}}`

// object is an object of a kind, with a name and a spec.
func objectText(version, kind, spec string) string {
	return `{"apiVersion":"` + version + `","kind":"` + kind + `","metadata":{"name":"NAME"},"spec":{` + spec + `}}`
}

func shifts() []shift {
	deployment := func(more string) string {
		return objectText("apps/v1", "Deployment", more+template)
	}
	job := strings.Replace(`"template":`+podTemplate, `"spec":{`,
		`"spec":{"restartPolicy":"Never",`, 1)
	return []shift{
		{"rollout", deployment(`"replicas":3,`), func(t *testing.T, w work) {
			w.rolls(t, "deployment/rollout")
			if got := w.images("rollout"); got[present] != 3 {
				t.Errorf("it runs %v", got)
			}
		}},
		{"scaled-while-rolled-out", deployment(`"replicas":6,"minReadySeconds":2,`),
			func(t *testing.T, w work) {
				w.do(t, "", "set", "image", "deployment/scaled-while-rolled-out", "c="+present)
				within(t, 20*time.Second, "the rollout begins", func() bool {
					return w.images("scaled-while-rolled-out")[present] > 0
				})
				w.do(t, "", "scale", "deployment/scaled-while-rolled-out", "--replicas=4")
				w.do(t, "", "rollout", "status", "deployment/scaled-while-rolled-out",
					"--timeout=60s")
			}},
		{"autoscaled", deployment(`"replicas":4,`), func(t *testing.T, w work) {
			w.do(t, `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"autoscaled"},"spec":{"maxReplicas":2,
"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"autoscaled"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}`,
				"create", "-f", "-")
			w.becomes(t, "deployment/autoscaled", "{.status.replicas}", "2")
		}},
		{"stateful", objectText("apps/v1", "StatefulSet", `"replicas":2,"serviceName":"x",`+template),
			func(t *testing.T, w work) {
				w.do(t, "", "scale", "statefulset/stateful", "--replicas=1")
				w.becomes(t, "statefulset/stateful", "{.status.replicas}", "1")
				w.rolls(t, "statefulset/stateful")
			}},
		{"daemon", objectText("apps/v1", "DaemonSet", template), func(t *testing.T, w work) {
			w.rolls(t, "daemonset/daemon")
		}},
		{"finishing", objectText("batch/v1", "Job", `"ttlSecondsAfterFinished":1,`+job),
			func(t *testing.T, w work) {
				w.do(t, "", "label", "pods", "-l", "app=finishing", "test/finish=yes")
				w.becomes(t, "jobs --ignore-not-found", `{.items[?(@.metadata.name=="finishing")].metadata.name}`, "")
				w.becomes(t, "pods -l app=finishing", "{.items}", "[]")
			}},
		{"ended-early", objectText("batch/v1", "Job", `"parallelism":2,`+job),
			func(t *testing.T, w work) {
				w.do(t, "", "patch", "job/ended-early", "-p", `{"spec":{"parallelism":0}}`)
				w.becomes(t, "pods -l app=ended-early", "{.items}", "[]")
				w.refused(t, "patch", "job/ended-early", "-p", `{"spec":{"parallelism":1}}`)
			}},
		{"suspended-job", objectText("batch/v1", "Job", job), func(t *testing.T, w work) {
			w.do(t, "", "patch", "job/suspended-job", "-p", `{"spec":{"suspend":true}}`)
			w.becomes(t, "pods -l app=suspended-job", "{.items}", "[]")
			w.refused(t, "patch", "job/suspended-job", "-p", `{"spec":{"suspend":false}}`)
		}},
		{"orphaned", deployment(""), func(t *testing.T, w work) {
			w.do(t, "", "delete", "deployment/orphaned", "--cascade=orphan", "--timeout=40s")
			w.becomes(t, "replicasets -l app=orphaned", "{.items[*].metadata.ownerReferences}", "")
			w.do(t, "", "delete", "replicasets", "-l", "app=orphaned", "--cascade=foreground",
				"--timeout=40s")
			w.becomes(t, "pods -l app=orphaned", "{.items}", "[]")
		}},
		{"adopted", objectText("apps/v1", "ReplicaSet", template), func(t *testing.T, w work) {
			w.do(t, "", "patch", w.get("pods -l app=adopted", "pod/{.items[0].metadata.name}"),
				"--type=json", "-p", `[{"op":"remove","path":"/metadata/ownerReferences"}]`)
			w.becomes(t, "pods -l app=adopted", "{.items[*].metadata.ownerReferences[*].kind}",
				"ReplicaSet")
		}},
		{"evicted", deployment(""), func(t *testing.T, w work) {
			pod := w.get("pods -l app=evicted", "{.items[0].metadata.name}")
			w.do(t, fmt.Sprintf(`{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":%q,"namespace":%q}}`,
				pod, w.namespace), "create", "--raw",
				"/api/v1/namespaces/"+w.namespace+"/pods/"+pod+"/eviction", "-f", "-")
			// It is not started again.
			w.becomes(t, "deployment/evicted", `{.status.conditions[?(@.type=="ReplicaFailure")].status}`, "True")
			if got := w.images("evicted"); len(got) != 0 {
				t.Errorf("it runs %v", got)
			}
		}},
		{"undone", deployment(""), func(t *testing.T, w work) {
			w.rolls(t, "deployment/undone")
			w.refused(t, "rollout", "undo", "deployment/undone")
			w.do(t, "", "set", "image", "deployment/undone", "c="+imageOf(2))
			w.do(t, "", "rollout", "undo", "deployment/undone")
			w.do(t, "", "rollout", "status", "deployment/undone", "--timeout=60s")
			if got := w.images("undone"); got[present] != 1 {
				t.Errorf("it runs %v", got)
			}
		}},
		{"paused", deployment(""), func(t *testing.T, w work) {
			w.refused(t, "rollout", "restart", "deployment/paused")
			w.do(t, "", "rollout", "pause", "deployment/paused")
			w.refused(t, "rollout", "resume", "deployment/paused")
		}},
		{"controller", strings.Replace(objectText("v1", "ReplicationController", `"replicas":2,`+template),
			`{"matchLabels":{"app":"NAME"}}`, `{"app":"NAME"}`, 1), func(t *testing.T, w work) {
			w.do(t, "", "scale", "replicationcontroller/controller", "--replicas=1")
			w.becomes(t, "replicationcontroller/controller", "{.status.replicas}", "1")
		}},
		{"scheduled", "", func(t *testing.T, w work) {
			// One that was there before can be stopped; a new one cannot be made.
			w.refused(t, "create", "cronjob", "scheduled", "--image", past, "--schedule", "@daily")
			w.do(t, "", "create", "cronjob", "scheduled", "--image", present, "--schedule", "@daily")
			w.do(t, "", "create", "job", "scheduled-now", "--from=cronjob/scheduled")
			w.do(t, "", "patch", "cronjob/scheduled", "-p", `{"spec":{"suspend":true}}`)
			w.becomes(t, "pods -l job-name=scheduled-now", "{.items[*].status.phase}", "Running")
			w.do(t, "", "label", "pods", "-l", "job-name=scheduled-now", "test/finish=yes")
			w.becomes(t, "job/scheduled-now", "{.status.succeeded}", "1")
		}},
		{"held", strings.Replace(objectText("v1", "Pod", `"containers":[{"name":"c","image":%q}]`),
			`{"name":"NAME"}`, `{"name":"NAME","labels":{"app":"NAME"},"finalizers":["example.org/hold"]}`, 1),
			func(t *testing.T, w work) {
				w.do(t, "", "delete", "pod/held", "--wait=false", "--grace-period=0")
				w.do(t, "", "patch", "pod/held", "-p", `{"metadata":{"finalizers":null}}`)
				w.becomes(t, "pods -l app=held", "{.items}", "[]")
			}},
		{"namespace", "", func(t *testing.T, w work) {
			w.must(t, "", "delete", "namespace", w.namespace, "--timeout=60s")
		}},
	}
}

// denials fails where the cluster denied what Kubernetes itself updated.
func (w work) denials(t *testing.T) {
	t.Helper()
	file, err := os.Open(w.audit)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	updates := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Verb, RequestURI string
			User             struct{ Username string }
			ObjectRef        struct{ Namespace, Resource, Name, Subresource string }
			ResponseStatus   struct {
				Code    int
				Message string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.ObjectRef.Namespace != w.namespace || e.Verb == "create" || e.Verb == "delete" ||
			!strings.HasPrefix(e.User.Username, "system:serviceaccount:kube-system:") {
			continue
		}
		updates++
		if e.ResponseStatus.Code == 403 {
			t.Errorf("%s may not %s %s: %s", e.User.Username, e.Verb, e.RequestURI,
				e.ResponseStatus.Message)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if updates < 20 {
		t.Errorf("the audit log has %d updates by controllers only", updates)
	}
}
