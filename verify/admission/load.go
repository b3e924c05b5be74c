package admission

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

// LoadOptions are the options of Load.
type LoadOptions struct {
	// Roots are the lock roots to serve. One namespace has one root.
	Roots []Root
	// Policies are the cluster's own. The repository cannot loosen them: plumb.yaml then
	// neither allows images that no policy matches nor makes exceptions. Nil: those of the
	// repository apply.
	Policies *policy.Set
	// AllowDenied loads a lock with images that the policies do not accept: each of them is
	// denied. It is for a version that is served already when the policies change.
	AllowDenied bool
	// Workers is the number of goroutines that verify evidence; 0 for one a processor.
	Workers int
}

// Load verifies a version as a whole. A version with an error must not be served.
func Load(ctx context.Context, v source.Version, o LoadOptions) (*State, error) {
	if err := checkRoots(o.Roots); err != nil {
		return nil, err
	}
	s := &State{Source: v.Source, Commit: v.Commit, Time: v.Time, Signer: v.Signer}
	used := &used{all: v.Files, read: source.Files{}}
	for _, r := range o.Roots {
		root, err := loadRoot(ctx, v, used, r, o)
		if err != nil {
			return nil, err
		}
		s.roots = append(s.roots, root)
	}
	s.files = used.read
	return s, nil
}

// checkRoots rejects roots of which two serve one namespace.
func checkRoots(roots []Root) error {
	if len(roots) == 0 {
		return errors.New("no lock root")
	}
	serves := map[string]string{}
	rest := ""
	for _, r := range roots {
		if len(r.Namespaces) == 0 {
			if rest != "" {
				return fmt.Errorf("%s and %s both serve every namespace: "+
					"name the namespaces of one", rest, r.Path)
			}
			rest = r.Path
		}
		for _, n := range r.Namespaces {
			if other, taken := serves[n]; taken {
				return fmt.Errorf("%s and %s both serve namespace %s", other, r.Path, n)
			}
			serves[n] = r.Path
		}
	}
	return nil
}

func loadRoot(ctx context.Context, v source.Version, files *used, r Root,
	o LoadOptions) (*servedRoot, error) {
	root := &servedRoot{path: path.Clean(r.Path), namespaces: r.Namespaces, source: v.Source,
		commit: v.Commit}
	t := &rootTree{files, root.path}
	read, err := lockroot.Read(ctx, t.Root(), t, "/")
	if err != nil {
		return nil, err
	}
	if read.LockText == nil {
		return nil, fmt.Errorf("%s: not found in %s", root.lockFile(), v.Source)
	}
	if root.lock, err = read.ReadableLock(); err != nil {
		return nil, err
	}
	if root.judge, err = evidence.ForRoot(ctx, read, o.Policies); err != nil {
		return nil, err
	}
	if !root.judge.ExternalPolicies {
		policies, err := read.PolicyFiles(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range policies {
			files.keep(path.Join(root.path, p.File), p.Data)
		}
	}
	root.configure(read.Config)
	root.index = verify.NewIndex(root.lock)
	if err := root.verify(ctx, o); err != nil {
		return nil, err
	}
	files.keepEvidence(path.Join(root.path, evidence.Dir))
	// From now on nothing is read that was not read already.
	root.judge.Read = func(name string) ([]byte, error) {
		return files.read.Read(path.Join(root.path, name))
	}
	return root, nil
}

// configure applies plumb.yaml. With the cluster's own policies, its exceptions do not apply.
func (root *servedRoot) configure(c *config.Config) {
	var fields []manifest.Field
	for _, f := range c.Fields {
		fields = append(fields, manifest.Field(f))
	}
	root.scanners.New = func() any { return manifest.NewScanner(manifest.Options{Fields: fields}) }
	root.platforms = c.Platforms
	if !root.judge.ExternalPolicies {
		root.exceptions = c.Exceptions
	}
	root.byObject = root.judge.Policies.ByObject()
}

// verify judges all images of the lock, and rejects a lock with one that is not accepted:
// plumb verify rejects it, too.
func (root *servedRoot) verify(ctx context.Context, o LoadOptions) error {
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	verdicts := make([]verify.Judgement, len(root.lock.Entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, e := range root.lock.Entries {
		if e.Kind != lockfile.Image {
			continue
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			v := root.judge.Entry(e)
			verdicts[i] = v.Judgement()
			if !o.AllowDenied && !root.spared(e) && (len(verdicts[i].Faults) > 0 ||
				!v.Accepted && !root.byObject) {
				return fmt.Errorf("%s: %s is not accepted: %s", root.lockFile(), e.Name,
					strings.Join(slices.Concat(verdicts[i].Faults, v.Reasons()), "; "))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	root.judgements = make(map[string]verify.Judgement, len(verdicts))
	for i, e := range root.lock.Entries {
		if e.Kind == lockfile.Image {
			root.judgements[e.Name] = verdicts[i]
		}
	}
	return nil
}

// spared reports whether an exception is about an image: a lock may then have it although
// it is not accepted. Review checks whether the exception covers an object.
func (root *servedRoot) spared(e lockfile.Entry) bool {
	return slices.ContainsFunc(root.exceptions, func(x config.Exception) bool {
		x.Path = ""
		return x.Covers("", e.Name, e.Name+"@"+e.Digest)
	})
}

// excepted are the exceptions that apply at a time, except for those about certain files:
// an object is in none.
func (root *servedRoot) excepted(now time.Time) []verify.Excepted {
	return verify.Exceptions(slices.DeleteFunc(slices.Clone(root.exceptions),
		func(e config.Exception) bool {
			return e.Path != "" || e.Expired(now)
		}), now)
}
