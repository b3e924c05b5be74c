package resolver

import (
	"testing"
)

func TestMatches(t *testing.T) {
	hub := Tracked{Name: "docker.io/library/nginx:1.27", Written: []string{"nginx:1.27@sha256:aa", "docker.io/nginx:1.27"}}
	latest := Tracked{Name: "docker.io/library/nginx:latest", Written: []string{"nginx"}}
	port := Tracked{Name: "registry.example:5000/acme/web:v1", Written: []string{"registry.example:5000/acme/web:v1"}}
	chart := Tracked{Name: "ghcr.io/acme/chart:1", Written: []string{"oci://ghcr.io/acme/chart:1"}}
	tests := []struct {
		pattern string
		name    Tracked
		want    bool
	}{
		{"nginx:1.27", hub, true},
		{"docker.io/library/nginx:1.27", hub, true},
		{"nginx:1.28", hub, false},
		{"nginx", hub, true}, // without a tag: all tags
		{"nginx", latest, true},
		{"nginx:latest", latest, true},
		{"nginx:latest", hub, false},
		{"docker.io/library/nginx", hub, true},
		{"library/nginx", hub, true},
		{"ngin", hub, false},
		{"ngin?", hub, true},
		{"nginx:1.*", hub, true},
		{"nginx:1.*", latest, false},
		{"docker.io/**", hub, true},
		{"registry.example:5000/acme/web", port, true},
		{"registry.example:5000/acme/web:v2", port, false},
		{"registry.example:5000/*/web", port, true},
		{"registry.example:5000", port, false},
		{"ghcr.io/acme/chart", chart, true},
		{"ghcr.io/acme", chart, false},
		{"**/chart:1", chart, true},
	}
	for _, tt := range tests {
		if got := Matches(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Matches(%q, %s) = %v, want %v", tt.pattern, tt.name.Name, got, tt.want)
		}
	}
}
