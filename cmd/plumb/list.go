package main

import (
	"fmt"
	"sort"
	"strconv"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

func listCommand(io *cli.IO) *ucli.Command {
	return &ucli.Command{
		Name:      "list",
		Category:  cli.CategoryEveryday,
		Usage:     "list every external reference, offline",
		ArgsUsage: "[PATH…]",
		Description: `Lists every image and OCI artifact that the manifests refer to: where it is,
what it is, whether it is pinned, and whether plumb can pin it in place.`,
		UsageText: `# List all references of the repository
plumb list

# List the references in one directory
plumb list apps/web

# List the names that are not pinned, as JSON
plumb list --output json |
  jq -r '.references[] | select(.pinned | not) | .tracked' | sort -u`,
		Flags: []ucli.Flag{noCacheFlag("read every file, even if it has not changed")},
		Action: func(c *ucli.Context) error {
			if err := io.Begin(c); err != nil {
				return err
			}
			roots, err := io.LoadRoots(c.Context, c.Args().Slice(), !c.Bool("no-cache"))
			if err != nil {
				return err
			}
			return (&listOptions{io}).run(roots)
		},
	}
}

func noCacheFlag(usage string) ucli.Flag {
	return &ucli.BoolFlag{Name: "no-cache", Usage: usage}
}

// listOptions are what plumb list is to do.
type listOptions struct{ *cli.IO }

// listed is a reference as list prints it.
type listed struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Input     string `json:"input"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Field     string `json:"field"`
	Reference string `json:"reference"`
	Tracked   string `json:"tracked"`
	Pinned    bool   `json:"pinned"`
	Editable  bool   `json:"editable"`
	Why       string `json:"why"`

	inherits bool
}

// state is what people read of a reference.
func (r *listed) state() string {
	switch {
	case r.Pinned:
		return "pinned"
	case r.inherits:
		return "inherited"
	case r.Editable:
		return "not pinned"
	default:
		return "not editable"
	}
}

// remarked is a remark as list prints it.
type remarked struct {
	Rule      string `json:"rule"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Field     string `json:"field"`
	Reference string `json:"reference"`
	Message   string `json:"message"`
}

func (o *listOptions) run(roots []*lockroot.Root) error {
	total := 0
	for _, r := range roots {
		for i := range r.Files {
			total += len(r.Files[i].References)
		}
	}
	refs, remarks := make([]listed, 0, total), []remarked{}
	for _, r := range roots {
		for i := range r.Files {
			f := &r.Files[i]
			if len(f.References) == 0 && len(f.Remarks) == 0 && f.Unreadable == nil || !r.Covers(f.Path) {
				continue
			}
			shown := o.Display(r.Dir, f.Path)
			for _, m := range f.References {
				refs = append(refs, listed{shown, m.Line, m.Column, string(m.Input), m.Kind,
					m.Namespace, m.Name, m.Field, m.Reference, m.Tracked, m.Pinned(), m.Editable,
					m.Why, m.Inherits})
			}
			if f.Unreadable != nil {
				remarks = append(remarks, remark(shown, *f.Unreadable))
			}
			for _, m := range f.Remarks {
				remarks = append(remarks, remark(shown, m))
			}
		}
	}
	// Each root's are in order already.
	sort.SliceStable(refs, func(i, j int) bool { return refs[i].File < refs[j].File })
	sort.SliceStable(remarks, func(i, j int) bool { return remarks[i].File < remarks[j].File })
	if o.JSON() {
		return o.PrintJSON(struct {
			Schema     string     `json:"schema"`
			References []listed   `json:"references"`
			Remarks    []remarked `json:"remarks"`
		}{"plumb.dev/list/v1", refs, remarks})
	}
	o.text(refs, remarks)
	return nil
}

func remark(file string, m manifest.Remark) remarked {
	return remarked{m.Rule, file, m.Line, m.Column, m.Kind, m.Namespace, m.Name, m.Field,
		m.Reference, m.Message}
}

func (o *listOptions) text(refs []listed, remarks []remarked) {
	clean := cli.SanitizeTerminal
	rows := make([][]string, 0, len(refs)+1)
	rows = append(rows, []string{"PLACE", "INPUT", "RESOURCE", "FIELD", "STATE", "REFERENCE"})
	unpinned := 0
	for i := range refs {
		r := &refs[i]
		if !r.Pinned && !r.inherits {
			unpinned++
		}
		name, resource := r.Reference, r.Kind
		if r.Why != "" {
			name += "  (" + r.Why + ")"
		}
		if r.Name != "" {
			resource += "/" + r.Name
		}
		place := r.File + ":" + strconv.Itoa(r.Line) + ":" + strconv.Itoa(r.Column)
		rows = append(rows, []string{clean(place), r.Input, clean(resource), clean(r.Field),
			r.state(), clean(name)})
	}
	if len(refs) > 0 {
		o.Table(rows)
	}
	for _, r := range remarks {
		text := r.Message
		if r.Reference != "" {
			text = fmt.Sprintf("%q %s", r.Reference, r.Message)
		}
		o.Printf("%s:%d:%d: %s [%s]\n", clean(r.File), r.Line, r.Column, clean(text), r.Rule)
	}
	o.Hintf("%s, %d not pinned; %s\n", cli.Count(len(refs), "reference", "references"), unpinned,
		cli.Count(len(remarks), "remark", "remarks"))
}
