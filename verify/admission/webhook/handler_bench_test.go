package webhook_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// reviewOf is an AdmissionReview as an API server sends it for a Pod of five
// containers, as large as such a Pod is.
func reviewOf(t testing.TB, n int) []byte {
	t.Helper()
	var containers bytes.Buffer
	for i := range 5 {
		if i > 0 {
			containers.WriteByte(',')
		}
		fmt.Fprintf(&containers,
			`{"name":"c%d","image":%q,"command":["/bin/server","--port=8080","--verbose"],"ports":[{"containerPort":80%02d,"protocol":"TCP"}],
"env":[{"name":"MODE","value":"production"},{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}}],
"resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},
"volumeMounts":[{"name":"kube-api-access-abcde","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],
"livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},
"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":{"runAsNonRoot":true}}`, i, imageOf(i*n/5), i)
	}
	return fmt.Appendf(nil,
		`{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002",
"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"requestKind":{"group":"","version":"v1","kind":"Pod"},
"requestResource":{"group":"","version":"v1","resource":"pods"},"name":"web-6d4cf56db6-x","namespace":"shop","operation":"CREATE",
"userInfo":{"username":"system:serviceaccount:kube-system:replicaset-controller","uid":"8bdf3a6e","groups":["system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"]},
"object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-6d4cf56db6-x","generateName":"web-6d4cf56db6-","namespace":"shop","creationTimestamp":null,
"labels":{"app":"web","pod-template-hash":"6d4cf56db6"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-6d4cf56db6","uid":"0f1a","controller":true,"blockOwnerDeletion":true}]},
"spec":{"volumes":[{"name":"kube-api-access-abcde","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],"defaultMode":420}}],
"containers":[%s],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","securityContext":{},"schedulerName":"default-scheduler",
"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},"status":{}},
"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}`, containers.String())
}

// BenchmarkHandler: under 100 µs a Pod of five containers, and nothing that grows
// with the lock.
func BenchmarkHandler(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := load(b, n)
			h := &webhook.Handler{State: func() *admission.State { return s }}
			body := reviewOf(b, n)
			w := &discard{header: http.Header{}}
			req := httptest.NewRequest(http.MethodPost, webhook.Path, nil)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				req.Body = &reader{*bytes.NewReader(body)}
				h.ServeHTTP(w, req)
			}
			if !bytes.Contains(w.last, []byte(`"allowed":true`)) {
				b.Fatalf("%s", w.last)
			}
		})
	}
}

type reader struct{ bytes.Reader }

func (*reader) Close() error { return nil }

// discard is a ResponseWriter that keeps the last answer only.
type discard struct {
	header http.Header
	last   []byte
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(p []byte) (int, error) {
	d.last = append(d.last[:0], p...)
	return len(p), nil
}
