package verify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify"
)

func TestUsed(t *testing.T) {
	a, b, c := digest("a"), digest("b"), digest("c")
	in := locked(pod("nginx:1.27@"+a, "nginx@"+a, "redis:7@"+b, "busybox:1@"+c, "unlocked:1@"+a),
		image(nginx, a), image("docker.io/library/redis:7", b), image("docker.io/library/busybox:1", c), image("docker.io/library/unused:1", c))
	in.Exceptions = []verify.Excepted{exception("docker.io/library/redis:7", false)}
	in.Images = []verify.Named{{Tracked: "docker.io/library/busybox:1", Written: "busybox:1", Line: 3, Column: 10}}
	got := map[string]int{}
	for _, u := range verify.Used(in) {
		got[u.Entry.Name] = len(u.References)
	}
	if diff := cmp.Diff(map[string]int{nginx: 2, "docker.io/library/busybox:1": 2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in.Lock = nil
	if used := verify.Used(in); len(used) != 0 {
		t.Errorf("without a lock: %v", used)
	}
}

func TestGone(t *testing.T) {
	in := locked(pod("nginx:1.27@"+digest("a")), image(nginx, digest("a")))
	in.Images = []verify.Named{{Tracked: nginx, Written: "nginx:1.27", Line: 3, Column: 10}}
	found := verify.Used(in)[0].Gone("404 MANIFEST_UNKNOWN")
	if diff := cmp.Diff([]string{"pod.yaml:6:14 gone", "plumb.yaml:3:10 gone"}, places(found)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, f := range found {
		checkFinding(t, f)
	}
	if want := "to pin what the tag means now: plumb lock update " + nginx; found[0].Fix != want {
		t.Errorf("it is mended by %q, want %q", found[0].Fix, want)
	}
	alone := "docker.io/library/nginx@" + digest("a")
	f := verify.Used(locked(pod("nginx@"+digest("a")), image(alone, digest("a"))))[0].Gone("404")
	if want := "bring it back to the registry, or name something else"; f[0].Fix != want {
		t.Errorf("a digest alone is mended by %q, want %q", f[0].Fix, want)
	}
}
