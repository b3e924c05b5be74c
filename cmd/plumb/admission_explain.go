package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/cluster"
	"github.com/plumb-dev/plumb/verify/report"
)

func admissionExplainCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:  "explain",
		Usage: "explain whether objects would be admitted",
		Description: `Reviews the objects in a file as plumb admission serve would, by the lock of
this repository or of --dir. Exit 1 if an object would be denied.`,
		UsageText: `# Review a Pod by the lock of this repository
plumb admission explain -f pod.yaml

# Review a live object by the policies of the cluster
kubectl get deployment web -o yaml |
  plumb admission explain -f - --policy /etc/plumb/policies`,
		Flags: append(append([]ucli.Flag{
			&ucli.StringFlag{Name: "filename", Aliases: []string{"f"},
				Usage: "review the objects in `FILE` (YAML or JSON); - for standard input"},
			&ucli.StringFlag{Name: "namespace", Aliases: []string{"n"},
				Usage: "use namespace `NAME` for objects that name none"},
			&ucli.StringFlag{Name: "user", Usage: "review as a request of the user `NAME`"},
			&ucli.StringSliceFlag{Name: "group", Usage: "review as a request of a user in the " +
				"group `NAME`"},
		}, sourceFlags()...), ruleFlags()...),
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() || c.String("filename") == "" {
				return cli.UsageError("plumb admission explain takes a file: -f FILE\n%s",
					cli.HelpHint(c))
			}
			return (&admissionExplainOptions{io}).run(c)
		},
	}
}

// reviewed is an object's answer, in the document plumb.dev/admission-explain/v1.
type reviewed struct {
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Allowed   bool     `json:"allowed"`
	Rule      string   `json:"rule"` // that decided, or ""
	Message   string   `json:"message"`
	Warnings  []string `json:"warnings"`
}

// admissionExplainOptions are what plumb admission explain is to do.
type admissionExplainOptions struct{ *cli.IO }

func (o *admissionExplainOptions) run(c *ucli.Context) error {
	rules, err := rulesOf(c)
	if err != nil {
		return err
	}
	state, err := o.state(c)
	if err != nil {
		return err
	}
	objects, err := o.objects(c.String("filename"))
	if err != nil {
		return err
	}
	all, ok := []reviewed{}, true
	for _, one := range objects {
		q := &admission.Request{Operation: "CREATE", Namespace: one.namespace, Name: one.name,
			Object: one.json,
			UserInfo: admission.UserInfo{Username: c.String("user"),
				Groups: c.StringSlice("group")}}
		if q.Namespace == "" {
			q.Namespace = c.String("namespace")
		}
		d := state.Review(q, rules, time.Now())
		all = append(all, reviewed{one.kind, q.Namespace, one.name, d.Allowed, d.Rule, d.Message,
			append([]string{}, d.Warnings...)})
		ok = ok && d.Allowed
	}
	if err := o.print(all, ok); err != nil || ok {
		return err
	}
	return cli.Status(cli.ExitNo)
}

func (o *admissionExplainOptions) print(all []reviewed, ok bool) error {
	if o.JSON() {
		return o.PrintJSON(struct {
			Schema  string     `json:"schema"`
			OK      bool       `json:"ok"`
			Objects []reviewed `json:"objects"`
		}{"plumb.dev/admission-explain/v1", ok, all})
	}
	for _, r := range all {
		verdict := "allowed"
		if !r.Allowed {
			verdict = "denied"
		}
		if r.Rule != "" {
			verdict += " [" + r.Rule + "]"
		}
		o.Printf("%s %s\n", o.Bold(cli.SanitizeTerminal(report.ObjectName(r.Kind, r.Namespace,
			r.Name)+":")), verdict)
		if r.Message != "" {
			o.Printf("%s\n", cli.SanitizeTerminal(r.Message))
		}
		for _, w := range r.Warnings {
			o.Printf("warning: %s\n", cli.SanitizeTerminal(w))
		}
	}
	return nil
}

// admissionState loads the lock that the flags mean: that of this repository, if they
// name no other.
func (o *admissionExplainOptions) state(c *ucli.Context) (*admission.State, error) {
	roots, err := rootsOf(c)
	if err != nil {
		return nil, err
	}
	own, err := cli.ReadExternalPolicies(c)
	if err != nil {
		return nil, err
	}
	from, err := o.source(c, roots)
	if err != nil {
		return nil, err
	}
	v, err := from.Fetch(c.Context, source.Version{})
	if err != nil {
		return nil, cli.CannotTell(err)
	}
	state, err := admission.Load(c.Context, v, admission.LoadOptions{Roots: roots,
		Policies: own.Policies()})
	if err != nil {
		return nil, cli.No(fmt.Errorf("admission rejects this lock: %w", err))
	}
	return state, nil
}

// explainSource is where the flags say that the lock comes from, and this repository if
// they name no other.
func (o *admissionExplainOptions) source(
	c *ucli.Context, roots []admission.Root,
) (source.Source, error) {
	if c.IsSet("dir") || c.IsSet("git") || c.IsSet("configmap") {
		return sourceOf(c, roots)
	}
	dir, _, err := tree.Enclosing(c.Context, o.Dir)
	if err == nil && c.IsSet("path") {
		dir, err = o.RepositoryTop(c.Context) // which paths are relative to
	}
	return source.NewDir(dir, pathsOf(roots)), cli.CannotTell(err)
}

// sent is an object as it would be sent.
type sent struct {
	kind, namespace, name string
	json                  []byte
}

// sentObjects reads the objects of a file.
func (o *admissionExplainOptions) objects(name string) ([]sent, error) {
	objects, err := readObjects(o.IO, name, "")
	if err != nil {
		return nil, cli.UsageError("-f: %w", err)
	}
	if len(objects) == 0 {
		return nil, cli.UsageError("-f %s: no objects", name)
	}
	var out []sent
	for _, object := range objects {
		raw, err := json.Marshal(object)
		if err != nil {
			return nil, cli.UsageError("-f %s: %w", name, err)
		}
		var head struct {
			Kind     string
			Metadata struct{ Namespace, Name string }
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			return nil, cli.UsageError("-f %s: %w", name, err)
		}
		out = append(out, sent{head.Kind, head.Metadata.Namespace, head.Metadata.Name, raw})
	}
	return out, nil
}

// readObjects reads objects from a file below dir, or from standard input.
func readObjects(io *cli.IO, name, dir string) ([]map[string]any, error) {
	in := io.Stdin
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
