package webhook_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// pair writes a certificate of the given serial number and its key.
func pair(t *testing.T, dir string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial),
		Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der},
		"tls.key": {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// start serves an empty lock until stop is called or the test ends.
func start(t *testing.T, dir string, drain time.Duration) (hook, observe string, stop func()) {
	t.Helper()
	lock := &lockfile.Lock{}
	cert, err := webhook.NewCertificateFile(filepath.Join(dir, "tls.crt"),
		filepath.Join(dir, "tls.key"), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plumb.lock"), lock.Format(), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := make(chan error, 100)
	r := &admission.Reloader{Source: source.NewDir(dir, []string{"."}),
		Roots: []admission.Root{{Path: "."}}, Observe: func(err error) { loaded <- err }}
	m := webhook.NewMetrics(r)
	listening := make(chan [2]string, 1)
	s := &webhook.Server{Listen: "127.0.0.1:0", Observe: "127.0.0.1:0", Reloader: r, Metrics: m,
		Certificate: cert.Get, Secret: []byte("a secret of 16 b."),
		Handler: &webhook.Handler{State: r.State, Observe: func(_ *admission.Request,
			d admission.Decision, took time.Duration) {
			m.Reviewed(d, took)
		}},
		Log: slog.New(slog.DiscardHandler), Drain: drain,
		Ready: func(listen, observe string) { listening <- [2]string{listen, observe} }}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	at := <-listening
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	return at[0], at[1], stop
}

const unpinnedReview = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","object":{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","image":"nginx"}]}}}}`

// ask has the webhook deny an object.
func ask(t *testing.T, client *http.Client, hook string) {
	t.Helper()
	resp, err := client.Post("https://"+hook+"/validate", "application/json",
		strings.NewReader(unpinnedReview))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK ||
		!strings.Contains(string(answer), `"allowed":false`) {
		t.Fatalf("status %d, %v\n%s", resp.StatusCode, err, answer)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServer(t *testing.T) {
	dir := t.TempDir()
	pair(t, dir, 1)
	hook, observe, _ := start(t, dir, 0)
	serials := map[string]bool{}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
			VerifyConnection: func(c tls.ConnectionState) error {
				serials[c.PeerCertificates[0].SerialNumber.String()] = true
				return nil
			}}}}
	ask := func() { t.Helper(); ask(t, client, hook) }
	ask()
	pair(t, dir, 2)
	for deadline := time.Now().Add(20 * time.Second); !serials["2"] &&
		time.Now().Before(deadline); {
		ask()
	}
	if !serials["1"] || !serials["2"] {
		t.Errorf("the certificates served were %v", serials)
	}
	// Half of a pair is not served.
	if err := os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask()

	if status, text := get(t, "http://"+observe+"/metrics"); status != 200 ||
		!strings.Contains(text,
			`plumb_admission_requests_total{decision="denied",rule="unpinned"}`) ||
		!strings.Contains(text, "plumb_lock_info{commit=\"sha256:") ||
		!strings.Contains(text, "plumb_lock_age_seconds ") ||
		!strings.Contains(text, "plumb_lock_load_failures_total 0") {
		t.Errorf("metrics: %d\n%s", status, text)
	}
	if status, _ := get(t, "http://"+observe+"/healthz"); status != 200 {
		t.Errorf("healthz: %d", status)
	}
	if status, text := get(t, "http://"+observe+"/readyz"); status != 200 ||
		!strings.Contains(text, "lock: sha256:") {
		t.Errorf("readyz: %d %s", status, text)
	}
	if _, err := tls.Dial("tcp", hook, &tls.Config{InsecureSkipVerify: true,
		MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// TestServerDrains: a server that is to end says so first, and goes on answering.
func TestServerDrains(t *testing.T) {
	dir := t.TempDir()
	pair(t, dir, 1)
	hook, observe, stop := start(t, dir, 3*time.Second)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	stop()
	for {
		status, text := get(t, "http://"+observe+"/readyz")
		if status == http.StatusServiceUnavailable && strings.HasPrefix(text, "shutting down\n") {
			break
		}
	}
	ask(t, client, hook)
}

func TestSignal(t *testing.T) {
	const secret, body = "a secret of 16 b.", `{"ref":"refs/heads/main"}`
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	sum := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	for _, test := range []struct {
		name, method, header, value, secret string
		status                              int
	}{
		{"GitHub", "POST", "X-Hub-Signature-256", sum, secret, 202},
		{"GitHub, another body", "POST", "X-Hub-Signature-256", "sha256=" + strings.Repeat("0", 64),
			secret, 403},
		{"GitLab", "POST", "X-Gitlab-Token", secret, secret, 202},
		{"GitLab, wrong", "POST", "X-Gitlab-Token", secret + "x", secret, 403},
		{"a token", "POST", "Authorization", "Bearer " + secret, secret, 202},
		{"a wrong token", "POST", "Authorization", "Bearer", secret, 403},
		{"nothing", "POST", "X", "", secret, 403},
		{"no secret is set", "POST", "Authorization", "Bearer ", "", 403},
		{"read", "GET", "X-Gitlab-Token", secret, secret, 405},
	} {
		signals := 0
		w := httptest.NewRecorder()
		req := httptest.NewRequest(test.method, "/signal", strings.NewReader(body))
		req.Header.Set(test.header, test.value)
		webhook.Signal([]byte(test.secret), func() { signals++ }).ServeHTTP(w, req)
		if w.Code != test.status || (signals == 1) != (test.status == 202) {
			t.Errorf("%s: status %d, want %d; %d signals", test.name, w.Code, test.status, signals)
		}
	}
}
