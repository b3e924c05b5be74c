package main

import (
	"bytes"
	"context"
	"errors"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/policy"
)

func policyImportCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:      "import",
		Usage:     "copy keys and settings that policies refer to into the policies",
		ArgsUsage: "[FILE…]",
		Description: `Replaces secretRef, kms and configMapRef in policy files, in all of them or in
each FILE, by the data that they refer to, so that plumb can verify offline. All
other bytes stay as they are. Either all files are written or none.

plumb does not query a key management service: print its key with
cosign public-key --key URI, and pass it with --public-key.`,
		UsageText: `# Take a key from the manifest of a Secret
plumb policy import --secret key.yaml policies/web.yaml

# Take the public key of a key management service
plumb policy import --public-key web.pub policies/web.yaml

# Take all keys and settings from the cluster of the current context
plumb policy import --from-cluster

# Print the changes as a patch
plumb policy import --from-cluster --diff`,
		Flags: []ucli.Flag{
			&ucli.StringSliceFlag{Name: "secret", Usage: "read Secrets from the manifests in `FILE`"},
			&ucli.StringSliceFlag{Name: "config-map", Usage: "read ConfigMaps from the manifests in `FILE`"},
			&ucli.StringSliceFlag{Name: "public-key", Usage: "read the public key of a key management service from `FILE`; URI=FILE if there are several"},
			&ucli.BoolFlag{Name: "from-cluster", Usage: "run kubectl, in its current context, to get what no file has"},
			&ucli.StringFlag{Name: "namespace", Value: "cosign-system", Usage: "with --from-cluster: look in namespace `NAME` for references that name none"},
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a file would change"},
			&ucli.BoolFlag{Name: "diff", Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			h, err := newHolders(c)
			if err != nil {
				return err
			}
			return s.policyImport(c.Context, c.Args().Slice(), h, lockMode{check: cli.IsSet(c, "check"), diff: cli.IsSet(c, "diff")})
		},
	}
}

// imported is a field that was replaced, in the document
// plumb.dev/policy-import/v1.
type imported struct {
	spot
	Field string `json:"field"`
	From  string `json:"from"`
}

// rewriting is the files of one lock root that change.
type rewriting struct {
	root   *root
	work   *tree.WorkTree
	writes []tree.Write
}

func (s *session) policyImport(ctx context.Context, args []string, h *holders, m lockMode) error {
	requests, err := s.requests(ctx, args)
	if err != nil {
		return err
	}
	w := &writers{s: s, dry: m.dry(), trees: map[string]*tree.WorkTree{}}
	defer w.unlock()
	var (
		all  []rewriting
		done = []imported{}
		errs []error
	)
	for _, q := range requests {
		one, found, err := s.importRoot(ctx, w, q, h)
		var exit *cli.ExitError
		if errors.As(err, &exit) {
			return err
		}
		if err != nil {
			errs = append(errs, err)
		}
		all, done = append(all, one), append(done, found...)
	}
	if len(errs) > 0 {
		return &cli.ExitError{Status: h.status(), Err: errors.Join(errs...)}
	}
	return s.rewrite(ctx, all, m, func(code int) error { return s.printImported(done, code, m) })
}

// importRoot finds what one lock root's policies get. The error joins all that stands
// against it.
func (s *session) importRoot(ctx context.Context, w *writers, q request, h *holders) (rewriting, []imported, error) {
	t, err := w.open(ctx, q.dir)
	if err != nil {
		return rewriting{}, nil, cli.CannotTell(err)
	}
	r := &root{dir: q.dir, tree: t, paths: q.paths}
	if err := r.read(ctx, s); err != nil {
		return rewriting{}, nil, err
	}
	docs, err := s.namedPolicies(ctx, r)
	if err != nil {
		return rewriting{}, nil, err
	}
	out := rewriting{root: r, work: w.trees[q.dir]}
	var (
		all  []imported
		errs []error
	)
	for _, doc := range docs {
		name := doc.File
		doc.File = s.Display(r.dir, name)
		fields, err := h.fill(ctx, doc)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		text, err := policy.Inline(doc, fields)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if !bytes.Equal(text, doc.Data) {
			out.writes = append(out.writes, tree.Write{Path: name, Old: doc.Data, New: text})
		}
		for _, f := range fields {
			all = append(all, imported{spot{File: f.File, Line: f.Line, Column: f.Column}, f.Path, f.External.String()})
		}
	}
	return out, all, errors.Join(errs...)
}

// namedPolicies reads the policy files that the command line names, or all of a lock
// root.
func (s *session) namedPolicies(ctx context.Context, r *root) ([]policy.Document, error) {
	if r.paths == nil {
		docs, err := r.policyFiles(ctx)
		return docs, s.unreadPolicies(r, err)
	}
	var docs []policy.Document
	for _, path := range r.paths {
		data, err := r.tree.Read(ctx, path)
		if err != nil {
			return nil, cli.UsageError("reading %s: %w", s.Display(r.dir, path), err)
		}
		docs = append(docs, policy.Document{File: path, Data: data})
	}
	return docs, nil
}

// rewrite writes the files of all lock roots, or says what it would write, and then reports
// by report.
func (s *session) rewrite(ctx context.Context, all []rewriting, m lockMode, report func(code int) error) error {
	code, base := cli.ExitYes, ""
	var err error
	if base, err = s.RepositoryTop(ctx); err != nil {
		return cli.CannotTell(err)
	}
	var jobs []*job
	for _, one := range all {
		jobs = append(jobs, &job{root: one.root, work: one.work, writes: one.writes})
		if len(one.writes) > 0 && m.dry() {
			code = cli.ExitNo
		}
		for _, w := range one.writes {
			if m.diff && !s.JSON() {
				s.Printf("%s", unified(cli.Relative(base, one.root.dir, w.Path), w))
			}
		}
	}
	if !m.dry() {
		if err := s.write(ctx, jobs); err != nil {
			return cli.CannotTell(err)
		}
	}
	return report(code)
}

func (s *session) printImported(done []imported, code int, m lockMode) error {
	if s.JSON() {
		if err := s.PrintJSON(struct {
			Schema   string     `json:"schema"`
			OK       bool       `json:"ok"`
			Imported []imported `json:"imported"`
		}{"plumb.dev/policy-import/v1", code == cli.ExitYes, done}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, one := range done {
		if !m.diff {
			s.Printf("%s:%d:%d: %s from %s\n", one.File, one.Line, one.Column, one.Field, one.From)
		}
	}
	if len(done) == 0 {
		s.Hintf("nothing to import: no policy leaves a key to others\n")
	}
	return cli.Status(code)
}
