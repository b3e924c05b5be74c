package admission_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
)

// kinds are objects with an image in them, for which %q stands.
var kinds = map[string]string{
	"Pod":                   `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":%q}]}}`,
	"init container":        `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"initContainers":[{"name":"c","image":%q}],"containers":[]}}`,
	"ephemeral container":   `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[],"ephemeralContainers":[{"name":"c","image":%q}]}}`,
	"image volume":          `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[],"volumes":[{"name":"c","image":{"reference":%q,"pullPolicy":"IfNotPresent"}}]}}`,
	"PodTemplate":           `{"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"x"},"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}`,
	"ReplicationController": `{"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"ReplicaSet":            `{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"Deployment":            `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"StatefulSet":           `{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"DaemonSet":             `{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"Job":                   `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`,
	"CronJob":               `{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"x"},"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}}}`,
	"custom resource":       `{"apiVersion":"monitoring.coreos.com/v1","kind":"Prometheus","metadata":{"name":"x"},"spec":{"image":%q}}`,
}

// TestReviewAgreesWithVerify holds what is said of an object against what verify
// says of the manifest that it is made from.
func TestReviewAgreesWithVerify(t *testing.T) {
	v := versionOf(3, nil)
	s := load(t, v)
	l, err := lockfile.Parse("plumb.lock", v.Files["plumb.lock"])
	if err != nil {
		t.Fatal(err)
	}
	for image, rule := range map[string]string{
		imageOf(1):                                      "",
		"ghcr.io/acme/app-1:1.0":                        verify.Unpinned,
		"ghcr.io/acme/app-1":                            verify.Unpinned,
		"ghcr.io/acme/app-1:1.0@" + digestOf(2):         verify.Mismatch,
		"ghcr.io/acme/app-7:1.0@" + digestOf(1):         verify.Unlocked,
		"ghcr.io/other/app-1:1.0@" + digestOf(1):        verify.Unlocked,
		"ghcr.io/acme/app-1@" + digestOf(1):             "",
		"ghcr.io/acme/app-1@" + digestOf(2):             verify.Unlocked,
		"ghcr.io/acme/app-1:1.0@sha256:abc":             verify.Uneditable,
		"ghcr.io/acme/app-1:1.0@" + digestOf(1_000_001): verify.Mismatch,
	} {
		for kind, text := range kinds {
			o := object(t, text, image)
			d := s.Review(create(o), admission.Rules{}, time.Now())
			if d.Allowed != (rule == "") || d.Rule != rule {
				t.Errorf("%s with %s: allowed %v by rule %q, want %q\n%s", kind, image, d.Allowed,
					d.Rule, rule, d.Message)
			}
			if rule != "" && !strings.Contains(d.Message, "["+rule+"]") {
				t.Errorf("%s with %s: %s", kind, image, d.Message)
			}
			file := manifest.NewScanner(manifest.Options{}).Scan("object.json", o)
			want := verify.Check(verify.Input{Files: []manifest.File{file}, Lock: l,
				LockFile: "plumb.lock", Partial: true})
			if len(want) != len(d.Findings) || len(want) > 0 &&
				want[0].Message != d.Findings[0].Message {
				t.Errorf("%s with %s: verify says %v, admission %v", kind, image, want, d.Findings)
			}
		}
	}
}

func TestReviewMessage(t *testing.T) {
	s := load(t, versionOf(3, nil))
	d := s.Review(create(pod(t, imageOf(0), "nginx:1.27", imageOf(2)+"x")), admission.Rules{},
		time.Now())
	const want = `Pod web does not match plumb.lock at c0ffeec0ffeec0ffeec:
  container "c1": image "nginx:1.27" is not pinned [unpinned]`
	if !strings.HasPrefix(d.Message, want) || !strings.HasSuffix(d.Message,
		"\nTo fix it, in https://git.example/acme/cluster.git main: plumb lock, then commit and "+
			"deploy; pin it by hand, or name it under exceptions in plumb.yaml") {
		t.Error(d.Message)
	}
}

func TestReviewRequests(t *testing.T) {
	s := load(t, versionOf(3, nil))
	good, bad := pod(t, imageOf(0)), pod(t, "nginx:1.27")
	labelled := object(t,
		`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","labels":{"plumb.dev/break-glass":"INC-7"}},"spec":%s}`, podSpec("nginx:1.27"))
	// Of the same image, started in another way.
	changed := object(t, "%s", strings.Replace(string(bad), `"spec":{`, `"spec":{"hostNetwork":true,`, 1))
	going := func(image string) json.RawMessage {
		return object(t,
			`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","deletionTimestamp":"2026-11-21T12:00:00Z"},"spec":%s}`, podSpec(image))
	}
	oncall := admission.Rules{BreakGlass: []string{"oncall"}}
	bob, eve := admission.UserInfo{Username: "bob", Groups: []string{"oncall"}},
		admission.UserInfo{Username: "eve", Groups: []string{"dev"}}
	for _, test := range []struct {
		name    string
		state   *admission.State
		q       admission.Request
		r       admission.Rules
		allowed bool
		rule    string
	}{
		{"good", s, admission.Request{Operation: "CREATE", Object: good}, admission.Rules{}, true,
			""},
		{"bad", s, admission.Request{Operation: "CREATE", Object: bad}, admission.Rules{}, false,
			verify.Unpinned},
		{"no state", nil, admission.Request{Operation: "CREATE", Object: good}, admission.Rules{},
			false, admission.ReasonNoState},
		{"an empty state", new(admission.State), admission.Request{Operation: "CREATE",
			Object: good}, admission.Rules{}, false, admission.ReasonNamespace},
		{"deleted", s, admission.Request{Operation: "DELETE", OldObject: bad}, admission.Rules{},
			true, ""},
		{"deleted without a state", nil, admission.Request{Operation: "DELETE"}, admission.Rules{},
			true, ""},
		{"connected to", s, admission.Request{Operation: "CONNECT",
			Object: object(t, `{"kind":"PodExecOptions","apiVersion":"v1"}`)}, admission.Rules{},
			true, ""},
		{"no operation", s, admission.Request{Object: good}, admission.Rules{}, false,
			admission.ReasonRequest},
		{"no object", s, admission.Request{Operation: "CREATE"}, admission.Rules{}, false,
			admission.ReasonRequest},
		{"null", s, admission.Request{Operation: "CREATE", Object: json.RawMessage("null")},
			admission.Rules{}, false, admission.ReasonRequest},
		{"a list for an object", s, admission.Request{Operation: "CREATE",
			Object: json.RawMessage("[1]")}, admission.Rules{}, false, admission.ReasonRequest},

		{"exempt", s, admission.Request{Operation: "CREATE", Namespace: "kube-system", Object: bad},
			admission.Rules{Exempt: []string{"kube-system"}}, true, admission.ReasonExempt},
		{"exempt without a state", nil, admission.Request{Operation: "CREATE",
			Namespace: "kube-system", Object: bad},
			admission.Rules{Exempt: []string{"kube-system"}}, true, admission.ReasonExempt},
		{"another is exempt", s, admission.Request{Operation: "CREATE", Namespace: "kube",
			Object: bad}, admission.Rules{Exempt: []string{"kube-system"}}, false, verify.Unpinned},
		{"in no namespace", s, admission.Request{Operation: "CREATE", Object: bad},
			admission.Rules{Exempt: []string{""}}, false, verify.Unpinned},

		{"warned", s, admission.Request{Operation: "CREATE", Object: bad},
			admission.Rules{Mode: admission.Warn}, true, verify.Unpinned},
		{"audited", s, admission.Request{Operation: "CREATE", Object: bad},
			admission.Rules{Mode: admission.Audit}, true, verify.Unpinned},
		{"no mode there is", s, admission.Request{Operation: "CREATE", Object: bad},
			admission.Rules{Mode: 7}, false, verify.Unpinned},

		{"warned without a state", nil, admission.Request{Operation: "CREATE", Object: bad},
			admission.Rules{Mode: admission.Warn}, true, admission.ReasonNoState},
		{"audited without a state", nil, admission.Request{Operation: "CREATE", Object: good},
			admission.Rules{Mode: admission.Audit}, true, admission.ReasonNoState},
		{"audited and unreadable", s, admission.Request{Operation: "CREATE",
			Object: json.RawMessage("[1]")}, admission.Rules{Mode: admission.Audit}, true,
			admission.ReasonRequest},

		{"nothing changed", s, admission.Request{Operation: "UPDATE", Object: bad, OldObject: bad},
			admission.Rules{Existing: true}, true, admission.ReasonRemoval},
		{"no image changed", s, admission.Request{Operation: "UPDATE", Object: changed,
			OldObject: bad}, admission.Rules{Existing: true}, true, admission.ReasonExisting},
		{"no image changed, strictly", s, admission.Request{Operation: "UPDATE", Object: changed,
			OldObject: bad}, admission.Rules{}, false, verify.Unpinned},
		{"created as it was", s, admission.Request{Operation: "CREATE", Object: bad,
			OldObject: bad}, admission.Rules{Existing: true}, false, verify.Unpinned},
		{"one more of the same", s, admission.Request{Operation: "UPDATE",
			Object: pod(t, "nginx:1.27", "nginx:1.27"), OldObject: bad},
			admission.Rules{Existing: true}, false, verify.Unpinned},
		{"one less", s, admission.Request{Operation: "UPDATE", Object: bad,
			OldObject: pod(t, "redis:7", "nginx:1.27")}, admission.Rules{Existing: true}, true,
			admission.ReasonExisting},
		{"another bad one", s, admission.Request{Operation: "UPDATE", Object: bad,
			OldObject: pod(t, "nginx:1.26")}, admission.Rules{Existing: true}, false,
			verify.Unpinned},
		{"nothing changed but a label to break the glass with", s,
			admission.Request{Operation: "UPDATE", Object: labelled, OldObject: bad},
			admission.Rules{Existing: true}, false, verify.Unpinned},
		{"that label was there", s, admission.Request{Operation: "UPDATE", Object: labelled,
			OldObject: labelled}, admission.Rules{Existing: true}, true, admission.ReasonRemoval},
		{"going", s, admission.Request{Operation: "UPDATE", Object: going("nginx:1.27"),
			OldObject: bad}, admission.Rules{}, true, admission.ReasonRemoval},
		{"going, with another image", s, admission.Request{Operation: "UPDATE",
			Object: going("nginx:1.28"), OldObject: bad}, admission.Rules{Existing: true}, false,
			verify.Unpinned},
		{"created as if going", s, admission.Request{Operation: "CREATE",
			Object: going("nginx:1.27"), OldObject: bad}, admission.Rules{}, false,
			verify.Unpinned},
		{"no old object", s, admission.Request{Operation: "UPDATE", Object: bad},
			admission.Rules{Existing: true}, false, verify.Unpinned},

		{"glass broken", s, admission.Request{Operation: "CREATE", Object: labelled, UserInfo: bob},
			oncall, true, admission.ReasonBreakGlass},
		{"by somebody else", s, admission.Request{Operation: "CREATE", Object: labelled,
			UserInfo: eve}, oncall, false, verify.Unpinned},
		{"without Rules.BreakGlass", s, admission.Request{Operation: "CREATE", Object: labelled,
			UserInfo: bob}, admission.Rules{}, false, verify.Unpinned},
		{"without a reason", s, admission.Request{Operation: "CREATE",
			Object:   object(t, "%s", strings.Replace(string(labelled), "INC-7", "", 1)),
			UserInfo: bob}, oncall, false, verify.Unpinned},
	} {
		if test.state == s && test.q.Namespace == "" && test.name != "in no namespace" {
			test.q.Namespace = "shop"
		}
		d := test.state.Review(&test.q, test.r, time.Now())
		if d.Allowed != test.allowed || d.Rule != test.rule {
			t.Errorf("%s: allowed %v by %q, want %v by %q: %s", test.name, d.Allowed, d.Rule,
				test.allowed, test.rule, d.Message)
		}
		if !d.Allowed && d.Message == "" {
			t.Errorf("%s: denied without a word", test.name)
		}
		if test.rule != "" && len(d.Annotations) == 0 {
			t.Errorf("%s: the audit log says nothing", test.name)
		}
		if warned := len(d.Warnings) > 0; warned != (test.rule != "" && d.Allowed &&
			test.rule != admission.ReasonExempt && test.rule != admission.ReasonRemoval &&
			test.r.Mode != admission.Audit) {
			t.Errorf("%s: warnings %q", test.name, d.Warnings)
		}
	}
}

func TestNamespaces(t *testing.T) {
	v := versionOf(1, nil)
	v.Files = map[string][]byte{"prod/plumb.lock": lockOf(2), "dev/plumb.lock": lockOf(5)}
	s, err := admission.Load(t.Context(), v, admission.LoadOptions{Roots: []admission.Root{
		{Path: "prod", Namespaces: []string{"shop", "bank"}}, {Path: "dev"}}})
	if err != nil {
		t.Fatal(err)
	}
	for namespace, want := range map[string]bool{"shop": false, "bank": false, "dev-1": true,
		"": true} {
		q := create(pod(t, imageOf(4)))
		q.Namespace = namespace
		if d := s.Review(q, admission.Rules{}, time.Now()); d.Allowed != want {
			t.Errorf("namespace %q: allowed %v, want %v: %s", namespace, d.Allowed, want, d.Message)
		}
	}
	for name, roots := range map[string][]admission.Root{
		"none":             nil,
		"two for the rest": {{Path: "a"}, {Path: "b"}},
		"two for one": {{Path: "a", Namespaces: []string{"x"}},
			{Path: "b", Namespaces: []string{"x"}}},
		"one without a lock": {{Path: "prod"}, {Path: "nowhere", Namespaces: []string{"x"}}},
	} {
		if _,
			err := admission.Load(t.Context(), v, admission.LoadOptions{Roots: roots}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
