package cluster_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// served is the certificate that a replica serves.
func (c *liveCluster) served(t *testing.T, k *webhook.SelfSigned) []byte {
	t.Helper()
	pair, err := k.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Certificate[0]
}

// bundles are the caBundles of the webhook.
func (c *liveCluster) bundles(t *testing.T) []string {
	t.Helper()
	var w struct {
		Webhooks []struct{ ClientConfig struct{ CABundle string } }
	}
	if err := json.Unmarshal([]byte(c.run(t, "", "get", "validatingwebhookconfiguration",
		"plumb-admission", "-o", "json")), &w); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, one := range w.Webhooks {
		bundle, err := base64.StdEncoding.DecodeString(one.ClientConfig.CABundle)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(bundle))
	}
	return out
}

// trusts fails unless API servers trust what a replica serves, for its Service and
// nothing else.
func (c *liveCluster) trusts(t *testing.T, k *webhook.SelfSigned, at time.Time) {
	t.Helper()
	leaf, err := x509.ParseCertificate(c.served(t, k))
	if err != nil {
		t.Fatal(err)
	}
	bundles := c.bundles(t)
	if len(bundles) != 2 {
		t.Fatalf("%d webhooks, want 2", len(bundles))
	}
	for _, bundle := range bundles {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM([]byte(bundle))
		o := x509.VerifyOptions{Roots: pool, CurrentTime: at,
			DNSName: "plumb-admission.plumb-system.svc"}
		if _, err := leaf.Verify(o); err != nil {
			t.Error(err)
		}
		o.DNSName = "kubernetes.default.svc"
		if _, err := leaf.Verify(o); err == nil {
			t.Errorf("it is good for %s too", o.DNSName)
		}
	}
}
