package gittest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"encoding/pem"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// SSHServer serves a repository over SSH.
type SSHServer struct {
	// URL is that of the repository.
	URL string
	// Key is the private key that the server accepts, PEM.
	Key string
	// KnownHosts is the line of the server.
	KnownHosts string

	key    ssh.PublicKey
	config *ssh.ServerConfig
	env    []string
}

// NewKey makes a key of SSH, and its private part in PEM.
func NewKey(t testing.TB) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// ServeSSH serves the repository over SSH to user git with the server's key.
func (r *Repo) ServeSSH() *SSHServer {
	r.t.Helper()
	host, _ := NewKey(r.t)
	client, private := NewKey(r.t)
	s := &SSHServer{Key: private, key: client.PublicKey(), env: r.env}
	s.config = &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata,
		key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() != "git" || subtle.ConstantTimeCompare(key.Marshal(), s.key.Marshal()) != 1 {
			return nil, io.EOF
		}
		return nil, nil
	}}
	s.config.AddHostKey(host)
	l := listen(r.t)
	s.URL = "ssh://git@" + l.Addr().String() + r.Dir
	s.KnownHosts = knownhosts.Line([]string{l.Addr().String()}, host.PublicKey()) + "\n"
	go accept(l, s.serve)
	return s
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func accept(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go serve(c)
	}
}

func (s *SSHServer) serve(c net.Conn) {
	_, channels, requests, err := ssh.NewServerConn(c, s.config)
	if err != nil {
		_ = c.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	for n := range channels {
		if n.ChannelType() != "session" {
			_ = n.Reject(ssh.UnknownChannelType, "")
			continue
		}
		channel, asked, err := n.Accept()
		if err != nil {
			return
		}
		go s.session(channel, asked)
	}
}

// session runs git-upload-pack only.
func (s *SSHServer) session(channel ssh.Channel, asked <-chan *ssh.Request) {
	defer func() { _ = channel.Close() }()
	for q := range asked {
		var run struct{ Command string }
		ok := q.Type == "exec" && ssh.Unmarshal(q.Payload, &run) == nil
		dir, upload := strings.CutPrefix(run.Command, "git-upload-pack ")
		_ = q.Reply(ok && upload, nil)
		if !ok || !upload {
			continue
		}
		cmd := exec.Command("git", "upload-pack", strings.Trim(dir, "'"))
		cmd.Env, cmd.Stdout, cmd.Stderr = s.env, channel, channel.Stderr()
		in, err := cmd.StdinPipe()
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(in, channel); _ = in.Close() }()
		status := struct{ Code uint32 }{}
		if cmd.Run() != nil {
			status.Code = 1
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(status))
		return
	}
}

// Folder has the credentials for the server.
func (s *SSHServer) Folder(t testing.TB) string {
	t.Helper()
	return Credentials(t, map[string]string{"ssh-privatekey": s.Key, "known_hosts": s.KnownHosts})
}

// ServeDaemon serves the repository over git's own protocol, by git daemon's way of
// serving one connection, and returns its URL.
func (r *Repo) ServeDaemon() string {
	r.t.Helper()
	l := listen(r.t)
	go accept(l, func(c net.Conn) {
		cmd := exec.Command("git", "daemon", "--inetd", "--export-all", r.Dir)
		cmd.Env = r.env
		cmd.Stdout = c
		in, err := cmd.StdinPipe()
		if err == nil {
			go func() { _, _ = io.Copy(in, c); _ = in.Close() }()
			_ = cmd.Run()
		}
		_ = c.Close()
	})
	return "git://" + l.Addr().String() + r.Dir
}
