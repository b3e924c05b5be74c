package verify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
)

// What is found of kinds that are not required is a remark; all else stays an error.
func TestRequire(t *testing.T) {
	entry := image(nginx, digest("a"), "linux/amd64")
	in := map[string]verify.Input{
		verify.Unpinned:   locked(pod("nginx:1.27"), entry),
		verify.Unlocked:   locked(pod("nginx:1.27@" + digest("a"))),
		verify.Mismatch:   locked(pod("nginx:1.27@"+digest("b")), entry),
		verify.Uneditable: locked(pod("nginx:${TAG}")),
		verify.Unsigned: with(locked(pod("nginx:1.27@"+digest("a")), entry),
			func(in *verify.Input) {
				in.Judge = func(lockfile.Entry, *manifest.Reference) verify.Judgement { return verify.Judgement{} }
			}),
		verify.Unreadable: locked("apiVersion: v1\nkind: Pod\nspec: [}\n"),
		verify.Nothing:    with(locked(""), func(in *verify.Input) { in.Empty = []string{"."} }),
	}
	type severity struct {
		Severity    verify.Severity
		NotRequired lockfile.Kind
	}
	failed, remarked := severity{verify.Error, ""}, severity{verify.Remark, lockfile.Image}
	about := map[string]bool{verify.Unreadable: true, verify.Nothing: true} // of no kind
	for rule, in := range in {
		for _, tt := range []struct {
			require []string
			want    severity
		}{
			{nil, failed},
			{[]string{"git", "image"}, failed},
			{[]string{"git", "artifact"}, remarked},
		} {
			if about[rule] {
				tt.want = failed
			}
			in.Require = tt.require
			got := map[string]severity{}
			for _, f := range verify.Check(in) {
				got[f.Rule] = severity{f.Severity, f.NotRequired}
			}
			delete(got, verify.Unused)
			if diff := cmp.Diff(map[string]severity{rule: tt.want}, got); diff != "" {
				t.Errorf("%s, with %q required (-want +got):\n%s", rule, tt.require, diff)
			}
		}
	}
}

// What is gone from its registry is held against the same kinds.
func TestRequireGone(t *testing.T) {
	in := locked(pod("nginx:1.27@"+digest("a")), image(nginx, digest("a")))
	for _, tt := range []struct {
		require []string
		want    verify.Severity
	}{{nil, verify.Error}, {[]string{"image"}, verify.Error}, {[]string{"git"}, verify.Remark}} {
		in.Require = tt.require
		for _, f := range verify.Used(in)[0].Gone("404") {
			if f.Severity != tt.want {
				t.Errorf("with %q required it is %s, want %s", tt.require, f.Severity, tt.want)
			}
		}
	}
}
