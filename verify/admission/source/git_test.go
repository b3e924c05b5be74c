package source_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// anySignature accepts every commit.
func anySignature(git.Commit) (string, error) { return "anybody", nil }

// cluster is a repository as it is served, with two lock roots.
func cluster(t *testing.T) *gittest.Repo {
	r := gittest.New(t)
	r.Write("clusters/prod/plumb.lock", "prod 1\n")
	r.Write("clusters/prod/policies/all.yaml", "policy\n")
	r.Write("clusters/prod/.plumb/evidence/sha256-00.json", "{}\n")
	r.Write("clusters/prod/README.md", "not wanted\n")
	r.Write("clusters/test/plumb.lock", "test 1\n")
	r.Write("other/huge.bin", strings.Repeat("x", 1<<16))
	r.Commit("one")
	return r
}

func newGit(t *testing.T, o source.GitOptions) *source.Git {
	t.Helper()
	if o.Branch == "" {
		o.Branch = "main"
	}
	if o.Roots == nil {
		o.Roots = []string{"clusters/prod"}
	}
	o.Scratch = t.TempDir()
	g, err := source.NewGit(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, _ := filepath.Glob(filepath.Join(o.Scratch, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return g
}

func fetch(t *testing.T, s source.Source, served source.Version) source.Version {
	t.Helper()
	v, err := s.Fetch(t.Context(), served)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// servers are the ways to a repository.
func servers(t *testing.T, r *gittest.Repo) map[string]source.GitOptions {
	web, shell := r.ServeHTTPS(), r.ServeSSH()
	return map[string]source.GitOptions{
		"https": {URL: web.URL, Credentials: web.Folder(t)},
		"ssh":   {URL: shell.URL, Credentials: shell.Folder(t)},
		"git":   {URL: r.ServeDaemon(), VerifyCommit: anySignature},
		"file":  {URL: "file://" + r.Dir},
	}
}

func TestGitFetchesFromEveryServer(t *testing.T) {
	for _, filters := range []bool{false, true} {
		for _, name := range []string{"https", "ssh", "git", "file"} {
			t.Run(fmt.Sprintf("%s/filters=%v", name, filters), func(t *testing.T) {
				r := cluster(t)
				r.Git("config", "uploadpack.allowFilter", fmt.Sprint(filters))
				g := newGit(t, servers(t, r)[name])
				one := fetch(t, g, source.Version{})
				if want := r.Git("rev-parse", "HEAD"); one.Commit != want {
					t.Errorf("commit %s, want %s", one.Commit, want)
				}
				if want := "2026-09-21"; one.Time.Format(time.DateOnly) != want {
					t.Errorf("time %s, want %s", one.Time, want)
				}
				want := source.Files{
					"clusters/prod/plumb.lock":                     []byte("prod 1\n"),
					"clusters/prod/policies/all.yaml":              []byte("policy\n"),
					"clusters/prod/.plumb/evidence/sha256-00.json": []byte("{}\n"),
				}
				if diff := cmp.Diff(want, one.Files); diff != "" {
					t.Errorf("files (-want +got):\n%s", diff)
				}
				if _, err := g.Fetch(t.Context(), one); !errors.Is(err, source.ErrUnchanged) {
					t.Errorf("again: %v, want ErrUnchanged", err)
				}
				for i := range 20 {
					r.Write("clusters/prod/plumb.lock", fmt.Sprint("prod ", i, "\n"))
					r.Commit("more")
				}
				later := fetch(t, g, one)
				if got := string(later.Files["clusters/prod/plumb.lock"]); got != "prod 19\n" {
					t.Errorf("after 20 commits: %q", got)
				}
				r.Git("reset", "-q", "--hard", "HEAD~10")
				mustRefuse(t, g, later, "does not descend from "+later.Commit)
			})
		}
	}
}

func mustRefuse(t *testing.T, s source.Source, served source.Version, want string) {
	t.Helper()
	_, err := s.Fetch(t.Context(), served)
	var refused *source.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want it refused with %q", err, want)
	}
}

func TestGitGoesBackOnlyWithLeave(t *testing.T) {
	r := cluster(t)
	o := servers(t, r)["https"]
	g := newGit(t, o)
	first := r.Git("rev-parse", "HEAD")
	two := r.Commit("two")
	served := fetch(t, g, source.Version{})

	r.Git("reset", "-q", "--hard", first)
	mustRefuse(t, g, served, two)
	r.Commit("another\n\nPlumb-Rollback: " + first)
	mustRefuse(t, g, served, two)
	r.Commit("another\n\nPlumb-Rollback: yes")
	mustRefuse(t, g, served, two)
	r.Commit("another\n\nPlumb-Rollback: " + two + "\n\nwhich is not the last paragraph")
	mustRefuse(t, g, served, two)
	meant := r.Commit("another\n\nReviewed-by: Bob\nPlumb-Rollback: " + two)
	if v := fetch(t, g, served); v.Commit != meant {
		t.Errorf("with the trailer: %s, want %s", v.Commit, meant)
	}
	last := r.Commit("after that")
	mustRefuse(t, g, served, two)
	o.AllowRollback = true
	if v := fetch(t, newGit(t, o), served); v.Commit != last {
		t.Errorf("with AllowRollback: %s, want %s", v.Commit, last)
	}
	o.AllowRollback = false
	served.Source = "https://elsewhere.example/other.git main"
	if v := fetch(t, newGit(t, o), served); v.Commit != last {
		t.Errorf("after another repository: %s, want %s", v.Commit, last)
	}
}

func TestGitFindsWhatIsServedBehindAMerge(t *testing.T) {
	r := cluster(t)
	g := newGit(t, servers(t, r)["ssh"])
	served := fetch(t, g, source.Version{})
	r.Git("checkout", "-q", "--orphan", "side")
	r.Commit("a history of its own")
	r.Commit("and more")
	r.Git("merge", "-q", "--allow-unrelated-histories", "-m", "merge", "main")
	r.Git("branch", "-q", "-f", "main", "side")
	if v := fetch(t, g, served); v.Commit != r.Git("rev-parse", "main") {
		t.Errorf("got %s", v.Commit)
	}
}

func TestGitAsksOnceForWhatIsRefused(t *testing.T) {
	r := cluster(t)
	web := r.ServeHTTPS()
	g := newGit(t, source.GitOptions{URL: web.URL, Credentials: web.Folder(t)})
	r.Commit("two")
	served := fetch(t, g, source.Version{})
	r.Git("reset", "-q", "--hard", "HEAD~1")
	mustRefuse(t, g, served, served.Commit)
	before := web.Requests.Load()
	mustRefuse(t, g, served, served.Commit)
	if n := web.Requests.Load() - before; n != 1 {
		t.Errorf("%d requests for a commit that was refused, want 1", n)
	}
	r.Git("reset", "-q", "--hard", served.Commit)
	three := r.Commit("three")
	for i, want := range []int64{2, 1, 1} { // what does not verify is not served, and asked for again
		before := web.Requests.Load()
		v := fetch(t, g, served)
		if n := web.Requests.Load() - before; v.Commit != three || len(v.Files) == 0 || n != want {
			t.Errorf("attempt %d: %d requests, want %d, for %s with %d files", i, n, want, v.Commit,
				len(v.Files))
		}
	}
}

func TestGitCredentials(t *testing.T) {
	r := cluster(t)
	web, shell := r.ServeHTTPS(), r.ServeSSH()
	other := r.ServeSSH()
	ca := string(web.CA)
	tests := []struct {
		name, url string
		files     map[string]string
		want      string // "": it works
	}{
		{"password", web.URL, map[string]string{"username": gittest.User,
			"password": gittest.Password, "ca.crt": ca}, ""},
		{"token and user", web.URL, map[string]string{"username": gittest.User,
			"token": gittest.Password, "ca.crt": ca}, ""},
		{"bearer", web.URL, map[string]string{"bearer-token": gittest.Bearer + "\n", "ca.crt": ca},
			""},
		{"wrong password", web.URL, map[string]string{"username": gittest.User, "password": "x",
			"ca.crt": ca}, "401 Unauthorized with the credentials of"},
		{"none", web.URL, map[string]string{"ca.crt": ca}, "no credentials"},
		{"no CA", web.URL, map[string]string{"username": gittest.User,
			"password": gittest.Password}, "certificate"},
		{"bad CA", web.URL, map[string]string{"ca.crt": "x"}, "has no certificate"},
		{"both", web.URL, map[string]string{"token": "x", "password": "y"},
			"both a password and a token"},
		{"nothing", web.URL, map[string]string{"unknown": "x"}, "has no credentials"},
		{"plain", strings.Replace(web.URL, "https", "http", 1),
			map[string]string{"username": "x", "password": "y"}, "plain HTTP"},
		{"key", shell.URL, map[string]string{"ssh-privatekey": shell.Key,
			"known_hosts": shell.KnownHosts}, ""},
		{"another key", shell.URL, map[string]string{"ssh-privatekey": other.Key,
			"known_hosts": shell.KnownHosts}, "unable to authenticate"},
		{"no key", shell.URL, map[string]string{"known_hosts": shell.KnownHosts},
			"requires the files"},
		{"bad key", shell.URL, map[string]string{"ssh-privatekey": "x",
			"known_hosts": shell.KnownHosts}, "ssh-privatekey: "},
		{"no known hosts", shell.URL, map[string]string{"ssh-privatekey": shell.Key},
			"requires the files"},
		{"unknown host", shell.URL, map[string]string{"ssh-privatekey": shell.Key,
			"known_hosts": other.KnownHosts}, "no key for"},
		{"another host's key", shell.URL, map[string]string{"ssh-privatekey": shell.Key,
			"known_hosts": strings.Fields(shell.KnownHosts)[0] + " " +
				strings.Join(strings.Fields(other.KnownHosts)[1:], " ") + "\n"}, "does not match"},
		{"no such repository", shell.URL + "x", map[string]string{"ssh-privatekey": shell.Key,
			"known_hosts": shell.KnownHosts}, "the server says"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newGit(t, source.GitOptions{URL: tt.url,
				Credentials:  gittest.Credentials(t, tt.files),
				VerifyCommit: anySignature}).Fetch(t.Context(), source.Version{})
			if tt.want == "" && err != nil || tt.want != "" &&
				(err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), gittest.Password) ||
				strings.Contains(err.Error(), gittest.Bearer)) {
				t.Errorf("%v: a secret is in it", err)
			}
		})
	}
}

func TestNewGitRefuses(t *testing.T) {
	ok := source.GitOptions{URL: "https://git.example.org/a.git", Branch: "main"}
	if _, err := source.NewGit(ok); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		url, branch, want string
	}{
		{"http://git.example.org/a.git", "main", "use https"},
		{"git://git.example.org/a.git", "main", "use https"},
		{"https://u:secret@git.example.org/a.git", "main", "credentials in it"},
		{"https://token@git.example.org/a.git", "main", "credentials in it"},
		{"ftp://git.example.org/a.git", "main", "invalid repository"},
		{"a/folder", "main", "invalid repository"},
		{"https://git.example.org", "main", "missing"},
		{"file://relative", "main", "file:///"},
		{"ssh://-oProxyCommand=x/a", "main", "invalid repository"},
		{"https://git.example.org/a.git?x=y", "main", "no query"},
		{ok.URL, "", "invalid branch"},
		{ok.URL, "a..b", "invalid branch"},
	}
	for _, tt := range tests {
		_, err := source.NewGit(source.GitOptions{URL: tt.url, Branch: tt.branch})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %v, want %q", tt.url, tt.branch, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: the password is in it", err)
		}
	}
}
