package admission_test

import (
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/policy"
)

// TestExceptions: what the repository excepts is excepted as long as the repository
// has the say, until the last day, and wherever it need not stand in a certain file.
func TestExceptions(t *testing.T) {
	const config = `apiVersion: plumb.dev/v1
kind: Config
exceptions:
  - {reference: "nginx:*", reason: vendor, owner: ops, expires: "2026-12-31"}
  - {reference: "redis:*", path: "dev/**", reason: vendor, owner: ops, expires: "2026-12-31"}
  - {path: "**/*.json", reason: vendor, owner: ops, expires: "2026-12-31"}
  - {reference: "ghcr.io/acme/app-1:1.0*", reason: unsigned, owner: ops, expires: "2026-12-31"}
`
	before, after := time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC),
		time.Date(2027, 1, 1, 1, 0, 0, 0, time.UTC)
	v := signedVersion(t, sign(t, instance, 0, release), sign(t, instance, 1, someone))
	v.Files["plumb.yaml"] = []byte(config)
	// The cluster would have both images.
	cluster := own(t, strings.Replace(byRelease(release, ""), "subject: \""+release+"\"",
		"subjectRegExp: \"https://github.com/.*\"", 1))
	for _, test := range []struct {
		name, image string
		own         *policy.Set
		at          time.Time
		rule        string // "" is allowed
	}{
		{"excepted", "nginx:1.27", nil, before, ""},
		{"no longer", "nginx:1.27", nil, after, verify.Unpinned},
		{"not the cluster's exception", "nginx:1.27", cluster, before, verify.Unpinned},
		{"another", "httpd:2", nil, before, verify.Unpinned},
		{"in some files", "redis:7", nil, before, verify.Unpinned},
		{"signed by somebody else", imageOf(1), nil, before, ""},
		{"signed by somebody else, no longer", imageOf(1), nil, after, verify.Evidence},
		{"signed by somebody else, for the cluster", imageOf(1), cluster, before, ""},
		{"signed", imageOf(0), nil, after, ""},
	} {
		s,
			err := admission.Load(t.Context(), v,
			admission.LoadOptions{Roots: []admission.Root{{Path: "."}}, Policies: test.own})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if d := s.Review(create(pod(t, test.image)), admission.Rules{},
			test.at); d.Allowed != (test.rule == "") || d.Rule != test.rule {
			t.Errorf("%s: allowed %v by %q, want %q: %s", test.name, d.Allowed, d.Rule, test.rule,
				d.Message)
		}
	}
}

// TestPoliciesByObject: a policy that is about some objects decides on those, with the
// evidence that was loaded.
func TestPoliciesByObject(t *testing.T) {
	const (
		pods  = "  match: [{version: v1, resource: pods, selector: {matchLabels: {tier: prod}}}]\n"
		other = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: rest}
spec:
  images: [{glob: "**"}]
  authorities: [{name: anyone, static: {action: pass}}]
  match: [{version: v1, resource: pods, selector: {matchLabels: {tier: dev}}}, {group: apps, version: "*", resource: deployments}]
`
	)
	v := signedVersion(t, sign(t, instance, 0, release), sign(t, instance, 1, someone))
	s,
		err := admission.Load(t.Context(), v,
		admission.LoadOptions{Roots: []admission.Root{{Path: "."}},
			Policies: own(t, byRelease(release, pods), other)})
	if err != nil {
		t.Fatal(err)
	}
	labelled := func(tier, image string) string {
		return strings.Replace(string(pod(t, image)), `"name":"web"`,
			`"name":"web","labels":{"tier":"`+tier+`"}`, 1)
	}
	deployment := string(object(t, kinds["Deployment"], imageOf(1)))
	for _, test := range []struct {
		name, object string
		rule         string
	}{
		{"signed as it has to be", labelled("prod", imageOf(0)), ""},
		{"signed by somebody else", labelled("prod", imageOf(1)), verify.Evidence},
		{"where anyone will do", labelled("dev", imageOf(1)), ""},
		{"where no policy matches", labelled("test", imageOf(0)), verify.Evidence},
		{"without a label", string(pod(t, imageOf(0))), verify.Evidence},
		{"another kind", deployment, ""},
		{"not in the lock, where anyone will do", labelled("dev", imageOf(2)), verify.Unlocked},
		{"another kind, whose Pods are prod", strings.Replace(deployment, `"template":{`,
			`"template":{"metadata":{"labels":{"tier":"prod"}},`, 1), verify.Evidence},
		{"another kind, whose Pods are test", strings.Replace(deployment, `"template":{`,
			`"template":{"metadata":{"labels":{"tier":"test"}},`, 1), ""},
		{"another version of the kind", strings.Replace(deployment, "apps/v1", "apps/v2", 1), ""},
		{"another group", strings.Replace(deployment, "apps/v1", "acme.example/v1", 1),
			verify.Evidence},
	} {
		d := s.Review(create([]byte(test.object)), admission.Rules{}, time.Now())
		if d.Allowed != (test.rule == "") || d.Rule != test.rule {
			t.Errorf("%s: allowed %v by %q, want %q: %s", test.name, d.Allowed, d.Rule, test.rule,
				d.Message)
		}
	}
}

// TestPoliciesThatWarn: an object that a policy warns of is allowed, with its warning.
func TestPoliciesThatWarn(t *testing.T) {
	v := signedVersion(t, sign(t, instance, 0, someone))
	s,
		err := admission.Load(t.Context(), v,
		admission.LoadOptions{Roots: []admission.Root{{Path: "."}},
			Policies: own(t, byRelease(release, "  mode: warn\n"))})
	if err != nil {
		t.Fatal(err)
	}
	d := s.Review(create(pod(t, imageOf(0))), admission.Rules{}, time.Now())
	if !d.Allowed || d.Rule != "" || len(d.Warnings) != 1 ||
		!strings.Contains(d.Warnings[0], "plumb: image \"ghcr.io/acme/app-0:1.0@") {
		t.Errorf("%+v", d)
	}
}
