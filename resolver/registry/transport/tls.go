package transport

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
)

// newBase returns a transport that keeps as many connections open as are in use at
// once.
func newBase(options Options) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = 0
	t.OnProxyConnectResponse = checkConnect
	t.MaxIdleConnsPerHost = options.Concurrency
	for _, h := range options.Hosts {
		t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, h.Concurrency)
	}
	return t
}

// withCAFile returns a copy of a transport that also trusts the authorities in a file.
func withCAFile(t http.RoundTripper, file string) (http.RoundTripper, error) {
	plain, ok := t.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("a CA file needs an *http.Transport, not a %T", t)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the CA file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("CA file %s: no certificate in PEM form", file)
	}
	plain = plain.Clone()
	if plain.TLSClientConfig == nil {
		plain.TLSClientConfig = new(tls.Config)
	}
	plain.TLSClientConfig.RootCAs = pool
	return plain, nil
}
