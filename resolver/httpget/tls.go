package httpget

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// TLSFiles are paths of PEM files, each "" if there is none.
type TLSFiles struct {
	CA        string // authorities to trust besides the system's
	Cert, Key string // what a client shows
}

// base returns what sends a request, and the proxy that it uses.
func (s *Sender) base(r Request) (
	http.RoundTripper, func(*http.Request) (*url.URL, error), error,
) {
	var files TLSFiles
	if r.URL.Host == r.home().Host {
		files = r.TLS
	}
	if files.CA == "" {
		files.CA = s.hosts[r.URL.Host].CAFile
	}
	given, plain := s.given.(*http.Transport)
	switch {
	case s.given == nil:
		given = http.DefaultTransport.(*http.Transport)
	case !plain && files != (TLSFiles{}):
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
func (f TLSFiles) apply(t *http.Transport) error {
	if f == (TLSFiles{}) {
		return nil
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = new(tls.Config)
	}
	if f.CA != "" {
		data, err := os.ReadFile(f.CA)
		if err != nil {
			return fmt.Errorf("reading the CA file: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(data) {
			return fmt.Errorf("CA file %s: no certificate in PEM form", f.CA)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if f.Cert == "" && f.Key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return errors.New("certificate " + f.Cert + " or key " + f.Key + ": " + err.Error())
	}
	t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	return nil
}

// Close closes the connections that are not in use.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.bases {
		t.CloseIdleConnections()
	}
}
