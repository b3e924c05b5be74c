package verify_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/verify"
)

func TestNamedImages(t *testing.T) {
	c := &config.Config{Images: []config.Image{
		{Name: "nginx", Line: 4, Column: 5},
		{Name: "nginx", Track: "~1.27", Line: 5, Column: 5}, // a range, not an image to lock
		{Name: "ghcr.io/acme/web:v1", Track: "^1", Line: 6, Column: 5},
	}}
	want := []verify.Named{
		{Tracked: "docker.io/library/nginx:latest", Written: "nginx", Line: 4, Column: 5},
		{Tracked: "ghcr.io/acme/web:v1", Written: "ghcr.io/acme/web:v1", Line: 6, Column: 5},
	}
	if diff := cmp.Diff(want, verify.NamedImages(c)); diff != "" {
		t.Errorf("named images (-want +got):\n%s", diff)
	}
}

func TestExceptions(t *testing.T) {
	last := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	exceptions := []config.Exception{
		{Reference: "nginx:*", Path: "dev/**", Expires: last, Line: 3, Column: 5},
		{Reference: "nginx:*", Expires: last},
		{Path: "dev/**", Expires: last.AddDate(0, 0, 1)},
	}
	want := []verify.Excepted{
		{Expired: true, Expires: "2026-11-27", What: "nginx:* in dev/**", Line: 3, Column: 5},
		{Expired: true, Expires: "2026-11-27", What: "nginx:*"},
		{Expires: "2026-11-28", What: "dev/**"},
	}
	got := verify.Exceptions(exceptions, last.AddDate(0, 0, 1))
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(verify.Excepted{}, "Covers")); diff != "" {
		t.Errorf("exceptions (-want +got):\n%s", diff)
	}
	if !got[0].Covers("dev/pod.yaml", "nginx:1.27") || got[0].Covers("pod.yaml", "nginx:1.27") {
		t.Error("the first exception does not cover what plumb.yaml says")
	}
}
