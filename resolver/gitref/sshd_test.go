package gitref_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/resolver/gitref"
)

// sshd is where Debian and others install OpenSSH's server.
const sshd = "/usr/sbin/sshd"

// TestOpenSSH fetches from OpenSSH's own server, with a host alias in the user's ssh_config.
func TestOpenSSH(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(sshd); err != nil {
		t.Skipf("OpenSSH's server is not installed (apt-get install openssh-server): %v", err)
	}
	if os.Getuid() == 0 { // it wants its own folder when root starts it
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Skipf("/run/sshd: %v", err)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	r, first, _ := history(t)
	dir := t.TempDir()
	for _, name := range []string{"host", "key"} {
		r.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	config := write(t, "sshd_config", fmt.Sprintf("ListenAddress 127.0.0.1:%d\nHostKey %s/host\n"+
		"AuthorizedKeysFile %s/key.pub\nStrictModes no\nUsePAM no\nPidFile none\n"+
		"PasswordAuthentication no\nPermitRootLogin prohibit-password\n", port, dir, dir), 0o600)
	server := exec.Command(sshd, "-D", "-e", "-f", config)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 100 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	public, err := os.ReadFile(filepath.Join(dir, "host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	known := write(t, "known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s", port, public), 0o600)
	ssh := write(t, "config", fmt.Sprintf("Host forge\n  HostName 127.0.0.1\n  Port %d\n  User %s\n"+
		"  IdentityFile %s/key\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile %s\n",
		port, me.Username, dir, known), 0o600)
	env := append(userConfig(t, ""), "GIT_SSH_COMMAND=ssh -F "+ssh)
	c := newClient(t, gitref.Options{Env: env})
	if ref, ok, err := c.Containing(t.Context(), "forge:"+r.Dir, first); err != nil || !ok {
		t.Errorf("%v, %v, %v", ref, ok, err)
	}
	if _, err := c.Refs(t.Context(), "forge:"+r.Dir+"x"); kindOf(t, err) != gitref.NotFound {
		t.Errorf("%v", err)
	}
}
