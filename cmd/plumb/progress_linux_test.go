package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// screen is a pseudo-terminal and what was written to it.
type screen struct {
	tty  *os.File // the side of the program
	mu   sync.Mutex
	text bytes.Buffer
	read chan struct{} // closed when all has been read
}

// openScreen opens a terminal of so many columns.
func openScreen(t *testing.T, columns uint16) *screen {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals: ", err)
	}
	fd := int(control.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{read: make(chan struct{})}
	s.tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals: ", err)
	}
	go func() {
		defer close(s.read)
		defer control.Close()
		for buf := make([]byte, 4096); ; {
			n, err := control.Read(buf)
			s.mu.Lock()
			s.text.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return // the other side is closed
			}
		}
	}()
	return s
}

// close closes the terminal and returns all that was written to it.
func (s *screen) close() string {
	s.tty.Close()
	<-s.read
	return s.text.String()
}

// wait waits until a pattern is on the screen.
func (s *screen) wait(t *testing.T, pattern string) time.Duration {
	t.Helper()
	start, want := time.Now(), regexp.MustCompile(pattern)
	for time.Since(start) < 10*time.Second {
		s.mu.Lock()
		hit := want.Match(s.text.Bytes())
		s.mu.Unlock()
		if hit {
			return time.Since(start)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("no %s on the screen", pattern)
	return 0
}

// hangingRepository is a repository with names at a registry that responds to none, and
// the registry.
func hangingRepository(t *testing.T, names int) (dir string, r *registrytest.Server) {
	t.Helper()
	r = registrytest.New(t, registrytest.Options{})
	r.Fail(registrytest.At("/manifests/", registrytest.Hang))
	dir = t.TempDir()
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
	for i := range names {
		pod += fmt.Sprintf("    - {name: c%d, image: '%s/acme/app%d:v1'}\n", i, r.Host(), i)
	}
	for name, text := range map[string]string{
		"pod.yaml": pod, "plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "DOCKER_CONFIG"} {
		t.Setenv(name, t.TempDir())
	}
	return dir, r
}

// TestProgress locks names at a registry that hangs, before a terminal.
func TestProgress(t *testing.T) {
	dir, r := hangingRepository(t, 20)
	const columns = 72
	s := openScreen(t, columns)
	status := make(chan int)
	go func() {
		args := []string{"plumb", "-C", dir, "lock", "--timeout", "2s"}
		status <- run(t.Context(), args, os.Getenv, strings.NewReader(""), &bytes.Buffer{}, s.tty)
	}()
	waiting := fmt.Sprintf(`resolving 0 of 20 \(waiting for %s: `, regexp.QuoteMeta(r.Host()))
	if took := s.wait(t, waiting+`\d+\)`); took > time.Second {
		t.Errorf("the first line was drawn after %v", took)
	}
	s.wait(t, waiting+`20\)`) // not only what there was when it was first drawn
	if got := <-status; got != 4 {
		t.Errorf("exit status %d", got)
	}
	text := s.close()
	drawn := strings.Split(text, "\r\x1b[K")
	if len(drawn) > 10 {
		t.Errorf("drawn %d times, while nothing happened", len(drawn))
	}
	for _, line := range drawn[1 : len(drawn)-1] {
		if len(line) >= columns || strings.Contains(line, "\n") {
			t.Errorf("drawn: %q", line)
		}
	}
	if rest := drawn[len(drawn)-1]; !strings.HasPrefix(rest, "plumb: time ran out after 2s") {
		t.Errorf("after the line was removed: %q", rest)
	}
}

// TestNoProgress has what draws none: --quiet, and anything but a terminal.
func TestNoProgress(t *testing.T) {
	dir, _ := hangingRepository(t, 3)
	s := openScreen(t, 80)
	args := []string{"plumb", "-C", dir, "lock", "--timeout", "300ms"}
	var stderr bytes.Buffer
	run(t.Context(), args, os.Getenv, strings.NewReader(""), &bytes.Buffer{}, &stderr)
	run(t.Context(), append(args, "--quiet"), os.Getenv, strings.NewReader(""), &bytes.Buffer{}, s.tty)
	for where, text := range map[string]string{"no terminal": stderr.String(), "--quiet": s.close()} {
		if strings.Contains(text, "resolving") || strings.Contains(text, "\x1b") {
			t.Errorf("%s: %q", where, text)
		}
	}
}
