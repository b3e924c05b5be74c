package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/verify/admission/vap"
	"github.com/plumb-dev/plumb/verify/cluster"
)

// comparePolicy says in what the cluster's policy is not what would be printed.
func (s *session) comparePolicy(c *ucli.Context, o vap.Options) error {
	if c.IsSet("from") && c.IsSet("context") {
		return cli.UsageError("--from and --context are mutually exclusive")
	}
	live, err := s.liveObjects(c, o)
	if err != nil {
		return err
	}
	differences, err := o.Compare(live)
	if err != nil {
		return generateError(err)
	}
	return s.printDifferences(differences)
}

// liveObjects reads the objects of --from, or gets them from the cluster.
func (s *session) liveObjects(c *ucli.Context, o vap.Options) ([]map[string]any, error) {
	if _, err := o.Refs(); err != nil {
		return nil, generateError(err)
	}
	if c.IsSet("from") {
		objects, err := s.readObjects(c.String("from"), s.Dir)
		if err == nil && len(objects) == 0 {
			err = fmt.Errorf("%s: no objects", c.String("from")) // as of a kubectl that failed
		}
		return objects, cli.CannotTell(err)
	}
	objects, err := o.Live(c.Context, cluster.Kubectl{Context: c.String("context")}.Get)
	if errors.Is(err, cluster.ErrNoKubectl) {
		err = fmt.Errorf("%w: to compare its output from elsewhere: --from FILE", err)
	}
	return objects, cli.CannotTell(err)
}

func (s *session) printDifferences(differences []vap.Difference) error {
	code := cli.ExitYes
	if len(differences) > 0 {
		code = cli.ExitNo
	}
	if s.JSON() {
		if err := s.PrintJSON(struct {
			Schema      string           `json:"schema"`
			OK          bool             `json:"ok"`
			Differences []vap.Difference `json:"differences"`
		}{"plumb.dev/admission-policy/v1", code == cli.ExitYes,
			append([]vap.Difference{}, differences...)}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, d := range differences {
		s.Printf("%s: %s\n", strings.Join(append([]string{d.Object}, cli.NonEmpty(d.Field)...),
			": "), d.Message)
	}
	if code != cli.ExitYes {
		s.Hintf("%s; to fix it: plumb admission policy with the same flags | kubectl apply "+
			"--server-side --force-conflicts -f -\n",
			cli.Count(len(differences), "difference", "differences"))
	}
	return cli.Status(code)
}

// readObjects reads objects from a file below dir, or from standard input.
func (s *session) readObjects(name, dir string) ([]map[string]any, error) {
	in := s.Stdin
	if name != "-" {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was read only
		in = f
	}
	objects, err := cluster.ReadObjects(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return objects, nil
}
