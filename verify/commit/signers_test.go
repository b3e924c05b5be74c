package commit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/plumb-dev/plumb/lockfile/git"
	"github.com/plumb-dev/plumb/lockfile/git/gittest"
	"github.com/plumb-dev/plumb/verify/commit"
)

// read reads the commit at HEAD as git keeps it.
func read(t *testing.T, r *gittest.Repo) git.Commit {
	t.Helper()
	disk, err := git.OpenDisk(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = disk.Close() }()
	c, err := git.ReadCommit(disk, plumbing.NewHash(r.Git("rev-parse", "HEAD")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sshKey makes a key with ssh-keygen and has git sign with it; it returns the
// public part.
func sshKey(t *testing.T, r *gittest.Repo, kind string) string {
	t.Helper()
	gittest.Need(t, "ssh-keygen")
	key := filepath.Join(t.TempDir(), "key")
	r.Run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", key)
	r.Git("config", "gpg.format", "ssh")
	r.Git("config", "user.signingkey", key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(public))
}

// check fails unless a list takes a commit or says want of it.
func check(t *testing.T, list string, c git.Commit, want string) {
	t.Helper()
	set, err := commit.Parse("signers", []byte(list))
	if err != nil {
		t.Errorf("%q: %v", list, err)
		return
	}
	who, err := set.Check(c)
	if want == "" && (err != nil || !strings.Contains(who, "ada@example.org")) {
		t.Errorf("%q: %q, %v; want ada@example.org", list, who, err)
	}
	if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%q: %q, %v; want %q", list, who, err, want)
	}
}

func TestSSH(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		t.Run(kind, func(t *testing.T) {
			r := gittest.New(t)
			key := sshKey(t, r, kind)
			r.Commit("subject\n\nbody", "-S")
			c := read(t, r)
			other := sshKey(t, r, kind)
			at := c.Time.UTC()
			tests := []struct{ list, want string }{
				{"ada@example.org " + key, ""},
				{"# comment\n\n\"ada@example.org,x y\" " + key + "\n", ""},
				{"bob " + other + "\nada@example.org\t" + key, ""},
				{"bob " + other, "is not listed"},
				{`ada@example.org namespaces="git" ` + key, ""},
				{`ada@example.org namespaces="file,g*" ` + key, ""},
				{`ada@example.org namespaces="file" ` + key, "not for the namespace git"},
				{`bob namespaces="file" ` + key + "\nada@example.org " + key, ""},
				{fmt.Sprintf(`ada@example.org valid-after="%sZ" %s`, at.Format("20060102150405"), key), ""},
				{fmt.Sprintf(`ada@example.org valid-after="%sZ" %s`, at.AddDate(0, 0, 1).Format("20060102"), key), "valid only after"},
				{fmt.Sprintf(`ada@example.org valid-before="%sZ" %s`, at.AddDate(0, 0, 1).Format("200601021504"), key), ""},
				{fmt.Sprintf(`ada@example.org valid-before="%sZ" %s`, at.Format("20060102150405"), key), "valid only before"},
			}
			for _, tt := range tests {
				check(t, tt.list, c, tt.want)
			}
			changed := c
			changed.Payload = append([]byte(nil), c.Payload...)
			changed.Payload[len(changed.Payload)-2] ^= 1
			check(t, "ada@example.org "+key, changed, "SSH signature")
		})
	}
}

func TestSSHSignaturesThatCount(t *testing.T) {
	r := gittest.New(t)
	key := sshKey(t, r, "ed25519")
	list := "ada@example.org " + key
	r.Commit("unsigned")
	unsigned := read(t, r)
	check(t, list, unsigned, "it is not signed")

	// A signature by the same key over the same bytes, but for something else than git.
	file := filepath.Join(t.TempDir(), "payload")
	if err := os.WriteFile(file, unsigned.Payload, 0o600); err != nil {
		t.Fatal(err)
	}
	for namespace, want := range map[string]string{"git": "", "file": `made for "file"`} {
		r.Run("ssh-keygen", "-q", "-Y", "sign", "-f", r.Git("config", "user.signingkey"), "-n", namespace, file)
		sig, err := os.ReadFile(file + ".sig")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file + ".sig"); err != nil {
			t.Fatal(err)
		}
		c := unsigned
		c.Signature = string(sig)
		check(t, list, c, want)
		c.Signature += string(sig)
		check(t, list, c, "SSH signature")
	}
	for _, bad := range []string{"-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "-----BEGIN X-----\n", "x"} {
		c := unsigned
		c.Signature = bad
		check(t, list, c, "signature")
	}
}

func TestParseRefuses(t *testing.T) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0YqUWJ5L0c2FxnHzPEkPpcvE4kXoWZ5H8cXkZ5wq2l"
	if _, err := commit.Parse("f", []byte("ada@example.org "+key)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ list, want string }{
		{"", "lists no signers"},
		{"# nobody\n", "lists no signers"},
		{"x\n" + key, "f:1: not a line of allowed_signers"},
		{"\n" + `"ada ` + key, "f:2: a quote is not closed"},
		{"ada " + key[:40], "cannot read the key"},
		{"ada cert-authority " + key, "SSH certificates are not supported"},
		{"ada verify-required " + key, "unsupported option verify-required"},
		{`ada namespaces="!git" ` + key, "unsupported pattern"},
		{`ada valid-after="2026" ` + key, "invalid time"},
		{`ada valid-after="20261399" ` + key, "out of range"},
		{"kind: CommitSigners\nwho: x\n", `f:2:1: unknown field "who" in CommitSigners`},
		{"kind: CommitSigners\n", "f:1:1: CommitSigners has no apiVersion"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\nidentities: [{issuer: x, subject: z}]\n", "CommitSigners has no trustedRoot"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\ntrustedRoot: x\n", "CommitSigners has no identities"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\ntrustedRoot: none\nidentities: [{issuer: x, subject: z}]\n", "no such file"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\n---\nx: y\n", "f:4:1: there is a second document"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\nidentities: [{issuer: x}, {}]\n", "f:3:27: identities[1] has neither issuer nor issuerRegExp"},
		{"apiVersion: plumb.dev/v1\nkind: CommitSigners\nidentities: []\n", "f:3:13: identities is empty"},
		{"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "f: "},
		{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "not only public keys"},
	}
	for _, tt := range tests {
		if _, err := commit.Parse("f", []byte(tt.list)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.list, err, tt.want)
		}
	}
}

// pgpKey makes a key with gpg and has git sign with it; it returns its name and the
// public part.
func pgpKey(t *testing.T, r *gittest.Repo, algorithm string) (name, public string) {
	t.Helper()
	gittest.Need(t, "gpg")
	name = "ada@example.org"
	r.Run("gpg", "-q", "--batch", "--passphrase", "", "--faked-system-time", "20260901T000000", "--quick-generate-key", "Ada <"+name+">", algorithm, "sign", "never")
	r.Git("config", "gpg.format", "openpgp")
	r.Git("config", "user.signingkey", name)
	return name, r.Run("gpg", "--armor", "--export", name)
}

func TestOpenPGP(t *testing.T) {
	for _, algorithm := range []string{"ed25519", "rsa3072", "nistp256"} {
		t.Run(algorithm, func(t *testing.T) {
			r := gittest.New(t)
			name, public := pgpKey(t, r, algorithm)
			other := gittest.New(t)
			_, strangers := pgpKey(t, other, algorithm)
			r.Commit("subject", "-S")
			c := read(t, r)
			check(t, public, c, "")
			check(t, strangers+"\n"+public, c, "")
			check(t, strangers, c, "which is not listed")
			check(t, "ada@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0YqUWJ5L0c2FxnHzPEkPpcvE4kXoWZ5H8cXkZ5wq2l", c, "which is not listed")
			changed := c
			changed.Payload = append([]byte("x"), c.Payload...)
			check(t, public, changed, "OpenPGP signature")
			twice := c
			twice.Signature += c.Signature
			check(t, public, twice, "more than one")

			r.Run("sh", "-c", "sed 's/^:---/---/' $GNUPGHOME/openpgp-revocs.d/*.rev | gpg -q --batch --import")
			check(t, r.Run("gpg", "--armor", "--export", name), c, "revoked")
		})
	}
}

func TestOpenPGPThatNoLongerCounts(t *testing.T) {
	r := gittest.New(t)
	name, public := pgpKey(t, r, "ed25519")
	r.Commit("subject")
	unsigned := read(t, r)
	sign := func(options ...string) git.Commit {
		file := filepath.Join(t.TempDir(), "payload")
		if err := os.WriteFile(file, unsigned.Payload, 0o600); err != nil {
			t.Fatal(err)
		}
		c := unsigned
		c.Signature = r.Run("gpg", append(options, "-q", "--batch", "--armor", "--output", "-", file)...) + "\n"
		return c
	}
	const day1, day3 = "20260901T120000", "20260903T120000"
	early, late := sign("--faked-system-time", day1, "--detach-sign"), sign("--faked-system-time", day3, "--detach-sign")
	check(t, public, early, "")
	check(t, public, late, "")
	check(t, public, sign("--faked-system-time", day1, "--detach-sign", "--textmode"), "not over bytes")
	check(t, public, sign("--faked-system-time", day1, "--detach-sign", "--digest-algo", "SHA1"), "weak or unknown")
	fingerprint := strings.Split(r.Run("gpg", "--with-colons", "--list-keys", name), "\nfpr:::::::::")[1]
	fingerprint, _, _ = strings.Cut(fingerprint, ":")
	r.Run("gpg", "-q", "--batch", "--faked-system-time", "20260901T130000", "--quick-set-expire", fingerprint, "1d")
	expires := r.Run("gpg", "--armor", "--export", name)
	check(t, expires, early, "")
	check(t, expires, late, "expired")
}

func TestFilesAreReadEachTime(t *testing.T) {
	r := gittest.New(t)
	key := sshKey(t, r, "ed25519")
	r.Commit("subject", "-S")
	c := read(t, r)
	name := filepath.Join(t.TempDir(), "signers")
	f := commit.Files{name}
	if _, err := f.Check(c); err == nil {
		t.Error("without a file: accepted")
	}
	if err := os.WriteFile(name, []byte("ada@example.org "+key), 0o600); err != nil {
		t.Fatal(err)
	}
	if who, err := f.Check(c); err != nil || !strings.HasPrefix(who, "ada@example.org (SSH key SHA256:") {
		t.Errorf("%q, %v", who, err)
	}
	if err := os.WriteFile(name, []byte("ada@example.org "+sshKey(t, r, "ed25519")), 0o600); err != nil {
		t.Fatal(err)
	}
	if who, err := f.Check(c); err == nil {
		t.Errorf("after the key was taken out: %q", who)
	}
}
