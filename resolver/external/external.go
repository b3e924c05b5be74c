// Package external finds the values that policies take from elsewhere: Secrets and
// ConfigMaps of a cluster, and the keys of key services.
package external

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/shell"
	"github.com/plumb-dev/plumb/verify/cluster"
	"github.com/plumb-dev/plumb/verify/policy"
)

// Sources are what the values of external fields are taken from.
type Sources struct {
	// Manifests hold Secrets and ConfigMaps.
	Manifests map[policy.Holder][]policy.Document
	// PublicKeys are files, with "URI=" before them where there are several key services.
	PublicKeys []string
	// Cluster queries the cluster with kubectl, in its current context, for what no
	// manifest holds.
	Cluster bool
	// Namespace is where policies do not say one.
	Namespace string
}

// ClusterError is the error of a cluster that could not be queried.
type ClusterError struct{ Err error }

// Error returns the cause.
func (e *ClusterError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ClusterError) Unwrap() error { return e.Err }

// Fill returns the external fields of a file with their values. The error joins the
// errors of all fields.
func (s *Sources) Fill(ctx context.Context, doc policy.Document) ([]policy.Inlined, error) {
	fields, err := policy.Externals(doc)
	if err != nil {
		return nil, err
	}
	services := map[string]bool{}
	for _, f := range fields {
		if f.Holder == policy.KMS {
			services[f.Name] = true
		}
	}
	var (
		out  []policy.Inlined
		errs []error
	)
	for _, f := range fields {
		var text []byte
		if f.Holder == policy.KMS {
			text, err = s.service(f, len(services) == 1)
		} else {
			text, err = s.object(ctx, f)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if f.Holder != policy.ConfigMap {
			text = append(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), '\n')
		}
		out = append(out, policy.Inlined{External: f, Text: text})
	}
	return out, errors.Join(errs...)
}

// object returns what a Secret or ConfigMap holds.
func (s *Sources) object(ctx context.Context, f policy.External) ([]byte, error) {
	for _, doc := range s.Manifests[f.Holder] {
		if text, ok, err := f.Value(doc); ok || err != nil {
			return text, err
		}
	}
	if !s.Cluster {
		flag := "--secret"
		if f.Holder == policy.ConfigMap {
			flag = "--config-map"
		}
		return nil, f.Errorf("%s is not in a file that was given: give its manifest with %s, "+
			"or query the cluster with --from-cluster", f, flag)
	}
	return s.query(ctx, f)
}

// query returns what a Secret or ConfigMap of the cluster holds.
func (s *Sources) query(ctx context.Context, f policy.External) ([]byte, error) {
	namespace := cmp.Or(f.Namespace, s.Namespace)
	kind := strings.ToLower(string(f.Holder))
	data, err := cluster.Kubectl{}.GetOne(ctx, kind, namespace, f.Name)
	if err != nil {
		return nil, &ClusterError{f.Errorf("%v", err)}
	}
	text, ok, err := f.Value(policy.Document{File: "kubectl", Data: data})
	if err == nil && !ok {
		err = f.Errorf("kubectl returned something else than %s", f)
	}
	return text, err
}

// service returns the public key of a key service, from a file. only says that there is
// no other service, so that --public-key need not name it.
func (s *Sources) service(f policy.External, only bool) ([]byte, error) {
	prefix := f.Name + "="
	i := slices.IndexFunc(s.PublicKeys, func(k string) bool { return strings.HasPrefix(k, prefix) })
	file := ""
	switch {
	case i >= 0:
		file = strings.TrimPrefix(s.PublicKeys[i], prefix)
	case only && len(s.PublicKeys) == 1:
		file = s.PublicKeys[0]
	default:
		give := "FILE"
		if !only {
			give = shell.Word(f.Name) + "=FILE"
		}
		return nil, f.Errorf("key services are not queried: "+
			"run cosign public-key --key %s > FILE and give --public-key %s", shell.Word(f.Name), give)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--public-key: %w", err)
	}
	return data, nil
}
