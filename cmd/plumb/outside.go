package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

// judging is how verify judges: by a lock root's own policies or, where --policy
// is given, by those from outside of the tree, over which nobody who writes the
// tree has power.
type judging struct {
	*evidence.Judge
	outside *outside // nil if there are none
}

// outside are policies from outside of the tree.
type outside struct {
	set   *policy.Set
	flags string // that name them, for commands that are to judge by the same
}

// judge returns what decides by them on the images of a lock root.
func (o *outside) judge(ctx context.Context, r *root) *evidence.Judge {
	judge := r.newJudge(ctx, o.set)
	judge.AcceptUnmatched, judge.Foreign = false, true
	return judge
}

// judgement judges an entry.
func (j *judging) judgement(e lockfile.Entry) verify.Judgement {
	v := j.Brief(e)
	return verify.Judgement{Accepted: v.Accepted, Reasons: v.Reasons(), Remarks: v.Remarks(), Faults: slices.Concat(v.Faults, v.Unproven)}
}

// judging returns how a lock root is judged. o are the policies from outside, nil
// if there are none: plumb.yaml has no say then in what becomes of an image that
// none of them matches, nor do its exceptions count.
func (s *session) judging(ctx context.Context, r *root, o *outside) (*judging, error) {
	if o == nil {
		own, err := r.judge(ctx, s)
		if err != nil {
			return nil, err
		}
		own.Memory = s.memory(ctx, r, own.Policies)
		return &judging{Judge: own}, nil
	}
	judge := o.judge(ctx, r)
	judge.Memory = s.memory(ctx, r, o.set)
	return &judging{judge, o}, nil
}

func outsideFlags() []ucli.Flag {
	return []ucli.Flag{
		&ucli.StringFlag{Name: "policy", Category: cli.CategoryPolicy,
			Usage: "check against the policies in `DIR`, not those of the repository"},
		&ucli.StringFlag{Name: "trust", Category: cli.CategoryPolicy,
			Usage: "with --policy: use the trust root in `FILE`"},
	}
}

// newOutside reads the policies that --policy and --trust name; nil if they name none.
func newOutside(c *ucli.Context) (*outside, error) {
	set, err := outsidePolicies(c)
	if err != nil || set == nil {
		return nil, err
	}
	o := &outside{set, "--policy " + cli.ShellWord(c.String("policy"))}
	if trust := c.String("trust"); trust != "" {
		o.flags += " --trust " + cli.ShellWord(trust)
	}
	return o, nil
}

// outsidePolicies reads the policies that --policy and --trust name; nil if they
// name none.
func outsidePolicies(c *ucli.Context) (*policy.Set, error) {
	dir, trust := c.String("policy"), c.String("trust")
	if !c.IsSet("policy") {
		if c.IsSet("trust") {
			return nil, cli.UsageError("--trust goes with --policy")
		}
		return nil, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, cli.UsageError("--policy %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }() // nothing is written through it
	docs, err := policiesIn(root.FS())
	if err != nil {
		return nil, cli.UsageError("--policy %s: %w", dir, err)
	}
	if trust != "" {
		data, err := os.ReadFile(trust)
		if err != nil {
			return nil, cli.UsageError("--trust: %w", err)
		}
		docs = append(docs, policy.Document{File: trust, Data: data})
	}
	set, err := policy.Parse(docs, policy.Options{ReadFile: func(name string) ([]byte, error) { return fs.ReadFile(root.FS(), name) }})
	if err != nil {
		return nil, cli.UsageError("--policy %s: %w", dir, err)
	}
	if set.Len() == 0 {
		return nil, cli.UsageError("--policy %s: there is no policy in it", dir)
	}
	return set, nil
}

// policiesIn reads the files of a folder that hold sigstore's documents.
func policiesIn(dir fs.FS) ([]policy.Document, error) {
	var docs []policy.Document
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "..") {
			return fs.SkipDir // where Kubernetes keeps the files of a ConfigMap, to which links in dir lead
		}
		if err != nil || d.IsDir() || policy.IsCopy(name) || !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if err == nil && policy.Mentions(data) {
			docs = append(docs, policy.Document{File: name, Data: data})
		}
		return err
	})
	return docs, err
}

// undecided remarks that nobody has said who must have signed the images of a lock
// root: once for all, as it is so of each of them.
func (j *judging) undecided(r *root) (verify.Finding, bool) {
	images := bytes.Contains(r.lock, []byte("\n  - "+string(lockfile.Image)+": ")) // to parse it once more would take long
	if !images || j.outside != nil || j.Policies.Len() > 0 || r.config.Unsigned != "" || r.paths != nil || r.stdin != nil {
		return verify.Finding{}, false
	}
	return verify.Finding{Rule: verify.Unsigned, Severity: verify.Remark, File: lockName, Line: 1, Column: 1,
		Message: "no policy says who must have signed the images, so that all are accepted",
		Fix:     "write policies, or unsigned: allow in plumb.yaml if nobody has to sign"}, true
}

// idle remarks on the tree's policies that match no image in the lock: their
// globs may not be what was meant.
func (j *judging) idle(l *lockfile.Lock) []verify.Finding {
	if j.outside != nil || l == nil {
		return nil
	}
	matched := map[string]bool{}
	for _, e := range l.Entries {
		if image, err := evidence.Image(e); err == nil && e.Kind == lockfile.Image {
			for _, name := range j.Policies.Matches(image) {
				matched[name] = true
			}
		}
	}
	var out []verify.Finding
	for _, p := range j.Policies.Policies() {
		if !matched[p.Name] {
			out = append(out, verify.Finding{Rule: verify.Unsigned, Severity: verify.Remark, File: p.File, Line: p.Line, Column: p.Column,
				Kind: "ClusterImagePolicy", Name: p.Name, Message: "policy " + p.Name + " matches no image in plumb.lock",
				Fix: "see whether its globs are what was meant, or take it out"})
		}
	}
	return out
}
