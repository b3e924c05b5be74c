package gitref_test

import (
	"testing"

	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/resolver/gitref"
)

func newClient(t *testing.T, o gitref.Options) *gitref.Client {
	t.Helper()
	c := gitref.New(o)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestRefs lists the refs of a repository that has one of each kind.
func TestRefs(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	first := r.Commit("first")
	r.Git("tag", "v1")
	r.Git("tag", "-a", "-m", "two", "v2")
	tag := r.Git("rev-parse", "v2")
	r.Git("branch", "v1")
	second := r.Commit("second")
	c := newClient(t, gitref.Options{})
	refs, err := c.Refs(t.Context(), r.ServeDaemon())
	if err != nil {
		t.Fatal(err)
	}
	head, ok := refs.Head()
	if want := (gitref.Ref{Name: "refs/heads/main", Commit: second}); !ok || head != want {
		t.Errorf("HEAD is %v, want %v", head, want)
	}
	if got, want := refs.Tags(), []gitref.Ref{{Name: "refs/tags/v1", Commit: first},
		{Name: "refs/tags/v2", Commit: first, Tag: tag}}; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("tags %v, want %v", got, want)
	}
	if got := refs.Named("v1"); len(got) != 2 || got[0].Name != "refs/tags/v1" ||
		got[1].Name != "refs/heads/v1" {
		t.Errorf("v1 names %v", got)
	}
	if got := refs.Named("v3"); len(got) != 0 {
		t.Errorf("v3 names %v", got)
	}
	if _, ok := refs.Find("refs/tags/v3"); ok {
		t.Error("there is no tag v3")
	}
}

// TestReachable has commits of a branch, of a tag alone, of no ref, and of another
// repository that the server has too.
func TestReachable(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Git("config", "uploadpack.allowFilter", "true")
	r.Git("config", "uploadpack.allowAnySHA1InWant", "true")
	first := r.Commit("first")
	tip := r.Commit("second")
	r.Git("checkout", "-q", "-b", "release")
	between := r.Commit("release")
	r.Git("tag", "-a", "-m", "v1", "v1")
	r.Git("checkout", "-q", "--detach")
	offBranch := r.Commit("off")
	r.Commit("off, tagged")
	r.Git("tag", "off")
	r.Git("checkout", "-q", "--detach", "main")
	fork := r.Commit("of a fork")
	r.Git("update-ref", "refs/pull/1/head", fork) // as forges do for a request to merge it
	r.Git("checkout", "-q", "main")
	url := r.ServeDaemon()
	dir := t.TempDir()
	for range 2 {
		c := newClient(t, gitref.Options{Dir: dir})
		for _, tt := range []struct {
			commit, ref string
			onBranch    bool
		}{
			{tip, "refs/heads/main", true},
			{first, "refs/heads/main", true},
			{between, "refs/heads/release", true},
			{offBranch, "refs/tags/off", false},
			{fork, "", false},
			{"0123456789012345678901234567890123456789", "", false},
		} {
			ref, ok, err := c.Containing(t.Context(), url, tt.commit)
			if err != nil || ok != (tt.ref != "") || ref.Name != tt.ref {
				t.Errorf("%s: %v, %v, %v, want %q", tt.commit, ref, ok, err, tt.ref)
			}
			if on, err := c.OnBranch(t.Context(), url, tt.commit); err != nil || on != tt.onBranch {
				t.Errorf("%s: on a branch: %v, %v, want %v", tt.commit, on, err, tt.onBranch)
			}
		}
		for _, tt := range []struct {
			ref, commit string
			has         bool
		}{
			{"refs/heads/main", tip, true},
			{"refs/heads/main", first, true},
			{"refs/heads/main", between, false},
			{"refs/heads/release", first, true},
			{"refs/heads/rel", between, false},
			{"refs/heads/main", fork, false},
			{"refs/heads/main", first[:12], false},
		} {
			has, err := c.Has(t.Context(), url, tt.ref, tt.commit)
			if err != nil || has != tt.has {
				t.Errorf("%s has %s: %v, %v", tt.ref, tt.commit, has, err)
			}
		}
		if n, ok, err := c.Count(t.Context(), url, first, between); n != 2 || !ok || err != nil {
			t.Errorf("%d, %v, %v, want 2 commits", n, ok, err)
		}
		for _, id := range []string{fork, tip, r.Git("rev-parse", "v1")} {
			data, err := c.Object(t.Context(), url, id)
			if err != nil || string(data) != r.Git("cat-file", "-p", id)+"\n" {
				t.Errorf("%s: %q, %v", id, data, err)
			}
		}
	}
}
