package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	ucli "github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission/generate"
)

// comparePolicy says in what the cluster's policy is not what would be printed.
func (s *session) comparePolicy(c *ucli.Context, o generate.PolicyOptions) error {
	refs, err := o.Refs()
	if err != nil {
		return generateError(err)
	}
	var live []map[string]any
	if c.IsSet("from") {
		if c.IsSet("context") {
			return cli.UsageError("--from and --context exclude one another")
		}
		live, err = s.objectsFrom(c.String("from"))
	} else {
		live, err = standing(c.Context, c.String("context"), refs)
	}
	if err != nil {
		return cli.CannotTell(err)
	}
	differences, err := o.Compare(live)
	if err != nil {
		return generateError(err)
	}
	return s.printDifferences(differences)
}

func (s *session) printDifferences(differences []generate.Difference) error {
	code := cli.ExitYes
	if len(differences) > 0 {
		code = cli.ExitNo
	}
	if s.JSON() {
		if err := s.PrintJSON(struct {
			Schema      string                `json:"schema"`
			OK          bool                  `json:"ok"`
			Differences []generate.Difference `json:"differences"`
		}{"plumb.dev/admission-policy/v1", code == cli.ExitYes, append([]generate.Difference{}, differences...)}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, d := range differences {
		s.Printf("%s: %s\n", strings.Join(append([]string{d.Object}, cli.NonEmpty(d.Field)...), ": "), d.Message)
	}
	if code != cli.ExitYes {
		s.Hintf("%s; to renew it: plumb admission policy with the same flags | kubectl apply --server-side --force-conflicts -f -\n",
			cli.Count(len(differences), "difference", "differences"))
	}
	return cli.Status(code)
}

// maxLive bounds what is read of a cluster's objects, in bytes.
const maxLive = 64 << 20

// objectsFrom reads objects from a file, or from standard input.
func (s *session) objectsFrom(name string) ([]map[string]any, error) {
	in := s.Stdin
	if name != "-" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(s.Dir, name)
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was read only
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxLive+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxLive {
		return nil, fmt.Errorf("%s: holds more than %d bytes", name, maxLive)
	}
	objects, err := parseObjects(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(objects) == 0 {
		return nil, fmt.Errorf("%s: holds no object", name) // as of a kubectl that failed
	}
	return objects, nil
}

// parseObjects reads YAML or JSON, and takes Lists apart.
func parseObjects(text []byte) ([]map[string]any, error) {
	var out []map[string]any
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var object map[string]any
		if err := d.Decode(&object); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		items, isList := object["items"].([]any)
		if !isList {
			if object != nil {
				out = append(out, object)
			}
			continue
		}
		for _, item := range items {
			if object, ok := item.(map[string]any); ok {
				out = append(out, object)
			}
		}
	}
}

// standing asks kubectl for objects. What the cluster does not have is left out.
func standing(ctx context.Context, kubeContext string, refs []generate.Ref) ([]map[string]any, error) {
	var out []map[string]any
	defined := map[string]bool{} // kinds that a definition makes known
	for _, r := range refs {
		if r.Kind == generate.DigestListKind && !defined[r.Kind] {
			continue // a kind that is not known is an error to kubectl
		}
		text, err := kubectl(ctx, kubeContext, "get", "--ignore-not-found", "-o", "json", r.Resource())
		if err != nil {
			return nil, err
		}
		objects, err := parseObjects(text)
		if err != nil {
			return nil, fmt.Errorf("kubectl get %s: %w", r, err)
		}
		if r.Kind == "CustomResourceDefinition" && len(objects) > 0 {
			defined[generate.DigestListKind] = true
		}
		out = append(out, objects...)
	}
	return out, nil
}

// kubectl runs it, and returns what it prints.
func kubectl(ctx context.Context, kubeContext string, args ...string) ([]byte, error) {
	if kubeContext != "" {
		args = append([]string{"--context", kubeContext}, args...)
	}
	cmd := exec.CommandContext(ctx, "kubectl", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("kubectl is not in PATH: to compare what it printed elsewhere: --from FILE")
	case err != nil:
		// Not wrapped: kubectl's exit status is not plumb's.
		return nil, fmt.Errorf("kubectl %s: %v\n%s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
