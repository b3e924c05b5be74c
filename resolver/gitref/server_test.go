package gitref_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/lockfile/trace"
	"github.com/plumb-dev/plumb/resolver/gitref"
)

// write writes a file of a new folder and returns its path.
func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// userConfig is the environment of a user whose git configuration is text.
func userConfig(t *testing.T, text string) []string {
	t.Helper()
	return []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + write(t, "gitconfig", text, 0o600)}
}

// trusting is the environment of a user who trusts a server.
func trusting(t *testing.T, s *gittest.Server, config string) []string {
	t.Helper()
	ca := write(t, "ca.crt", string(s.CA), 0o600)
	return append(userConfig(t, config), "GIT_SSL_CAINFO="+ca, "NO_PROXY=*", "no_proxy=*")
}

// helper is the configuration of a credential helper with the server's credentials.
const helper = "[credential]\n\thelper = \"!f() { echo username=" + gittest.User +
	"; echo 'password=" + gittest.Password + "'; }; f\"\n"

// kindOf is the kind of an error.
func kindOf(t *testing.T, err error) gitref.Kind {
	t.Helper()
	var e *gitref.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if strings.Contains(err.Error()+e.Hint(), gittest.Password) {
		t.Errorf("%v tells the password", err)
	}
	return e.Kind
}

// history is a repository with three commits, of which the first is returned.
func history(t *testing.T) (r *gittest.Repo, first, tip string) {
	r = gittest.New(t)
	first = r.Commit("first")
	r.Commit("second")
	return r, first, r.Commit("third")
}

// TestHTTPS has credentials by a helper, by the URL and by the work tree's configuration;
// wrong ones, none, and a server whose certificate is not trusted.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	r, first, tip := history(t)
	s := r.ServeHTTPS()
	work := gittest.New(t)
	work.Git("config", "http."+s.URL+".extraHeader", "Authorization: Bearer "+gittest.Bearer)
	in := strings.Replace(s.URL, "://", "://"+gittest.User+":correct%20horse@", 1)
	wrong := strings.Replace(s.URL, "://", "://"+gittest.User+":hush@", 1)
	for _, tt := range []struct {
		name, config, url, work string
		want                    gitref.Kind
		ok                      bool
	}{
		{"helper", helper, s.URL, "", 0, true},
		{"in the URL", "", in, "", 0, true},
		{"of the work tree", "", s.URL, work.Dir, 0, true},
		{"insteadOf", helper + "[url \"" + s.URL + "\"]\n\tinsteadOf = https://git.example/a\n",
			"https://git.example/a", "", 0, true},
		{"none", "", s.URL, "", gitref.Auth, false},
		{"wrong", "", wrong, "", gitref.Auth, false},
		{"no such repository", helper, s.URL + "x", "", gitref.NotFound, false},
		{"no CA", helper, s.URL, "", gitref.TLS, false},
		{"no such host", "", "https://host.invalid/a", "", gitref.Unreachable, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := trusting(t, s, tt.config)
			if tt.want == gitref.TLS {
				env = userConfig(t, tt.config)
			}
			c := newClient(t, gitref.Options{Env: env, WorkTree: tt.work})
			ref, ok, err := c.Containing(t.Context(), tt.url, first)
			if !tt.ok {
				if got := kindOf(t, err); got != tt.want || strings.Contains(err.Error(), "hush") {
					t.Errorf("%v, of kind %d, want %d", err, got, tt.want)
				}
				return
			}
			if err != nil || !ok || ref != (gitref.Ref{Name: "refs/heads/main", Commit: tip}) {
				t.Errorf("%v, %v, %v", ref, ok, err)
			}
		})
	}
}

// TestOnce has many callers, one list of refs, and no credential in what is told of it.
func TestOnce(t *testing.T) {
	t.Parallel()
	r, _, _ := history(t)
	s := r.ServeHTTPS()
	var lists atomic.Int64
	s.Behave(func(git http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodGet {
				lists.Add(1)
			}
			git.ServeHTTP(w, q)
		})
	})
	c := newClient(t, gitref.Options{Env: trusting(t, s, ""), Concurrency: 1})
	var mu sync.Mutex
	var told []string
	ctx := trace.With(t.Context(), func(e trace.Event) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e.String())
	})
	url := strings.Replace(s.URL, "://", "://"+gittest.User+":correct%20horse@", 1)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := c.Refs(ctx, url); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if lists.Load() != 1 {
		t.Errorf("%d lists of refs, want 1", lists.Load())
	}
	all := strings.Join(told, "\n")
	if !strings.Contains(all, "git ls-remote") || strings.Contains(all, "horse") {
		t.Errorf("told %s", all)
	}
}

// TestTransient has a server that fails once, and one that keeps failing.
func TestTransient(t *testing.T) {
	t.Parallel()
	r, _, _ := history(t)
	s := r.ServeHTTPS()
	for _, failures := range []int64{1, 2} {
		var n atomic.Int64
		s.Behave(func(git http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if n.Add(1) <= failures {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				git.ServeHTTP(w, q)
			})
		})
		_, err := newClient(t, gitref.Options{Env: trusting(t, s, helper)}).Refs(t.Context(), s.URL)
		if failures == 1 && err != nil || failures == 2 && kindOf(t, err) != gitref.Unreachable {
			t.Errorf("%d failures: %v", failures, err)
		}
	}
}

// TestProxy has a proxy of the environment and one of the configuration.
func TestProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked.Store(q.Method + " " + q.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(proxy.Close)
	for _, env := range [][]string{
		append(userConfig(t, ""), "HTTPS_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=", "https_proxy="+proxy.URL),
		append(userConfig(t, "[http]\n\tproxy = "+proxy.URL+"\n"), "NO_PROXY=", "no_proxy="),
	} {
		c := newClient(t, gitref.Options{Env: env})
		_, err := c.Refs(t.Context(), "https://git.example/a")
		if kindOf(t, err) != gitref.Unreachable || asked.Swap("") != "CONNECT git.example:443" {
			t.Errorf("%v", err)
		}
	}
}

// TestSSH has the right key, a wrong one, and a server whose key is not known.
func TestSSH(t *testing.T) {
	t.Parallel()
	gittest.Need(t, "ssh")
	r, first, _ := history(t)
	s := r.ServeSSH()
	_, other := gittest.NewKey(t)
	known := write(t, "known_hosts", s.KnownHosts, 0o600)
	right, wrong := write(t, "key", s.Key, 0o600), write(t, "key", other, 0o600)
	unknown := write(t, "known_hosts", "", 0o600)
	command := func(key, hosts string) string {
		return "ssh -F none -o IdentitiesOnly=yes -o IdentityAgent=none -i " + key + " -o UserKnownHostsFile=" + hosts +
			" -o GlobalKnownHostsFile=/dev/null"
	}
	for _, tt := range []struct {
		name string
		env  []string
		want gitref.Kind
		ok   bool
	}{
		{"environment", append(userConfig(t, ""), "GIT_SSH_COMMAND="+command(right, known)), 0, true},
		{"configuration", append(userConfig(t, "[core]\n\tsshCommand = "+command(right, known)+"\n"),
			"GIT_SSH_COMMAND="), 0, true},
		{"wrong key", append(userConfig(t, ""), "GIT_SSH_COMMAND="+command(wrong, known)), gitref.Auth, false},
		{"unknown host", append(userConfig(t, ""), "GIT_SSH_COMMAND="+command(right, unknown)),
			gitref.HostKey, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, gitref.Options{Env: tt.env, Timeout: 20 * time.Second})
			_, ok, err := c.Containing(t.Context(), s.URL, first)
			if tt.ok && (err != nil || !ok) || !tt.ok && kindOf(t, err) != tt.want {
				t.Errorf("%v, %v", ok, err)
			}
		})
	}
}

// TestHang has servers that do not answer: the command and what it started are ended.
func TestHang(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
	}()
	pid := filepath.Join(t.TempDir(), "pid")
	slow := write(t, "ssh", "#!/bin/sh\necho $$ > "+pid+"\ntrap '' TERM\nsleep 60\n", 0o700)
	for _, url := range []string{"git://" + l.Addr().String() + "/a", "http://" + l.Addr().String() + "/a",
		"ssh://git@" + l.Addr().String() + "/a"} {
		env := append(userConfig(t, ""), "GIT_SSH_COMMAND="+slow, "NO_PROXY=*", "GIT_SSH_VARIANT=ssh")
		start := time.Now()
		_, err := newClient(t, gitref.Options{Env: env, Timeout: 300 * time.Millisecond}).Refs(t.Context(), url)
		if kindOf(t, err) != gitref.Timeout {
			t.Errorf("%s: %v", url, err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errEnough)
		_, err = newClient(t, gitref.Options{Env: env}).Refs(ctx, url)
		cancel()
		if !errors.Is(err, errEnough) {
			t.Errorf("%s: %v, want the end of the context", url, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: it took %v", url, took)
		}
	}
	id, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // the kernel may not have removed it yet
		if _, err := os.Stat("/proc/" + strings.TrimSpace(string(id)) + "/cmdline"); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	state, _ := os.ReadFile("/proc/" + strings.TrimSpace(string(id)) + "/stat")
	if !strings.Contains(string(state), ") Z ") {
		t.Errorf("SSH still runs: %s", state)
	}
}

var errEnough = errors.New("enough")

// TestGarbage has answers that are not those of a git server, or too long.
func TestGarbage(t *testing.T) {
	t.Parallel()
	const kind = "application/x-git-upload-pack-advertisement"
	answer := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		}
	}
	line := func(i int) string {
		name := base64.RawURLEncoding.EncodeToString([]byte{byte(i >> 16), byte(i >> 8), byte(i), 0, 0, 0})
		return "0044" + a40 + " refs/heads/" + name + "_____\n" // 4+40+1+11+8+5-1+1
	}
	var long strings.Builder
	long.WriteString("001e# service=git-upload-pack\n0000")
	first := a40 + " refs/heads/x\x00agent=git/2\n"
	long.WriteString("004a" + first[:len(first)-1] + strings.Repeat(" ", 0x4a-4-len(first)) + "\n")
	for i := range 20000 {
		s := line(i)
		long.WriteString("00" + hexByte(len(s)) + s[4:])
	}
	long.WriteString("0000")
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    []gitref.Kind
	}{
		{"page", answer("text/html", "<html>"), []gitref.Kind{gitref.NotFound}},
		{"nonsense", answer(kind, "zzzz"), []gitref.Kind{gitref.Malformed, gitref.Other}},
		{"nothing", answer(kind, ""), []gitref.Kind{gitref.Malformed, gitref.Other, gitref.Unreachable}},
		{"down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
			[]gitref.Kind{gitref.Unreachable}},
		{"forbidden", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
			[]gitref.Kind{gitref.Auth}},
		{"long", answer(kind, long.String()), []gitref.Kind{gitref.TooLarge}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(tt.handler)
			t.Cleanup(s.Close)
			env := append(userConfig(t, ""), "NO_PROXY=*")
			c := newClient(t, gitref.Options{Env: env})
			c.SetMaxOutput(1 << 20)
			refs, err := c.Refs(t.Context(), s.URL+"/a")
			got := kindOf(t, err)
			ok := refs == nil
			found := false
			for _, k := range tt.want {
				found = found || got == k
			}
			if !ok || !found {
				t.Errorf("%v, %v of kind %d", refs, err, got)
			}
			c = newClient(t, gitref.Options{Env: env})
			if _, err := c.Refs(t.Context(), s.URL+"/a"); tt.name == "long" && err != nil {
				t.Errorf("within the bound: %v", err)
			}
		})
	}
}

func hexByte(n int) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[n>>4], digits[n&15]})
}
