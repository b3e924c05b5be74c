package main_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	registryUser     = "ada"
	registryPassword = "correct horse"
	registryPatience = 20 * time.Second
)

// registryKind is a program to run as a registry, and how it knows its users.
type registryKind struct {
	name   string
	find   func() (path string, err error)
	tokens bool // from a token server, else by htpasswd
}

// registryKinds are Debian's docker-registry, which is distribution 2, and
// distribution 3, each with both kinds of authentication.
var registryKinds = []registryKind{
	{"docker-registry, htpasswd", debianRegistry, false},
	{"docker-registry, tokens", debianRegistry, true},
	{"distribution 3, htpasswd", distribution, false},
	{"distribution 3, tokens", distribution, true},
}

func debianRegistry() (string, error) {
	path, err := exec.LookPath("docker-registry")
	if err != nil {
		return "", fmt.Errorf("%w: on Debian, apt-get install docker-registry", err)
	}
	return path, nil
}

// distributionVersion is that of testdata/tools.
const distributionVersion = "v3.1.2"

// distribution finds what "make tools" has built.
func distribution() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "plumb-test", "distribution-"+distributionVersion, "registry")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: make tools builds it", err)
	}
	return path, nil
}

// realRegistry is a registry's process that speaks HTTPS, with a certificate of
// an authority that nobody else knows, and wants a password.
type realRegistry struct {
	host   string // with its port
	caFile string
	pair   tls.Certificate
	client http.Client // trusts the authority
	issuer *issuer     // of tokens; nil where the registry knows passwords itself

	process *exec.Cmd
	ended   chan struct{} // closed when the process has
	log     bytes.Buffer  // to be read when it has
}

// startRealRegistry starts a registry that lives as long as the test. Without
// the program the test is skipped, but for CI, where it fails.
func startRealRegistry(t *testing.T, kind registryKind) *realRegistry {
	t.Helper()
	binary, err := kind.find()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	r := &realRegistry{host: freePort(t), caFile: filepath.Join(dir, "ca.pem"), ended: make(chan struct{})}
	r.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: writeCertificates(t, dir)}}
	t.Cleanup(r.client.CloseIdleConnections)
	if r.pair, err = tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")); err != nil {
		t.Fatal(err)
	}
	auth := htpasswd(t, dir)
	if kind.tokens {
		r.issuer = startIssuer(t, r.pair)
		auth = r.issuer.config(t, dir)
	}
	config := filepath.Join(dir, "config.yml")
	writeFile(t, config, fmt.Sprintf(`version: 0.1
storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}
auth: %s
http: {addr: %q, tls: {certificate: %q, key: %q}}
`, filepath.Join(dir, "data"), auth, r.host, filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")))

	r.process = exec.Command(binary, "serve", config)
	r.process.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	r.process.Stdout, r.process.Stderr = &r.log, &r.log
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.process.Wait() // it is killed in the end, which is an error to Wait
	}()
	t.Cleanup(func() { r.stop(t) })
	r.await(t)
	return r
}

// htpasswd writes a file with the one user, and returns the configuration that
// makes a registry read it.
func htpasswd(t *testing.T, dir string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(registryPassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "htpasswd")
	writeFile(t, file, fmt.Sprintf("%s:%s\n", registryUser, hash))
	return fmt.Sprintf("{htpasswd: {realm: e2e, path: %q}}", file)
}

// await returns when the registry answers, and demands credentials.
func (r *realRegistry) await(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(registryPatience); ; time.Sleep(20 * time.Millisecond) {
		response, err := r.client.Get("https://" + r.host + "/v2/")
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusUnauthorized {
				t.Fatalf("without a password the registry answers %s", response.Status)
			}
			return
		}
		select {
		case <-r.ended:
			t.Fatalf("the registry ended by itself:\n%s", r.log.Bytes())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the registry does not answer: %v", err)
		}
	}
}

// stop ends the process.
func (r *realRegistry) stop(t *testing.T) {
	t.Helper()
	_ = r.process.Process.Kill() // it may have ended
	<-r.ended
}

// login writes a docker configuration with a password for a registry and returns
// its folder.
func login(t *testing.T, host, password string) string {
	t.Helper()
	dir := t.TempDir()
	auth := base64.StdEncoding.EncodeToString([]byte(registryUser + ":" + password))
	writeFile(t, filepath.Join(dir, "config.json"), fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host, auth))
	return dir
}

// freePort returns a loopback address that nothing listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// writeCertificates makes an authority and a server's certificate for 127.0.0.1,
// writes ca.pem, server.pem and server.key to dir, and returns the authority.
func writeCertificates(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
	}
	ca := template(1, "plumb e2e authority")
	ca.IsCA, ca.KeyUsage = true, x509.KeyUsageCertSign
	server := template(2, "plumb e2e registry")
	server.IPAddresses, server.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost"}
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}

	caKey, serverKey := newKey(t), newKey(t)
	caPEM := sign(t, ca, ca, caKey, caKey)
	writeFile(t, filepath.Join(dir, "ca.pem"), string(caPEM))
	writeFile(t, filepath.Join(dir, "server.pem"), string(sign(t, server, ca, serverKey, caKey)))
	der, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "server.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(caPEM) {
		t.Fatal("the authority's certificate is not one")
	}
	return pool
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
