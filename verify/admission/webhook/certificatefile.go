package webhook

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// CertificateFile serves a certificate from files. It reads them again when they are
// replaced, as cert-manager does.
type CertificateFile struct {
	cert, key string
	every     time.Duration // the files are checked

	mu      sync.Mutex
	current *tls.Certificate
	seen    stamp
	looked  time.Time
	failed  func(error)
}

// stamp distinguishes versions of the two files.
type stamp struct{ cert, key fileStamp }

type fileStamp struct {
	changed time.Time
	size    int64
}

// NewCertificateFile reads a certificate and its key, both PEM. failed is called when the
// files that replace them are invalid; the old ones are kept then.
func NewCertificateFile(cert, key string, failed func(error)) (*CertificateFile, error) {
	c := &CertificateFile{cert: cert, key: key, every: time.Second, failed: failed}
	return c, c.load()
}

// Get returns the certificate for a connection (tls.Config.GetCertificate).
func (c *CertificateFile) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= c.every {
		c.looked = now
		if err := c.load(); err != nil && c.failed != nil {
			c.failed(err)
		}
	}
	return c.current, nil
}

// load reads the files if they have changed. They may be replaced one after the other: a
// pair that does not match is read again later.
func (c *CertificateFile) load() error {
	var now stamp
	var err error
	if now.cert, err = stampOf(c.cert); err != nil {
		return err
	}
	if now.key, err = stampOf(c.key); err != nil {
		return err
	}
	if c.current != nil && now == c.seen {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.cert, c.key, err)
	}
	c.current, c.seen = &pair, now
	return nil
}

func stampOf(name string) (fileStamp, error) {
	info, err := os.Stat(name)
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{info.ModTime(), info.Size()}, nil
}
