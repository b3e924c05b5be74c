package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/commit"
)

func TestGitDemandsSignatures(t *testing.T) {
	gittest.Need(t, "ssh-keygen")
	r := cluster(t)
	key := filepath.Join(t.TempDir(), "key")
	r.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	r.Git("config", "gpg.format", "ssh")
	r.Git("config", "user.signingkey", key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(list, []byte("ada@example.org "+string(public)), 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGit(t, source.GitOptions{URL: r.ServeDaemon(), VerifyCommit: commit.Files{list}.Check})
	mustRefuse(t, g, source.Version{}, "it is not signed")
	r.Commit("signed", "-S")
	served := fetch(t, g, source.Version{})
	if !strings.HasPrefix(served.Signer, "ada@example.org") {
		t.Errorf("signer %q", served.Signer)
	}
	r.Commit("unsigned")
	mustRefuse(t, g, served, "it is not signed")
	mustRefuse(t, g, served, "it is not signed")
	last := r.Commit("signed again", "-S")
	if v := fetch(t, g, served); v.Commit != last {
		t.Errorf("commit %s, want %s", v.Commit, last)
	}
}
