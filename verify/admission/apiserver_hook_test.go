package admission_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// hook is a running `plumb admission serve`.
type hook struct {
	t       *testing.T
	address string // of the webhook
	observe string // URL of health, metrics and signals
	log     *logBuffer
	cmd     *exec.Cmd
	ended   chan struct{}
}

// logBuffer is what a process logs, to be read while it runs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// count is how often the log has a text.
func (l *logBuffer) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// secret is what a signal of new commits has to know.
const secret = "sixteen bytes and more"

// startHook runs plumb on the repository's branch, whose commits have to be signed. It
// asks for new ones when it is told to, if no flag says otherwise.
func (c *cluster) startHook(t *testing.T, flags ...string) *hook {
	t.Helper()
	return c.start(t, append([]string{"--git", c.repo.server.URL, "--credentials",
		c.repo.credentials, "--trust-commits", c.repo.signers}, flags...)...)
}

// start runs plumb on what flags name, with the certificate in the cluster's folder and
// its rules, and waits until it listens.
func (c *cluster) start(t *testing.T, flags ...string) *hook {
	t.Helper()
	file := filepath.Join(c.dir, "secret")
	writeFile(t, file, []byte(secret))
	if !c.strict {
		flags = append([]string{"--existing", "warn"}, flags...)
	}
	return c.exec(t, append([]string{"admission", "serve", "--cert",
		filepath.Join(c.dir, "tls.crt"), "--key", filepath.Join(c.dir, "tls.key"),
		"--signal-secret", file, "--interval", "1h", "--policy", c.repo.policies,
		"--exempt", "system", "--break-glass", "oncall"}, flags...)...)
}

// exec runs a command line of plumb that serves, on ports of its own choice.
func (c *cluster) exec(t *testing.T, args ...string) *hook {
	t.Helper()
	h := &hook{t: t, log: &logBuffer{}, ended: make(chan struct{})}
	h.cmd = exec.Command(c.plumb, append(args, "--listen", "127.0.0.1:0", "--listen-metrics",
		"127.0.0.1:0", "--log", "text")...)
	h.cmd.Stderr = h.log
	h.cmd.Env = append(os.Environ(), "HOME="+c.dir, "NO_PROXY=127.0.0.1")
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(h.ended)
		_ = h.cmd.Wait() // how it ended, kill and stop know
	}()
	c.t.Cleanup(h.kill)
	within(t, 30*time.Second, "plumb listens", func() bool {
		var observe string
		if _, rest, ok := strings.Cut(h.log.String(), "msg=listening webhook="); ok &&
			strings.Contains(rest, "\n") {
			_, _ = fmt.Sscanf(rest, "%s metrics=%s", &h.address,
				&observe) // what is missing is seen below
		}
		h.observe = "http://" + observe
		return observe != ""
	})
	return h
}

// kill ends the process as a node that is lost does.
func (h *hook) kill() {
	_ = h.cmd.Process.Kill() // it may have ended
	<-h.ended
}

// stop ends the process as Kubernetes does when it has to go.
func (h *hook) stop(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-h.ended
	if code := h.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with status %d:\n%s", code, h.log)
	}
}

// says waits until the log has a text once more than before does.
func (h *hook) says(t *testing.T, text string, does func()) {
	t.Helper()
	before := h.log.count(text)
	does()
	within(t, 20*time.Second, "the log says "+text, func() bool {
		if h.log.count(text) > before {
			return true
		}
		select {
		case <-h.ended:
			t.Fatalf("plumb ended before it said %s:\n%s", text, h.log)
		default:
		}
		return false
	})
}

// signal tells plumb that there are new commits, and returns the status of the answer.
func (h *hook) signal(t *testing.T, secret string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.observe+"/signal", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Gitlab-Token", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// get is what plumb tells those who watch it.
func (h *hook) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(h.observe + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// What plumb logs of a lock.
const (
	served  = "serving a new lock"
	refused = "still serving the last good one"
)

// writeFile replaces a file as a whole.
func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}
