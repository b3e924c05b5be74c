package policy

import "testing"

func TestPlural(t *testing.T) {
	for kind, want := range map[string]string{
		"Pod": "pods", "Deployment": "deployments", "Ingress": "ingresses", "NetworkPolicy": "networkpolicies",
		"CronJob": "cronjobs", "Endpoints": "endpoints", "": "",
	} {
		if got := plural(kind); got != want {
			t.Errorf("plural(%q) is %q, want %q", kind, got, want)
		}
	}
}

func TestResourceMatches(t *testing.T) {
	in := func(values ...string) []labelDemand { return []labelDemand{{"app", "In", values}} }
	demand := func(operator string, values ...string) []labelDemand { return []labelDemand{{"app", operator, values}} }
	deployment := Object{APIVersion: "apps/v1", Kind: "Deployment", Labels: map[string]string{"app": "web"}}
	pod := Object{APIVersion: "v1", Kind: "Pod"}
	tests := []struct {
		name     string
		resource resource
		object   Object
		want     bool
	}{
		{"all the same", resource{"apps", "v1", "deployments", nil}, deployment, true},
		{"any version", resource{"apps", "*", "deployments", nil}, deployment, true},
		{"other version", resource{"apps", "v1beta1", "deployments", nil}, deployment, false},
		{"other group", resource{"extensions", "v1", "deployments", nil}, deployment, false},
		{"no group", resource{"", "v1", "deployments", nil}, deployment, false},
		{"other resource", resource{"apps", "v1", "statefulsets", nil}, deployment, false},
		{"the singular", resource{"apps", "v1", "deployment", nil}, deployment, false},
		{"core group", resource{"", "v1", "pods", nil}, pod, true},
		{"label in", resource{"apps", "v1", "deployments", in("api", "web")}, deployment, true},
		{"label not in", resource{"apps", "v1", "deployments", in("api")}, deployment, false},
		{"label missing", resource{"", "v1", "pods", in("web")}, pod, false},
		{"NotIn another", resource{"apps", "v1", "deployments", demand("NotIn", "api")}, deployment, true},
		{"NotIn its own", resource{"apps", "v1", "deployments", demand("NotIn", "web")}, deployment, false},
		{"NotIn, missing", resource{"", "v1", "pods", demand("NotIn", "web")}, pod, true},
		{"Exists", resource{"apps", "v1", "deployments", demand("Exists")}, deployment, true},
		{"Exists, missing", resource{"", "v1", "pods", demand("Exists")}, pod, false},
		{"DoesNotExist", resource{"", "v1", "pods", demand("DoesNotExist")}, pod, true},
		{"DoesNotExist, there", resource{"apps", "v1", "deployments", demand("DoesNotExist")}, deployment, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.resource.matches(&tt.object); got != tt.want {
				t.Errorf("matches: %v, want %v", got, tt.want)
			}
		})
	}
}
