package chart

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// base returns what sends the requests to a repository, and the proxy that it uses.
func (s *sender) base(r request) (
	http.RoundTripper, func(*http.Request) (*url.URL, error), error,
) {
	var files tlsFiles
	if r.url.Host == r.repo.url.Host {
		files = r.repo.account.files
	}
	if files.ca == "" {
		files.ca = s.hosts[r.url.Host].CAFile
	}
	given, plain := s.given.(*http.Transport)
	switch {
	case s.given == nil:
		given = http.DefaultTransport.(*http.Transport)
	case !plain && files != (tlsFiles{}):
		return nil, nil, fmt.Errorf("a CA file needs an *http.Transport, not a %T", s.given)
	case !plain:
		return s.given, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.bases[files]
	if t == nil {
		t = given.Clone()
		t.MaxIdleConnsPerHost = s.concurrency
		if err := files.apply(t); err != nil {
			return nil, nil, err
		}
		s.bases[files] = t
	}
	return t, t.Proxy, nil
}

// apply has a transport trust and show the certificates in the files.
func (f tlsFiles) apply(t *http.Transport) error {
	if f == (tlsFiles{}) {
		return nil
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = new(tls.Config)
	}
	if f.ca != "" {
		data, err := os.ReadFile(f.ca)
		if err != nil {
			return fmt.Errorf("reading the CA file: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(data) {
			return fmt.Errorf("CA file %s: no certificate in PEM form", f.ca)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if f.cert == "" && f.key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return errors.New("certificate " + f.cert + " or key " + f.key + ": " + err.Error())
	}
	t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	return nil
}

// close closes the connections that are not in use.
func (s *sender) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.bases {
		t.CloseIdleConnections()
	}
}
