package admission_test

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// gone is a git server that does not answer as one.
func gone(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "gone", http.StatusServiceUnavailable)
	})
}

// gitGone has new commits while the git server is not there.
func gitGone(t *testing.T, c *cluster) {
	tip := c.repo.Git("rev-parse", "HEAD")
	c.repo.server.Behave(gone)
	defer c.repo.server.Behave(nil)
	c.repo.lock(t, 0, 1, 2, 3)
	c.repo.commit("image 3")
	c.hook.says(t, refused, func() { c.hook.signal(t, secret) })
	c.stillServes(t, tip, "503")
	c.repo.server.Behave(nil)
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(3))
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("without image 3")
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
}

// hookDown ends the webhook: nothing gets in, as failurePolicy Fail says.
func hookDown(t *testing.T, c *cluster) {
	c.hook.kill()
	c.denies(t, imageOf(1), "failed calling webhook")
	if out, err := c.create(inNamespace(webPod(imageOf(1), "new"), "kube-system")); err != nil {
		t.Errorf("kube-system is not spared, and no cluster starts again without it: %s", out)
	}
	c.replace(t)
	within(t, 10*time.Second, "the image is admitted", func() bool {
		_, err := c.create(webPod(imageOf(1), "new"))
		return err == nil
	})
	c.denies(t, "nginx:1.27", "[unpinned]")
}

// snapshot kills a webhook, and starts it while there is no git server: with what it
// kept, and without.
func snapshot(t *testing.T, c *cluster) {
	state := c.stateDir(t)
	c.replace(t, "--state", state)
	within(t, 20*time.Second, served, func() bool { return c.hook.log.count(served) > 0 })
	c.repo.server.Behave(gone)
	defer c.repo.server.Behave(nil)

	c.replace(t, "--state", state)
	c.admits(t, imageOf(1))
	c.denies(t, imageOf(7), "[unlocked]")
	if c.hook.log.count("serving the saved lock") != 1 {
		t.Errorf("it does not say what it serves:\n%s", c.hook.log)
	}

	c.replace(t)
	c.denies(t, imageOf(1), "no lock has been loaded")
	if status, _ := c.hook.get(t, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready without a lock: %d", status)
	}
	c.repo.server.Behave(nil)
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(1))
}

// stateDir is an empty folder for a snapshot.
func (c *cluster) stateDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tampered changes a digest in the lock that was kept.
func tampered(t *testing.T, c *cluster) {
	state := c.stateDir(t)
	c.replace(t, "--state", state)
	within(t, 20*time.Second, served, func() bool { return c.hook.log.count(served) > 0 })
	file := filepath.Join(state, "plumb-admission.tar")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(data, []byte("digest: "+digestOf(1)),
		[]byte("digest: "+digestOf(7)))
	if bytes.Equal(changed, data) {
		t.Fatal("the snapshot does not have the digest")
	}
	writeFile(t, file, changed)
	c.repo.server.Behave(gone)
	defer c.repo.server.Behave(nil)
	c.replace(t, "--state", state)
	c.denies(t, "ghcr.io/acme/app-1:1.0@"+digestOf(7), "no lock has been loaded")
	c.repo.server.Behave(nil)
	c.hook.says(t, served, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(1))
}

// load asks for good and bad Pods until it is told to stop. What is answered otherwise
// than it has to be fails the test.
func (c *cluster) load(t *testing.T) (stop func()) {
	var ending atomic.Bool
	var asked atomic.Int64
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for !ending.Load() && !t.Failed() {
				if out, err := c.create(webPod(imageOf(1), "good")); err != nil {
					t.Errorf("under load, what is locked is denied: %s", out)
				}
				if out, err := c.create(webPod("nginx:1.27", "bad")); err == nil ||
					!strings.Contains(err.Error(), "[unpinned]") {
					t.Errorf("under load, what is not pinned is answered: %v %s", err, out)
				}
				asked.Add(2)
			}
		})
	}
	return func() {
		before := asked.Load()
		within(t, 20*time.Second, "the load goes on", func() bool {
			return asked.Load() > before+20 || t.Failed()
		})
		ending.Store(true)
		group.Wait()
	}
}

// rotation replaces the certificate while Pods are asked for, by one that fits and then
// by one that does not.
func rotation(t *testing.T, c *cluster) {
	stop := c.load(t)
	defer stop()
	c.ca.issue(t, c.dir, 2)
	within(t, 10*time.Second, "the new certificate is served",
		func() bool { return c.serial(t) == 2 })
	key, err := os.ReadFile(filepath.Join(c.dir, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	c.hook.says(t, "still serving the old certificate", func() {
		writeFile(t, filepath.Join(c.dir, "tls.key"), key[:len(key)/2])
		within(t, 10*time.Second, "the log says so", func() bool {
			return c.serial(t) == 2 && c.hook.log.count("still serving the old certificate") > 0
		})
	})
	c.ca.issue(t, c.dir, 3)
	within(t, 10*time.Second, "the next certificate is served",
		func() bool { return c.serial(t) == 3 })
}

// serial is the serial number of the certificate that the webhook shows.
func (c *cluster) serial(t *testing.T) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", c.front.listener.Addr().String(),
		&tls.Config{InsecureSkipVerify: true}) // the API server verifies it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// replicas has two processes serve: one goes as Kubernetes has it go, without anybody
// noticing, and one is killed.
func replicas(t *testing.T, c *cluster) {
	first := c.hook
	second := c.startHook(t, "--interval", "100ms") // it gets no signals
	within(t, 20*time.Second, served, func() bool { return second.log.count(served) > 0 })
	c.front.to(first, second)
	stop := c.load(t)
	c.front.to(second) // out of the Service first
	first.stop(t)
	stop()

	third := c.startHook(t, "--interval", "100ms")
	within(t, 20*time.Second, served, func() bool { return third.log.count(served) > 0 })
	c.front.to(second, third)
	c.repo.lock(t, 0, 1, 2, 3)
	c.repo.commit("image 3")
	for _, h := range []*hook{second, third} {
		within(t, 20*time.Second, "both serve the commit",
			func() bool { return h.log.count(served) > 1 })
	}
	second.kill()
	within(t, 10*time.Second, "the other one answers", func() bool {
		_, err := c.create(webPod(imageOf(3), "new"))
		return err == nil
	})
	c.denies(t, imageOf(7), "[unlocked]")
	c.hook = third
}

// fromConfigMap has the lock in a ConfigMap of the cluster, and then a broken one.
func fromConfigMap(t *testing.T, c *cluster) {
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("as before")
	archive := filepath.Join(t.TempDir(), "plumb.tar.gz")
	put := func() {
		c.repo.Git("archive", "--format=tar.gz", "-o", archive, "HEAD")
		text, err := c.kubectl("", "create", "configmap", "lock", "-n", "system", "--from-file",
			archive, "--dry-run=client", "-o", "yaml")
		if err != nil {
			t.Fatal(text)
		}
		c.must(t, text, "apply", "--server-side", "-f", "-")
	}
	put()
	c.hook.kill()
	c.hook = c.start(t, "--configmap", "system/lock", "--kubeconfig", c.kubeconfig)
	c.front.to(c.hook)
	within(t, 20*time.Second, served, func() bool { return c.hook.log.count(served) > 0 })
	c.admits(t, imageOf(1))
	c.denies(t, imageOf(7), "[unlocked]")
	c.repo.write(append(c.repo.entries(t, 0, 1, 2), entryOf(7, c.repo.evidence[1]))...)
	c.repo.commit("forged")
	put()
	c.hook.says(t, refused, func() { c.hook.signal(t, secret) })
	c.admits(t, imageOf(1))
	c.denies(t, imageOf(7), "[unlocked]")
	c.repo.lock(t, 0, 1, 2)
	c.repo.commit("as before")
}

// auditLog looks for what the webhook has the audit log say.
func auditLog(t *testing.T, c *cluster) {
	var text []byte
	for _, want := range []string{`"enforce.plumb.dev/break-glass":"INC-7"`,
		`"audit.plumb.dev/decision":"would-deny"`, `"audit.plumb.dev/rule":"unpinned"`,
		`"enforce.plumb.dev/exempt":"namespace system"`} {
		within(t, 10*time.Second, "the audit log says "+want, func() bool {
			var err error
			if text, err = os.ReadFile(c.audit); err != nil {
				t.Fatal(err)
			}
			return bytes.Contains(text, []byte(want))
		})
	}
}
