package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/policy"
)

// holders are what the values of external fields are taken from.
type holders struct {
	manifests  map[policy.Holder][]policy.Document
	publicKeys []string // files, with "URI=" before them where there are several
	cluster    bool
	namespace  string
	unasked    error // of a cluster that could not be asked
}

func newHolders(c *ucli.Context) (*holders, error) {
	h := &holders{manifests: map[policy.Holder][]policy.Document{}, publicKeys: c.StringSlice("public-key"),
		cluster: cli.IsSet(c, "from-cluster"), namespace: c.String("namespace")}
	if c.IsSet("namespace") && !h.cluster {
		return nil, cli.UsageError("--namespace goes with --from-cluster")
	}
	for flag, holder := range map[string]policy.Holder{"secret": policy.Secret, "config-map": policy.ConfigMap} {
		for _, file := range c.StringSlice(flag) {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, cli.UsageError("--%s: %w", flag, err)
			}
			h.manifests[holder] = append(h.manifests[holder], policy.Document{File: file, Data: data})
		}
	}
	return h, nil
}

// status is that of a run that failed.
func (h *holders) status() int {
	if h.unasked != nil {
		return cli.ExitCannotTell
	}
	return cli.ExitUsage
}

// fill returns the external fields of a file with their values. The error joins what is wrong
// with each of them.
func (h *holders) fill(ctx context.Context, doc policy.Document) ([]policy.Inlined, error) {
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
			text, err = h.service(f, len(services) == 1)
		} else {
			text, err = h.object(ctx, f)
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
func (h *holders) object(ctx context.Context, f policy.External) ([]byte, error) {
	for _, doc := range h.manifests[f.Holder] {
		if text, ok, err := f.Value(doc); ok || err != nil {
			return text, err
		}
	}
	if !h.cluster {
		flag := map[policy.Holder]string{policy.Secret: "--secret", policy.ConfigMap: "--config-map"}[f.Holder]
		return nil, f.Errorf("%s is in no file that was given: give its manifest by %s, or ask the cluster by --from-cluster", f, flag)
	}
	namespace := f.Namespace
	if namespace == "" {
		namespace = h.namespace
	}
	kind := strings.ToLower(string(f.Holder))
	cmd := exec.CommandContext(ctx, "kubectl", "get", kind, "--namespace="+namespace, "--output=json", "--", f.Name)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	data, err := cmd.Output()
	if err != nil {
		h.unasked = err
		return nil, f.Errorf("kubectl get %s --namespace=%s %s: %v: %s", kind, namespace, f.Name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	text, ok, err := f.Value(policy.Document{File: "kubectl", Data: data})
	if err == nil && !ok {
		err = f.Errorf("kubectl has answered with something else than %s", f)
	}
	return text, err
}

// service returns the key that a key service printed. only says that there is no other
// service, so that --public-key need not name it.
func (h *holders) service(f policy.External, only bool) ([]byte, error) {
	i := slices.IndexFunc(h.publicKeys, func(k string) bool { return strings.HasPrefix(k, f.Name+"=") })
	file := ""
	switch {
	case i >= 0:
		file = strings.TrimPrefix(h.publicKeys[i], f.Name+"=")
	case only && len(h.publicKeys) == 1:
		file = h.publicKeys[0]
	default:
		give := "FILE"
		if !only {
			give = cli.ShellWord(f.Name) + "=FILE"
		}
		return nil, f.Errorf("a key service is not asked: run cosign public-key --key %s > FILE and give --public-key %s", cli.ShellWord(f.Name), give)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--public-key: %w", err)
	}
	return data, nil
}
