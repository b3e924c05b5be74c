package admission_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
)

// Objects that name git repositories, charts and URLs start nothing by themselves: what they
// bring is judged when it comes. Images and artifacts in them are judged.
func TestReviewOfSources(t *testing.T) {
	s := load(t, versionOf(1, nil))
	for name, tt := range map[string]struct{ object, rule string }{
		"git": {`{"apiVersion":"source.toolkit.fluxcd.io/v1","kind":"GitRepository","metadata":{"name":"a"},` +
			`"spec":{"url":"https://git.test.example/a.git","ref":{"branch":"main"}}}`, ""},
		"a git source by a variable": {`{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"a"},` +
			`"spec":{"source":{"repoURL":"https://git.test.example/${NAME}.git","path":"x"}}}`, ""},
		"a chart": {`{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"a"},` +
			`"spec":{"source":{"repoURL":"https://charts.test.example","chart":"web","targetRevision":"^1.2"}}}`, ""},
		"an artifact": {`{"apiVersion":"source.toolkit.fluxcd.io/v1","kind":"OCIRepository","metadata":{"name":"a"},` +
			`"spec":{"url":"oci://ghcr.io/acme/manifests","ref":{"tag":"1.0"}}}`, verify.Unpinned},
		"an image beside a git source": {`{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a"},"spec":{"steps":[` +
			`{"name":"a","image":"nginx:1.26"},{"name":"b","ref":{"resolver":"git","params":[{"name":"url","value":"https://git.test.example/a.git"},` +
			`{"name":"revision","value":"main"},{"name":"pathInRepo","value":"x.yaml"}]}}]}}`, verify.Unpinned},
	} {
		d := s.Review(create(json.RawMessage(tt.object)), admission.Rules{}, time.Now())
		rule := ""
		if len(d.Findings) > 0 {
			rule = d.Findings[0].Rule
		}
		if d.Allowed != (tt.rule == "") || rule != tt.rule {
			t.Errorf("%s: allowed %v, %+v", name, d.Allowed, d.Findings)
		}
	}
}
