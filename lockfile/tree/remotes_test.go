package tree

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRemotes(t *testing.T) {
	r := newRepo(t)
	if got, err := Remotes(t.Context(), r.dir); err != nil || len(got) > 0 {
		t.Errorf("a repository without remotes has %q (%v)", got, err)
	}
	r.git("remote", "add", "origin", "git@git.example.com:acme/clusters.git")
	r.git("remote", "add", "mirror", "acme:clusters")
	r.git("config", "url.https://git.acme.io/.insteadOf", "acme:")
	r.git("config", "remote.mirror.pushurl", "https://push.acme.io/clusters")
	want := []string{"acme:clusters", "git@git.example.com:acme/clusters.git",
		"https://git.acme.io/clusters", "https://push.acme.io/clusters"}
	got, err := Remotes(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := Remotes(t.Context(), t.TempDir()); err != nil || len(got) > 0 {
		t.Errorf("a folder outside of git has %q (%v)", got, err)
	}
}
