package admission_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// front stands before the replicas of a webhook, as a Service does.
type front struct {
	listener net.Listener

	mu       sync.Mutex
	replicas []string
}

func newFront(t *testing.T) *front {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	f := &front{listener: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test has ended
			}
			go f.serve(conn)
		}
	}()
	return f
}

// to says which replicas get the connections from now on.
func (f *front) to(hooks ...*hook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas = nil
	for _, h := range hooks {
		f.replicas = append(f.replicas, h.address)
	}
}

// dial connects with a replica that answers, each in turn.
func (f *front) dial() (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var conn net.Conn
	err := fmt.Errorf("there is no replica")
	for range f.replicas {
		f.replicas = append(f.replicas[1:], f.replicas[0])
		if conn, err = net.DialTimeout("tcp", f.replicas[0], time.Second); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (f *front) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	replica, err := f.dial()
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(replica, conn) // either side may end it
		_ = replica.Close()
	}()
	_, _ = io.Copy(conn, replica)
}

// authority issues the webhook's certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1),
		Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// issue replaces the certificate for 127.0.0.1 in dir, and its key: one after the other,
// which a reader must expect.
func (a *authority) issue(t *testing.T, dir string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial),
		Subject: pkix.Name{CommonName: "plumb"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY",
		Bytes: keyDER}))
	writeFile(t, filepath.Join(dir, "tls.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: der}))
}
