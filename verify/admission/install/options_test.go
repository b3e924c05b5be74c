package install

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/admission"
)

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		option string // that is refused, "" for none
		change func(*Options)
	}{
		{"", func(*Options) {}},
		{"namespace", func(o *Options) { o.Namespace = "a.b" }},
		{"image", func(o *Options) { o.Image = "" }},
		{"image", func(o *Options) { o.Image = "registry.example.org/plumb:v1" }},
		{"image", func(o *Options) {
			o.Image = "registry.example.org/plumb@sha512:" + strings.Repeat("0a", 64)
		}},
		{"", func(o *Options) { o.Image = strings.Replace(image, "@", ":v1@", 1) }},
		{"replicas", func(o *Options) { o.Replicas = -1 }},
		{"mode", func(o *Options) { o.Mode = -1 }},
		{"git", func(o *Options) { o.Git = "" }},
		{"git", func(o *Options) { o.Git = "/srv/git/cluster.git" }},
		{"git", func(o *Options) { o.Git = "file:///srv/git/cluster.git" }},
		{"git", func(o *Options) { o.Git = "https://user:password@git.example.org/a.git" }},
		{"git", func(o *Options) { o.Git = "https://git.example.org:65536/a.git" }},
		{"", func(o *Options) { o.Git = "ssh://git@git.example.org:2222/a.git" }},
		{"branch", func(o *Options) { o.Branch = "a\nb" }},
		{"path", func(o *Options) { o.Paths = []string{"/etc"} }},
		{"credentials", func(o *Options) { o.Credentials = "Git" }},
		{"trust-commits", func(o *Options) { o.TrustCommits = "a/b" }},
		{"policy", func(o *Options) { o.Policy = "../x" }},
		{"exempt", func(o *Options) { o.Exempt = []string{"kube-*"} }},
		{"break-glass", func(o *Options) { o.BreakGlass = []string{""} }},
		{"resource", func(o *Options) { o.Resources = []string{"clusters"} }},
		{"resource", func(o *Options) { o.Resources = []string{"postgresql.cnpg.io/*"} }},
		{"certificates", func(o *Options) { o.Certificates = 0 }},
		{"ca-bundle", func(o *Options) { o.Certificates = CABundle }},
		{"ca-bundle", func(o *Options) {
			o.Certificates, o.CABundle = CABundle, []byte("-----BEGIN PRIVATE "+
				"KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
		}},
		{"", func(o *Options) { o.Certificates, o.CABundle = CABundle, certificatePEM(t) }},
	} {
		o := least()
		tt.change(&o)
		_, err := Manifests(o)
		var bad *admission.OptionError
		switch {
		case tt.option == "" && err != nil:
			t.Errorf("%+v: %v", o, err)
		case tt.option != "" && (!errors.As(err, &bad) || bad.Option != tt.option):
			t.Errorf("%+v: got %v, want an error of %s", o, err, tt.option)
		}
	}
}

func TestGitPort(t *testing.T) {
	for address, want := range map[string]int{
		"https://git.example.org/a": 443, "https://git.example.org:8443/a": 8443,
		"ssh://git@git.example.org/a": 22,
		"git@git.example.org:a/b":     22, "http://git.example.org/a": 80,
		"git://git.example.org/a": 9418,
	} {
		if got, err := gitPort(address); got != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", address, got, err, want)
		}
	}
}

func certificatePEM(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
