package main

import (
	"bytes"
	"context"
	"errors"
	"os"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/resolver/external"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/report"
)

func policyImportCommand(io *cli.IO) *ucli.Command {
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
			&ucli.StringSliceFlag{Name: "public-key",
				Usage: "read the public key of a key management service from `FILE`; URI=FILE " +
					"if there are several"},
			&ucli.BoolFlag{Name: "from-cluster",
				Usage: "run kubectl, in its current context, to get what no file has"},
			&ucli.StringFlag{Name: "namespace", Value: "cosign-system",
				Usage: "with --from-cluster: look in namespace `NAME` for references that name none"},
			&ucli.BoolFlag{Name: "check", Usage: "write nothing; exit 1 if a file would change"},
			&ucli.BoolFlag{Name: "diff",
				Usage: "write nothing; print the changes as a patch; exit 1 if there are any"},
		},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			o := &policyImportOptions{IO: io, files: c.Args().Slice(),
				check: cli.IsSet(c, "check"), diff: cli.IsSet(c, "diff")}
			var err error
			if o.sources, err = externalSources(c); err != nil {
				return err
			}
			return o.run(c.Context)
		},
	}
}

// externalSources reads the flags that say what the values are taken from.
func externalSources(c *ucli.Context) (*external.Sources, error) {
	s := &external.Sources{
		Manifests:  map[policy.Holder][]policy.Document{},
		PublicKeys: c.StringSlice("public-key"),
		Cluster:    cli.IsSet(c, "from-cluster"), Namespace: c.String("namespace"),
	}
	if c.IsSet("namespace") && !s.Cluster {
		return nil, cli.UsageError("--namespace needs --from-cluster")
	}
	holders := map[string]policy.Holder{"secret": policy.Secret, "config-map": policy.ConfigMap}
	for flag, holder := range holders {
		for _, file := range c.StringSlice(flag) {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, cli.UsageError("--%s: %w", flag, err)
			}
			s.Manifests[holder] = append(s.Manifests[holder], policy.Document{File: file, Data: data})
		}
	}
	return s, nil
}

// policyImportOptions are what plumb policy import is to do.
type policyImportOptions struct {
	*cli.IO
	files       []string
	sources     *external.Sources
	check, diff bool
}

// imported is a field that was replaced, in the document
// plumb.dev/policy-import/v1.
type imported struct {
	report.Place
	Field string `json:"field"`
	From  string `json:"from"`
}

func (o *policyImportOptions) run(ctx context.Context) error {
	requests, err := lockroot.Find(ctx, o.Dir, o.files)
	if err != nil {
		return cli.Fail(err)
	}
	w := o.Writer(o.check || o.diff)
	defer w.Close()
	var (
		edits []lockroot.Edit
		errs  []error
	)
	done := []imported{}
	for _, q := range requests {
		t, err := w.Open(ctx, q.Dir)
		if err != nil {
			return cli.Fail(err)
		}
		r, err := lockroot.Read(ctx, q.Dir, t, o.Dir)
		if err != nil {
			return cli.Fail(err)
		}
		r.Paths = q.Paths
		files, err := o.policyFiles(ctx, r)
		if err != nil {
			return cli.Fail(err)
		}
		edit, found, err := o.importRoot(ctx, r, files)
		errs = append(errs, err)
		edits, done = append(edits, edit), append(done, found...)
	}
	if err := errors.Join(errs...); err != nil {
		var cluster *external.ClusterError
		if errors.As(err, &cluster) {
			return cli.CannotTell(err)
		}
		return cli.AsUsage(err)
	}
	code, err := rewrite(ctx, o.IO, w, edits, o.diff)
	if err != nil {
		return err
	}
	return o.print(done, code)
}

// importRoot finds what one lock root's policies get. The error joins all that stands
// against it.
func (o *policyImportOptions) importRoot(
	ctx context.Context, r *lockroot.Root, files []lockroot.PolicyFile,
) (lockroot.Edit, []imported, error) {
	edit := lockroot.Edit{Root: r}
	var (
		all  []imported
		errs []error
	)
	for _, file := range files {
		doc := policy.Document{File: r.Display(file.File), Data: file.Data}
		fields, err := o.sources.Fill(ctx, doc)
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
			edit.Writes = append(edit.Writes, tree.Write{Path: file.File, Old: doc.Data, New: text})
		}
		for _, f := range fields {
			place := report.Place{File: f.File, Line: f.Line, Column: f.Column}
			all = append(all, imported{place, f.Path, f.External.String()})
		}
	}
	return edit, all, errors.Join(errs...)
}

// policyFiles reads the policy files that the command line names, or all of a lock
// root.
func (o *policyImportOptions) policyFiles(
	ctx context.Context, r *lockroot.Root,
) ([]lockroot.PolicyFile, error) {
	if r.Paths == nil {
		return r.PolicyFiles(ctx)
	}
	var files []lockroot.PolicyFile
	for _, path := range r.Paths {
		data, err := r.Tree.Read(ctx, path)
		if err != nil {
			return nil, cli.UsageError("reading %s: %w", r.Display(path), err)
		}
		files = append(files, lockroot.PolicyFile{File: path, Data: data})
	}
	return files, nil
}

// rewrite writes the files of lock roots or, where the writer is dry, prints with diff
// what it would write. It returns the exit status.
func rewrite(
	ctx context.Context, io *cli.IO, w *lockroot.Writer, edits []lockroot.Edit, diff bool,
) (int, error) {
	base, err := io.RepositoryTop(ctx)
	if err != nil {
		return 0, cli.CannotTell(err)
	}
	code := cli.ExitYes
	for _, e := range edits {
		if len(e.Writes) > 0 && w.Dry {
			code = cli.ExitNo
		}
		for _, one := range e.Writes {
			if diff && !io.JSON() {
				io.Printf("%s", one.Patch(lockroot.Relative(base, e.Root.Dir, one.Path)))
			}
		}
	}
	if w.Dry {
		return code, nil
	}
	return code, cli.CannotTell(w.WriteAll(ctx, edits))
}

func (o *policyImportOptions) print(done []imported, code int) error {
	if o.JSON() {
		if err := o.PrintJSON(struct {
			Schema   string     `json:"schema"`
			OK       bool       `json:"ok"`
			Imported []imported `json:"imported"`
		}{"plumb.dev/policy-import/v1", code == cli.ExitYes, done}); err != nil {
			return err
		}
		return cli.Status(code)
	}
	for _, one := range done {
		if !o.diff {
			o.Printf("%s:%d:%d: %s from %s\n", one.File, one.Line, one.Column, one.Field, one.From)
		}
	}
	if len(done) == 0 {
		o.Hintf("nothing to import: no policy refers to a Secret, a ConfigMap or a key service\n")
	}
	return cli.Status(code)
}
