package lockfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
)

func TestMoves(t *testing.T) {
	const a, b = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	image := func(name, digest string, more ...lockfile.Verified) lockfile.Entry {
		return lockfile.Entry{Kind: lockfile.Image, Name: "ghcr.io/acme/" + name, Digest: digest, Verified: more}
	}
	lock := func(entries ...lockfile.Entry) *lockfile.Lock { return &lockfile.Lock{Entries: entries} }
	move := func(name, old, now string, reason lockfile.Reason, from string) lockfile.Move {
		if from != "" {
			from = "ghcr.io/acme/" + from
		}
		return lockfile.Move{Kind: lockfile.Image, Name: "ghcr.io/acme/" + name, Old: old, New: now, Reason: reason, From: from}
	}
	for name, test := range map[string]struct {
		from, to *lockfile.Lock
		want     []lockfile.Move
	}{
		"nothing":         {lock(image("api:1", a)), lock(image("api:1", a)), nil},
		"from no lock":    {nil, lock(image("api:1", a)), []lockfile.Move{move("api:1", "", a, lockfile.Added, "")}},
		"dropped":         {lock(image("api:1", a)), nil, []lockfile.Move{move("api:1", a, "", lockfile.Dropped, "")}},
		"digest moved":    {lock(image("api:1", a)), lock(image("api:1", b)), []lockfile.Move{move("api:1", a, b, lockfile.Moved, "")}},
		"another tag":     {lock(image("api:1", a)), lock(image("api:2", b)), []lockfile.Move{move("api:2", a, b, lockfile.TagEdited, "api:1")}},
		"a stale digest":  {lock(image("api:1", a)), lock(image("api:2", a)), []lockfile.Move{move("api:2", a, a, lockfile.StaleTag, "api:1")}},
		"of another name": {lock(image("api:1", a)), lock(image("web:2", b)), []lockfile.Move{move("api:1", a, "", lockfile.Dropped, ""), move("web:2", "", b, lockfile.Added, "")}},
		"two for one": {lock(image("api:1", a)), lock(image("api:2", b), image("api:3", b)), []lockfile.Move{
			move("api:1", a, "", lockfile.Dropped, ""), move("api:2", "", b, lockfile.Added, ""), move("api:3", "", b, lockfile.Added, "")}},
		"signed since": {lock(image("api:1", a)), lock(image("api:1", a, lockfile.Verified{Policy: "p", Evidence: b})),
			[]lockfile.Move{move("api:1", a, a, lockfile.Proven, "")}},
	} {
		if diff := cmp.Diff(test.want, lockfile.Moves(test.from, test.to)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

// A report has a place for every reason.
func TestReasonsAreDistinct(t *testing.T) {
	seen := map[lockfile.Reason]bool{}
	for _, r := range lockfile.Reasons() {
		if seen[r] || r == "" {
			t.Errorf("reason %q is there twice, or empty", r)
		}
		seen[r] = true
	}
}
