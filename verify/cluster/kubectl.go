package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// Kubectl runs kubectl, which has the user's own credentials for a cluster. The zero
// Kubectl uses the current context.
type Kubectl struct {
	// Context is a context of the kubeconfig; "" for the current one.
	Context string
}

// ErrNoKubectl is the error if kubectl is not installed.
var ErrNoKubectl = errors.New("kubectl is not in PATH")

// Get returns objects of a resource as kubectl names it: "Kind.version.group/name". An
// object that does not exist is not an error; a kind that does not exist is.
func (k Kubectl) Get(ctx context.Context, resource string) ([]map[string]any, error) {
	text, err := k.run(ctx, "get", "--ignore-not-found", "-o", "json", resource)
	if err != nil {
		return nil, err
	}
	objects, err := ReadObjects(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("kubectl get %s: %w", resource, err)
	}
	return objects, nil
}

// GetOne returns one object of a namespace as JSON. An object that does not exist is an
// error.
func (k Kubectl) GetOne(ctx context.Context, kind, namespace, name string) ([]byte, error) {
	return k.run(ctx, "get", kind, "--namespace="+namespace, "--output=json", "--", name)
}

// run runs kubectl and returns what it prints.
func (k Kubectl) run(ctx context.Context, args ...string) ([]byte, error) {
	if k.Context != "" {
		args = append([]string{"--context", k.Context}, args...)
	}
	cmd := exec.CommandContext(ctx, "kubectl", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	ended := trace.Command(ctx, "kubectl", args...)
	out, err := cmd.Output()
	ended(err)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, ErrNoKubectl
	case err != nil:
		// Not wrapped: kubectl's exit status is not plumb's.
		return nil, fmt.Errorf("kubectl %s: %v\n%s", strings.Join(args, " "), err,
			strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
