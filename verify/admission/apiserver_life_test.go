package admission_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/evidence"
)

// lives is what happens to a webhook in its life, each from where the one before it ended:
// a process serves the tip of the branch, whose lock has the images 0 to 2.
func lives() []life {
	return slices.Concat([]life{
		{"the audit log names what was allowed all the same", auditLog},
		{"broken glass is counted", func(t *testing.T, c *cluster) {
			if _, body := c.hook.get(t, "/metrics"); !strings.Contains(body,
				"\nplumb_admission_break_glass_total 1\n") {
				t.Errorf("the metrics do not count one:\n%s", body)
			}
		}},
		{"a signal without the secret", func(t *testing.T, c *cluster) {
			before := c.repo.server.Requests.Load()
			if status := c.hook.signal(t, "sixteen bytes or less"); status != http.StatusForbidden {
				t.Errorf("status %d", status)
			}
			if asked := c.repo.server.Requests.Load() - before; asked != 0 {
				t.Errorf("the git server was asked %d times", asked)
			}
		}},
		{"a new commit is served in under a second after the signal", newCommit},
	}, refusals(), []life{
		{"the git server is gone, and back", gitGone},
		{"the webhook is down, and back", hookDown},
		{"kill -9 and start from the snapshot, without a git server", snapshot},
		{"a snapshot that was tampered with is not served", tampered},
		{"the certificate is replaced under load", rotation},
		{"two replicas", replicas},
		{"the lock is in a ConfigMap", fromConfigMap},
	})
}

// newCommit adds an image to the lock, and takes it away again.
func newCommit(t *testing.T, c *cluster) {
	c.denies(t, imageOf(3), "[unlocked]")
	c.repo.lock(t, 0, 1, 2, 3)
	commit := c.repo.commit("image 3")
	c.hook.signal(t, secret)
	within(t, time.Second, "image 3 is admitted", func() bool {
		_, err := c.create(webPod(imageOf(3), "new"))
		return err == nil
	})
	if _, body := c.hook.get(t, "/metrics"); !strings.Contains(body,
		`plumb_lock_info{commit="`+commit+`"`) {
		t.Errorf("the metrics do not name commit %s", commit)
	}
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("without image 3")
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.denies(t, imageOf(3), "[unlocked]")
}

// refusals are commits that are not to be served. Each leads to an image 7 that nobody
// who may has signed, or to a lock that cannot be judged.
func refusals() []life {
	var out []life
	for _, r := range []struct {
		name   string
		commit func(t *testing.T, r *repository)
		why    string
	}{
		{"a lock entry without evidence", func(t *testing.T, r *repository) {
			forged := entryOf(7, r.evidence[1])
			forged.Verified = nil
			r.write(append(r.entries(t, 0, 1, 2), forged)...)
			r.commit("image 7")
		}, "ghcr.io/acme/app-7:1.0 is not accepted"},
		{"a lock entry with the evidence of another image", func(t *testing.T, r *repository) {
			r.write(append(r.entries(t, 0, 1, 2), entryOf(7, r.evidence[1]))...)
			r.commit("image 7")
		}, "ghcr.io/acme/app-7:1.0 is not accepted"},
		{"a lock entry with another digest than was signed", func(t *testing.T, r *repository) {
			entries := r.entries(t, 0, 1, 2)
			entries[1].Digest = digestOf(7)
			r.write(entries...)
			r.commit("image 1 by another digest")
		}, "ghcr.io/acme/app-1:1.0 is not accepted"},
		{"a missing evidence file", func(t *testing.T, r *repository) {
			r.lock(t, 0, 1, 2, 7)
			if err := os.Remove(r.file(7)); err != nil {
				t.Fatal(err)
			}
			r.commit("image 7")
		}, "is missing"},
		{"an altered evidence file", func(t *testing.T, r *repository) {
			r.lock(t, 0, 1, 2, 7)
			text := r.evidence[7].Format()
			r.Write(evidence.File(evidence.Digest(r.evidence[7])), string(text[:len(text)-1])+" \n")
			r.commit("image 7")
		}, "is altered"},
		{"a broken lock", func(t *testing.T, r *repository) {
			r.lock(t, 0, 1, 2)
			r.Write("plumb.lock", strings.Replace(string(lockOf(8)), "entries:", "entries: {", 1))
			r.commit("broken")
		}, "plumb.lock:"},
		{"a lock with marks of a conflict", func(t *testing.T, r *repository) {
			r.Write("plumb.lock", "<<<<<<< ours\n"+string(lockOf(8))+"=======\n"+string(lockOf(3))+
				">>>>>>> theirs\n")
			r.commit("conflict")
		}, "plumb.lock:"},
		{"no lock", func(t *testing.T, r *repository) {
			r.Git("rm", "-q", "-f", "plumb.lock")
			r.commit("no lock")
		}, "plumb.lock: not found in"},
		{"a commit that is not signed", func(t *testing.T, r *repository) {
			r.lock(t, 0, 1, 2, 7)
			r.Commit("image 7")
		}, "is refused"},
		{"a commit that somebody else signed", func(t *testing.T, r *repository) {
			r.lock(t, 0, 1, 2, 7)
			r.commitAs("mallory", "image 7")
		}, "is refused"},
	} {
		out = append(out, life{r.name, func(t *testing.T, c *cluster) {
			c.refuses(t, r.commit, r.why)
		}})
	}
	return append(out, life{"a commit that goes back", goesBack})
}

// refuses has a commit made that is not to be served, and then one that is.
func (c *cluster) refuses(t *testing.T, commit func(*testing.T, *repository), why string) {
	tip := c.repo.Git("rev-parse", "HEAD")
	commit(t, c.repo)
	c.hook.says(t, refused, func() { c.hook.signal(t, secret) })
	c.stillServes(t, tip, why)
	c.repo.Git("reset", "-q", "--hard")
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("as before")
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(1))
	c.denies(t, imageOf(7), "[unlocked]")
}

// stillServes fails unless the webhook serves a commit although it refused another,
// and says why it did.
func (c *cluster) stillServes(t *testing.T, commit, why string) {
	t.Helper()
	c.admits(t, imageOf(1))
	c.denies(t, imageOf(7), "[unlocked]")
	c.denies(t, "ghcr.io/acme/app-1:1.0@"+digestOf(7), "[mismatch]")
	status, body := c.hook.get(t, "/readyz")
	if status != http.StatusOK || !strings.Contains(body, "lock: "+commit+" of ") {
		t.Errorf("not ready with commit %s: %d %s", commit, status, body)
	}
	if _, attempt, _ := strings.Cut(body, "last attempt: "); !strings.Contains(attempt, why) {
		t.Errorf("the last attempt did not fail because of %q: %s", why, attempt)
	}
}

// goesBack takes commits from the branch, which is refused unless a commit says so.
func goesBack(t *testing.T, c *cluster) {
	old := c.repo.Git("rev-parse", "HEAD")
	c.repo.lock(t, 0, 1, 2, 4)
	tip := c.repo.commit("image 4")
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.repo.Git("reset", "-q", "--hard", old)
	c.hook.says(t, refused, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(4))
	if _, body := c.hook.get(t, "/readyz"); !strings.Contains(body, "lock: "+tip+" of ") {
		t.Errorf("not ready with commit %s: %s", tip, body)
	}
	c.repo.commit("go back\n\nPlumb-Rollback: " + tip)
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.denies(t, imageOf(4), "[unlocked]")
	c.admits(t, imageOf(1))
}
