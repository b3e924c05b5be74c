package admission_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
)

// TestLiveObjects: an object in a cluster holds more than its manifest did, and what
// the cluster has added names images in forms of its own. It is not judged.
func TestLiveObjects(t *testing.T) {
	s := load(t, versionOf(3, nil))
	const live = `{"apiVersion":%[1]q,"kind":%[2]q,"metadata":{"name":"web","namespace":"shop",
"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"nginx:1.26\"}]}}"},
"managedFields":[{"manager":"kubectl","operation":"Update","apiVersion":"v1","fieldsV1":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{}}}}}}]},
"spec":%[3]s,
"status":{"phase":"Running","image":"nginx:1.26","currentImage":"docker.io/library/nginx:1.26","containerStatuses":[{"name":"c","image":"docker.io/library/nginx:1.27","imageID":"docker.io/library/nginx@sha256:%064[4]d","ready":true}],
"initContainerStatuses":[{"name":"i","image":"sha256:%064[4]d","imageID":""}],"ephemeralContainerStatuses":[{"name":"e","image":"busybox:1.36","imageID":""}]}}`
	for _, test := range []struct{ version, kind, spec string }{
		{"v1", "Pod", podSpec("%s")},
		{"apps/v1", "ReplicaSet", `{"template":{"spec":` + podSpec("%s") + `}}`},
		{"monitoring.coreos.com/v1", "Prometheus", `{"image":"%s"}`},
		{"acme.example/v1", "Widget", `{"image":"%s"}`},
	} {
		for image, rule := range map[string]string{imageOf(1): "", "nginx:1.27": verify.Unpinned} {
			o := object(t, "%s", fmt.Sprintf(live, test.version, test.kind,
				strings.Replace(test.spec, "%s", image, 1), 1))
			q := create(o) // from an object that was not judged
			q.Operation, q.OldObject = "UPDATE", object(t, `{"metadata":{}}`)
			if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed != (rule == "") ||
				d.Rule != rule {
				t.Errorf("%s of %s with %s: allowed %v by %q: %s", test.kind, test.version, image,
					d.Allowed, d.Rule, d.Message)
			}
		}
	}
}

// TestHugeObjects: what is too deep to be looked at is denied, what is large is
// looked at whole, and messages stay short.
func TestHugeObjects(t *testing.T) {
	s := load(t, versionOf(3, nil))
	for name, o := range map[string]string{
		"deep": `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"nginx"}],"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`,
		"deep objects": `{"apiVersion":"acme.example/v1","kind":"W","spec":` +
			strings.Repeat(`{"a":`, 9000) + `{"image":"nginx"}` + strings.Repeat("}", 9000) + `}`,
		"many images": `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[` +
			strings.Repeat(`{"image":"nginx"},`, 10_000) + `{"image":"nginx"}]}}`,
		"long image": `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"` +
			strings.Repeat("n", 1<<20) + `"}]}}`,
		"large, at last": `{"apiVersion":"acme.example/v1","kind":"W","spec":{"text":"` +
			strings.Repeat("n: ", 1<<20) + `","image":"nginx:1.27"}}`,
	} {
		if d := s.Review(create([]byte(o)), admission.Rules{}, time.Now()); d.Allowed ||
			len(d.Message) > 20_000 {
			t.Errorf("%s: allowed %v, with a message of %d bytes", name, d.Allowed, len(d.Message))
		}
	}
}
