package cluster

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// kubeconfig is the part of a kubeconfig that plumb reads.
type kubeconfig struct {
	CurrentContext string `yaml:"current-context"`
	Contexts       []struct {
		Name    string
		Context struct{ Cluster, User, Namespace string }
	}
	Clusters []struct {
		Name    string
		Cluster cluster
	}
	Users []struct {
		Name string
		User user
	}
}

// cluster is a cluster of a kubeconfig.
type cluster struct {
	Server   string
	CA       string `yaml:"certificate-authority"`
	CAData   string `yaml:"certificate-authority-data"`
	Insecure bool   `yaml:"insecure-skip-tls-verify"`
}

// user is a user of a kubeconfig.
type user struct {
	Certificate     string `yaml:"client-certificate"`
	CertificateData string `yaml:"client-certificate-data"`
	Key             string `yaml:"client-key"`
	KeyData         string `yaml:"client-key-data"`
	Token           string
	TokenFile       string `yaml:"tokenFile"`
	Exec            any
	AuthProvider    any `yaml:"auth-provider"`
	Username        string
}

// FromKubeconfig returns a client for the current context of a kubeconfig, whose user has a
// certificate or a token. Credential plugins are not supported.
func FromKubeconfig(name string) (*Client, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var k kubeconfig
	if err := yaml.Unmarshal(data, &k); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c, err := k.client(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// client returns a client for the current context.
func (k *kubeconfig) client(dir string) (*Client, error) {
	for _, context := range k.Contexts {
		if context.Name != k.CurrentContext {
			continue
		}
		for _, cl := range k.Clusters {
			for _, u := range k.Users {
				if cl.Name == context.Context.Cluster && u.Name == context.Context.User {
					c, err := connect(cl.Cluster, u.User, dir)
					if err == nil {
						c.Namespace = context.Context.Namespace
					}
					return c, err
				}
			}
		}
	}
	return nil, fmt.Errorf("context %q, its cluster or its user not found", k.CurrentContext)
}

// connect returns a client for a cluster and a user. Files are relative to dir.
func connect(cl cluster, u user, dir string) (*Client, error) {
	switch {
	case cl.Insecure:
		return nil, errors.New("insecure-skip-tls-verify is not supported: name the CA of the " +
			"API server")
	case u.Exec != nil || u.AuthProvider != nil || u.Username != "":
		return nil, errors.New("unsupported user: exec, auth-provider and username are not " +
			"supported, only client certificates and tokens")
	}
	ca, err := inline(dir, cl.CA, cl.CAData)
	if err != nil {
		return nil, err
	}
	cert, err := inline(dir, u.Certificate, u.CertificateData)
	if err != nil {
		return nil, err
	}
	key, err := inline(dir, u.Key, u.KeyData)
	if err != nil {
		return nil, err
	}
	var pair *tls.Certificate
	if cert != nil || key != nil {
		one, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, err
		}
		pair = &one
	}
	c, err := newClient(cl.Server, ca, pair)
	if err != nil {
		return nil, err
	}
	switch {
	case u.Token != "":
		c.token = func() (string, error) { return u.Token, nil }
	case u.TokenFile != "":
		c.token = func() (string, error) {
			data, err := inline(dir, u.TokenFile, "")
			return string(bytes.TrimSpace(data)), err
		}
	}
	return c, nil
}

// inline returns data, which is in base64, or the content of a file, relative to dir.
func inline(dir, name, data string) ([]byte, error) {
	if data != "" {
		return base64.StdEncoding.DecodeString(data)
	}
	if name == "" {
		return nil, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	return os.ReadFile(name)
}
