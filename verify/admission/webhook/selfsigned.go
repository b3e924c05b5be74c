package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/verify/cluster"
)

// SelfSigned is a certificate by a CA of its own. Both are kept in a Secret, which all
// replicas share, renewed in time, and made known to the API servers.
type SelfSigned struct {
	// Cluster is the client for the Secret and the webhook.
	Cluster *cluster.Client
	// Namespace is that of the Secret and the Service.
	Namespace string
	// Service is the one that API servers connect to.
	Service string
	// Secret keeps the certificate and the CA.
	Secret string
	// Webhook is the ValidatingWebhookConfiguration whose caBundle is kept up to date.
	Webhook string
	// Failed is called by Run if the certificate or the caBundle may be out of date; nil: it
	// is not.
	Failed func(error)
	// Now is the clock; nil for the system's.
	Now func() time.Time

	mu      sync.RWMutex
	current *tls.Certificate
}

// The times between refreshes. Another replica may have renewed the certificate, and the
// webhook may have been installed again, without a caBundle.
const (
	refreshInterval = time.Minute
	retryInterval   = time.Second // after a failure, and longer each time
)

// attempts bounds the retries after a conflict with another replica.
const attempts = 10

// Get returns the certificate for a connection (tls.Config.GetCertificate).
func (s *SelfSigned) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current == nil {
		return nil, errors.New("no certificate yet")
	}
	return s.current, nil
}

// Run keeps the certificate until ctx ends.
func (s *SelfSigned) Run(ctx context.Context) {
	wait := retryInterval
	for {
		err := s.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait = refreshInterval
		default:
			wait = min(2*wait, refreshInterval)
			if s.Failed != nil {
				s.Failed(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Refresh reads the Secret, or creates or renews the certificate in it, makes the API servers
// trust its CA, and then serves it. If the Secret cannot be read, the current certificate is
// kept.
func (s *SelfSigned) Refresh(ctx context.Context) error {
	p, err := s.agree(ctx)
	if err != nil {
		return fmt.Errorf("secret %s/%s: %w", s.Namespace, s.Secret, err)
	}
	if err := s.publish(ctx, p.bundle()); err != nil && s.first() {
		s.serve(p) // the webhook may be installed later
		return err
	} else if err != nil {
		return err
	}
	s.serve(p)
	return nil
}

func (s *SelfSigned) first() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.current == nil
}

func (s *SelfSigned) serve(p *pair) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = &p.leaf
}

// agree returns the Secret's certificate, once it is good: of two replicas that create one at
// the same time, one takes that of the other.
func (s *SelfSigned) agree(ctx context.Context) (*pair, error) {
	host := s.Service + "." + s.Namespace + ".svc"
	for range attempts {
		secret, err := s.Cluster.Secret(ctx, s.Namespace, s.Secret)
		missing := cluster.IsNotFound(err)
		if err != nil && !missing {
			return nil, err
		}
		p, err := readPair(secret.Data)
		if err != nil {
			return nil, err
		}
		if p.good(host, s.now()) {
			return p, nil
		}
		if p, err = p.renewed(host, s.now()); err != nil {
			return nil, err
		}
		switch err := s.write(ctx, secret, missing, p); {
		case err == nil:
			return p, nil
		case !cluster.IsConflict(err) && !cluster.IsNotFound(err):
			return nil, err
		}
	}
	return nil, errors.New("too many conflicts")
}

func (s *SelfSigned) write(ctx context.Context, secret *cluster.Secret, missing bool,
	p *pair) error {
	data, err := p.secret()
	if err != nil {
		return err
	}
	if !missing {
		secret.Data = data
		return s.Cluster.UpdateSecret(ctx, *secret)
	}
	meta := cluster.Meta{Name: s.Secret, Namespace: s.Namespace,
		Labels: map[string]string{"app.kubernetes.io/part-of": "plumb"}}
	return s.Cluster.CreateSecret(ctx,
		cluster.Secret{Metadata: meta, Type: "kubernetes.io/tls", Data: data})
}

// publish makes API servers trust the CAs.
func (s *SelfSigned) publish(ctx context.Context, ca []byte) error {
	var err error
	for range attempts {
		if err = s.Cluster.SetCA(ctx, s.Webhook, ca); !cluster.IsConflict(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("caBundle of ValidatingWebhookConfiguration %s: %w", s.Webhook, err)
	}
	return nil
}

func (s *SelfSigned) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
