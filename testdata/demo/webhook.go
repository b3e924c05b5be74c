package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"time"
)

// webhookConfiguration has the API server ask plumb, at a URL with a certificate.
const webhookConfiguration = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: plumb}
webhooks:
  - name: enforce.plumb.dev
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    timeoutSeconds: 5
    clientConfig: {url: "https://%s/validate/enforce", caBundle: %s}
    namespaceSelector:
      matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: In, values: [shop]}
    rules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [pods, pods/ephemeralcontainers]
`

// startWebhook starts plumb on the repository, waits until it has loaded the lock, and
// returns the configuration of the webhook.
func (s *session) startWebhook(ctx context.Context) (configuration string, err error) {
	certificate, err := s.writeCertificate()
	if err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec plumb admission serve --dir . --log text "+
		"--cert ../tls.crt --key ../tls.key --listen 127.0.0.1:0 --listen-metrics ''")
	cmd.Dir, cmd.Env = s.dir, s.env
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return "", fmt.Errorf("plumb admission serve: %w", err)
	}
	addresses := make(chan string, 1)
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		followLog(stderr, addresses)
	}()
	s.ends = append(s.ends, func() { stop(); <-logged; _ = cmd.Wait() }) // it was killed
	select {
	case address := <-addresses:
		return fmt.Sprintf(webhookConfiguration, address,
			base64.StdEncoding.EncodeToString(certificate)), nil
	case <-logged:
		return "", errors.New("plumb admission serve ended")
	case <-time.After(30 * time.Second):
		return "", errors.New("plumb admission serve does not serve the lock")
	}
}

// followLog reads plumb's log to its end, and sends the address that plumb listens at once
// it has loaded the lock, too.
func followLog(log io.Reader, addresses chan<- string) {
	address, served := "", false
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if _, after, found := strings.Cut(lines.Text(), "msg=listening webhook="); found {
			address, _, _ = strings.Cut(after, " ")
		}
		served = served || strings.Contains(lines.Text(), "serving a new lock")
		if address != "" && served {
			addresses <- address
			address = ""
		}
	}
}

// writeCertificate writes a certificate for 127.0.0.1 and its key beside the repository,
// and returns the certificate, which is its own authority.
func (s *session) writeCertificate() ([]byte, error) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return nil, err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	return certificate, errors.Join(os.WriteFile(s.beside("tls.crt"), certificate, 0o644),
		os.WriteFile(s.beside("tls.key"), keyPEM, 0o600))
}
