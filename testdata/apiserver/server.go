package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// serve runs the API server until it ends.
func serve(f *files, etcd string, flags []string) error {
	cmd := app.NewAPIServerCommand()
	cmd.SetArgs(append([]string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", f.port),
		"--tls-cert-file=" + f.cert, "--tls-private-key-file=" + f.key,
		"--client-ca-file=" + f.ca,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + f.accountKey,
		"--service-account-key-file=" + f.accountKey,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=Node,RBAC",
		"--endpoint-reconciler-type=none",
		"--shutdown-delay-duration=0s",
		"--v=0",
	}, flags...))
	return cmd.Execute()
}

// await polls until the server says that it is ready.
func (f *files) await(ctx context.Context) error {
	pair, err := tls.LoadX509KeyPair(f.adminCert, f.adminKey)
	if err != nil {
		return err
	}
	ca, err := os.ReadFile(f.ca)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url()+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server is not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
