package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// pipe speaks git's protocol over a stream: SSH's or a plain one.
type pipe struct {
	in   io.Writer
	out  io.Reader
	ends []func() error
}

func (p *pipe) send(_ context.Context, request []byte) (io.ReadCloser, error) {
	if _, err := p.in.Write(request); err != nil {
		return nil, err
	}
	return io.NopCloser(p.out), nil
}

// Close ends the stream. What the other side says to that is of no interest.
func (p *pipe) Close() error {
	for _, end := range slices.Backward(p.ends) {
		_ = end()
	}
	return nil
}

// dial opens a connection that ends with ctx.
func dial(ctx context.Context, host, port string) (net.Conn, *pipe, error) {
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	return conn, &pipe{ends: []func() error{conn.Close, func() error { stop(); return nil }}}, nil
}

// dialDaemon speaks to "git daemon", which proves nothing.
func (r *Remote) dialDaemon(ctx context.Context) (*Conn, error) {
	conn, p, err := dial(ctx, r.Address.Host, "9418")
	if err != nil {
		return nil, err
	}
	p.in, p.out = conn, conn
	line := fmt.Sprintf("git-upload-pack %s\x00host=%s\x00", r.Address.Path, r.Address.Host)
	if _, err := fmt.Fprintf(conn, "%04x%s", len(line)+4, line); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return r.greet(p)
}

func (r *Remote) greet(p *pipe) (*Conn, error) {
	a, err := readAdvert(p.out, r.Branch)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &Conn{advert: a, wire: p}, nil
}

func (r *Remote) dialSSH(ctx context.Context, c *credentials) (*Conn, error) {
	if len(c.key) == 0 || c.knownHosts == "" {
		return nil, errors.New("SSH requires the files ssh-privatekey and known_hosts in the " +
			"folder of --credentials")
	}
	key, err := ssh.ParsePrivateKey(c.key)
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", c.dir, fileKey, err)
	}
	known, err := knownhosts.New(c.knownHosts)
	if err != nil {
		return nil, err
	}
	conn, p, err := dial(ctx, r.Address.Host, "22")
	if err != nil {
		return nil, err
	}
	host := r.Address.Host
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), "22")
	}
	user := r.Address.User
	if user == "" {
		user = "git"
	}
	pipeline, channels, requests, err := ssh.NewClientConn(conn, host, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: known, HostKeyAlgorithms: algorithms(known, host, conn.RemoteAddr()),
	})
	if err != nil {
		return nil, errors.Join(hostError(host, c.knownHosts, err), p.Close())
	}
	client := ssh.NewClient(pipeline, channels, requests)
	p.ends = append(p.ends, client.Close)
	return r.startSSH(client, p)
}

// startSSH starts git on the other side.
func (r *Remote) startSSH(client *ssh.Client, p *pipe) (*Conn, error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	var said stderr
	session.Stderr = &said
	in, err := session.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if p.out, err = session.StdoutPipe(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.in = in
	p.ends = append(p.ends, session.Close)
	if err := session.Start("git-upload-pack '" + strings.ReplaceAll(r.Address.Path, "'", `'\''`) +
		"'"); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	c, err := r.greet(p)
	if err == nil {
		return c, nil
	}
	_ = session.Wait() // it is closed; what it said is complete then
	if said.n > 0 {
		return nil, fmt.Errorf("the server says: %.300q",
			strings.TrimSpace(string(said.data[:said.n])))
	}
	return nil, err
}

// stderr keeps the first of what a server says to people.
type stderr struct {
	data [512]byte
	n    int
}

// Write implements io.Writer.
func (s *stderr) Write(b []byte) (int, error) {
	s.n += copy(s.data[s.n:], b)
	return len(b), nil
}

// algorithms are those that go with the keys known of a host: a server with several
// keys would otherwise show one that is not known.
func algorithms(known ssh.HostKeyCallback, host string, remote net.Addr) []string {
	var want *knownhosts.KeyError
	if err := known(host, remote, noKey{}); !errors.As(err, &want) {
		return nil
	}
	var out []string
	for _, k := range want.Want {
		switch t := k.Key.Type(); t {
		case ssh.KeyAlgoRSA:
			out = append(out, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		default:
			out = append(out, t)
		}
	}
	return out
}

// noKey is a key that no host has.
type noKey struct{}

// Type implements ssh.PublicKey.
func (noKey) Type() string { return "none" }

// Marshal implements ssh.PublicKey.
func (noKey) Marshal() []byte { return []byte("none") }

// Verify implements ssh.PublicKey.
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

// hostError says why a host's key is not accepted.
func hostError(host, file string, err error) error {
	var unknown *knownhosts.KeyError
	switch {
	case !errors.As(err, &unknown):
		return err
	case len(unknown.Want) == 0:
		return fmt.Errorf("%s: no key for %s", file, host)
	}
	return fmt.Errorf("%s: the key of %s does not match", file, host)
}
