package admission_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/policy"
)

// TestReloaderRejudges: when the cluster's policies change they hold for what is served,
// also while the source is away, and each image that they do not accept is denied by
// itself.
func TestReloaderRejudges(t *testing.T) {
	v := signedVersion(t, sign(t, instance, 0, release), sign(t, instance, 1, release))
	both := byRelease(release, "")
	first := strings.Replace(both, "ghcr.io/acme/*", "ghcr.io/acme/app-0*", 1) +
		"---\n" + strings.Replace(strings.Replace(byRelease(someone, ""), "ghcr.io/acme/*",
		"ghcr.io/acme/app-1*", 1), "name: acme", "name: other", 1)
	away := errors.New("the server is away")
	src := &scripted{}
	policies := both
	k := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}},
		Policies: func() (*policy.Set, error) { return own(t, policies), nil }}
	for _, step := range []struct {
		name     string
		policies string
		err      error // of the source
		want     error // of Refresh
		allowed  [2]bool
	}{
		{"both are accepted", both, nil, nil, [2]bool{true, true}},
		{"the policies are the same", both, nil, source.ErrUnchanged, [2]bool{true, true}},
		{"the second is not accepted any more", first, nil, nil, [2]bool{true, false}},
		{"it stays so", first, nil, source.ErrUnchanged, [2]bool{true, false}},
		{"both are accepted again, and the source is away", both, away, away, [2]bool{true, true}},
		{"the second is not, and the source is away", first, away, away, [2]bool{true, false}},
		{"the source is back", first, nil, source.ErrUnchanged, [2]bool{true, false}},
	} {
		policies, src.version, src.err = step.policies, v, step.err
		if err := k.Refresh(t.Context()); !errors.Is(err, step.want) {
			t.Errorf("%s: error %v, want %v", step.name, err, step.want)
		}
		for i, want := range step.allowed {
			d := k.State().Review(create(pod(t, imageOf(i))), admission.Rules{}, time.Now())
			if d.Allowed != want {
				t.Errorf("%s: image %d: allowed %v, want %v: %s", step.name, i, d.Allowed, want,
					d.Message)
			}
		}
		if got := len(k.State().Unaccepted()); (got == 0) != (step.allowed == [2]bool{true, true}) {
			t.Errorf("%s: %v are not accepted", step.name, k.State().Unaccepted())
		}
	}
	// A new version is taken only if it verifies whole.
	strict := &admission.Reloader{Source: src, Roots: k.Roots,
		Policies: func() (*policy.Set, error) { return own(t, first), nil }}
	var refused *source.RefusedError
	if err := strict.Refresh(t.Context()); !errors.As(err, &refused) || strict.State() != nil {
		t.Errorf("a version of which an image is not accepted: %v", err)
	}
}
