package cert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/verify/cluster"
)

// Cluster is what a Kept asks of an API server (cluster.Client).
type Cluster interface {
	Secret(ctx context.Context, namespace, name string) (*cluster.Secret, error)
	CreateSecret(context.Context, cluster.Secret) error
	UpdateSecret(context.Context, cluster.Secret) error
	SetCA(ctx context.Context, configuration string, ca []byte) error
}

// Kept is a certificate that is kept in a Secret.
type Kept struct {
	Cluster   Cluster
	Namespace string // of the Secret, and of the Service
	Service   string // that API servers ask
	Secret    string
	// Webhook is the ValidatingWebhookConfiguration whose caBundle is kept up to date.
	Webhook string
	// Failed is told by Run why the certificate or the caBundle may be out of date; nil: nobody
	// is.
	Failed func(error)
	// Now is the clock; nil for the system's.
	Now func() time.Time

	mu      sync.RWMutex
	current *tls.Certificate
}

// The Secret and the webhook are looked at every so often: a replica may have renewed
// the one, and somebody may have installed the other anew, without a caBundle.
const (
	every = time.Minute
	soon  = time.Second // after a failure, and longer each time
)

// attempts bounds how often a replica tries when another is first.
const attempts = 10

// Get returns the certificate for a connection (tls.Config.GetCertificate).
func (k *Kept) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.current == nil {
		return nil, errors.New("there is no certificate yet")
	}
	return k.current, nil
}

// Run keeps the certificate until ctx ends.
func (k *Kept) Run(ctx context.Context) {
	wait := soon
	for {
		err := k.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			wait = every
		default:
			wait = min(2*wait, every)
			if k.Failed != nil {
				k.Failed(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Refresh reads the Secret, or makes or renews what is in it, has the API servers
// trust its CA, and then serves it. Where the Secret is out of reach, what is served
// is served on.
func (k *Kept) Refresh(ctx context.Context) error {
	p, err := k.agree(ctx)
	if err != nil {
		return fmt.Errorf("secret %s/%s: %w", k.Namespace, k.Secret, err)
	}
	if err := k.publish(ctx, p.bundle()); err != nil && k.first() {
		k.serve(p) // whoever installs the webhook later is told then
		return err
	} else if err != nil {
		return err
	}
	k.serve(p)
	return nil
}

func (k *Kept) first() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current == nil
}

func (k *Kept) serve(p *pair) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current = &p.leaf
}

// agree returns what the Secret holds, once it is good: of two replicas that make it
// at the same time, one takes what the other has made.
func (k *Kept) agree(ctx context.Context) (*pair, error) {
	host := k.Service + "." + k.Namespace + ".svc"
	for range attempts {
		s, err := k.Cluster.Secret(ctx, k.Namespace, k.Secret)
		missing := cluster.IsNotFound(err)
		if err != nil && !missing {
			return nil, err
		}
		p, err := read(s.Data)
		if err != nil {
			return nil, err
		}
		if p.good(host, k.now()) {
			return p, nil
		}
		if p, err = p.renewed(host, k.now()); err != nil {
			return nil, err
		}
		switch err := k.write(ctx, s, missing, p); {
		case err == nil:
			return p, nil
		case !cluster.IsConflict(err) && !cluster.IsNotFound(err):
			return nil, err
		}
	}
	return nil, errors.New("others change it all the time")
}

func (k *Kept) write(ctx context.Context, s *cluster.Secret, missing bool, p *pair) error {
	data, err := p.secret()
	if err != nil {
		return err
	}
	if !missing {
		s.Data = data
		return k.Cluster.UpdateSecret(ctx, *s)
	}
	return k.Cluster.CreateSecret(ctx, cluster.Secret{Metadata: cluster.Meta{Name: k.Secret, Namespace: k.Namespace,
		Labels: map[string]string{"app.kubernetes.io/part-of": "plumb"}}, Type: "kubernetes.io/tls", Data: data})
}

// publish has API servers trust the CAs.
func (k *Kept) publish(ctx context.Context, ca []byte) error {
	var err error
	for range attempts {
		if err = k.Cluster.SetCA(ctx, k.Webhook, ca); !cluster.IsConflict(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("the caBundle of the ValidatingWebhookConfiguration %s: %w", k.Webhook, err)
	}
	return nil
}

func (k *Kept) now() time.Time {
	if k.Now == nil {
		return time.Now()
	}
	return k.Now()
}
