package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

func TestGitFaults(t *testing.T) {
	status := func(code int) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(code)
			})
		}
	}
	answer := func(kind, body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write([]byte(body))
			})
		}
	}
	const advert = "application/x-git-upload-pack-advertisement"
	tests := []struct {
		name   string
		behave func(http.Handler) http.Handler
		want   string
	}{
		{"down", status(503), "503"},
		{"forbidden", status(403), "403 Forbidden with the credentials of"},
		{"gone", status(404), "the repository does not exist"},
		{"another server", answer("text/html", "<html>"), "not a git server"},
		{"nonsense", answer(advert, "zzzz"), "invalid pkt-len"},
		{"empty", answer(advert, ""), "truncated"},
		{"cut off", answer(advert, "001e# service=git-upload-pack\n0000"), "truncated"},
		{"too long", answer(advert, "001e# service=git-upload-pack\n0000"+
			strings.Repeat("0040"+strings.Repeat("0", 40)+" refs/heads/abcdefg\n", 1<<20)),
			"truncated"},
		{"another hash", answer(advert, "001e# service=git-upload-pack\n0000"+
			pkt(strings.Repeat("ab", 32)+" refs/heads/main\x00shallow\n")+"0000"), "SHA-1 only"},
		{"another object format", answer(advert, "001e# service=git-upload-pack\n0000"+
			pkt(strings.Repeat("ab", 32)+" refs/heads/main\x00shallow object-format=sha256\n")+
			"0000"), `object format "sha256" is not supported`},
		{"old", answer(advert, "001e# service=git-upload-pack\n0000"+
			pkt(strings.Repeat("ab", 20)+" refs/heads/main\x00ofs-delta\n")+"0000"),
			"does not support shallow"},
		{"elsewhere", func(http.Handler) http.Handler {
			return http.RedirectHandler("https://evil.example/x", http.StatusFound)
		}, "redirects to https://evil.example"},
		{"pack cut off", func(git http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if q.Method == http.MethodPost {
					w = &cut{w, 600}
				}
				git.ServeHTTP(w, q)
			})
		}, "response from the server"},
	}
	r := cluster(t)
	web := r.ServeHTTPS()
	g := newGit(t, source.GitOptions{URL: web.URL, Credentials: web.Folder(t)})
	served := fetch(t, g, source.Version{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			next := r.Commit(tt.name)
			web.Behave(tt.behave)
			_, err := g.Fetch(t.Context(), served)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if refused := (*source.RefusedError)(nil); errors.As(err, &refused) {
				t.Errorf("%v: refuses what it could not tell", err)
			}
			web.Behave(nil)
			if v := fetch(t, g, served); v.Commit != next {
				t.Errorf("when it is back: %s, want %s", v.Commit, next)
			}
		})
	}
}

func pkt(s string) string { return fmt.Sprintf("%04x%s", len(s)+4, s) }

// cut drops what comes after the first bytes of an answer.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if _, err := c.ResponseWriter.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

func TestGitDoesNotWaitForEver(t *testing.T) {
	r := cluster(t)
	web := r.ServeHTTPS()
	g := newGit(t, source.GitOptions{URL: web.URL, Credentials: web.Folder(t)})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			ctx, stop := context.WithCancelCause(t.Context())
			why := errors.New("enough")
			web.Behave(func(git http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
					if q.Method != method {
						git.ServeHTTP(w, q)
						return
					}
					kind := map[string]string{http.MethodGet: "advertisement",
						http.MethodPost: "result"}
					w.Header().Set("Content-Type", "application/x-git-upload-pack-"+kind[method])
					_ = http.NewResponseController(w).Flush()
					stop(why)
					<-q.Context().Done()
				})
			})
			if _, err := g.Fetch(ctx, source.Version{}); !errors.Is(err, why) &&
				!errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the end of the context", err)
			}
		})
	}
}

func TestGitDoesNotWaitForServersThatSayNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	shell := cluster(t).ServeSSH()
	for _, scheme := range []string{"ssh://git@", "git://", "https://"} {
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			if c, err := l.Accept(); err == nil {
				stop()
				_, _ = io.Copy(io.Discard, c) // until the other side gives up
				_ = c.Close()
			}
		}()
		g := newGit(t, source.GitOptions{URL: scheme + l.Addr().String() + "/a.git",
			Credentials: shell.Folder(t), VerifyCommit: anySignature})
		if _, err := g.Fetch(ctx, source.Version{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the end of the context", scheme, err)
		}
	}
}

func TestGitBranchGone(t *testing.T) {
	r := cluster(t)
	for name, o := range servers(t, r) {
		o.Branch = "prod"
		_, err := newGit(t, o).Fetch(t.Context(), source.Version{})
		var branch *git.BranchError
		if !errors.As(err, &branch) || branch.Branch != "prod" {
			t.Errorf("%s: %v, want a BranchError", name, err)
		}
	}
}
