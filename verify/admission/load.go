package admission

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
)

// LoadOptions say what a version is judged by.
type LoadOptions struct {
	// Roots are the lock roots to serve. One namespace has one root.
	Roots []Root
	// Policies are the cluster's own, over which nobody who writes the repository
	// has power: plumb.yaml then neither allows what no policy matches nor excepts
	// anything. Nil: the repository's.
	Policies *policy.Set
	// AllowDenied takes a lock that has images which are not accepted: they are denied,
	// each by itself. It is for what is served already when the policies change.
	AllowDenied bool
	// Workers verify evidence; 0 for one a processor.
	Workers int
}

// Load verifies a version whole. The error says what of it is wrong: the version
// is then not to be served.
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

// used are the files of a version, and those among them that were read. A repository
// has many more, which are not to be kept.
type used struct {
	all source.Files

	mu   sync.Mutex
	read source.Files
}

// keepEvidence keeps all evidence in a folder: other policies may want more of it.
func (u *used) keepEvidence(folder string) {
	for name, data := range u.all {
		if strings.HasPrefix(name, folder+"/") {
			u.keep(name, data)
		}
	}
}

func (u *used) keep(name string, data []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.read[name] = data
}

// rootTree is the tree of a lock root in a version.
type rootTree struct {
	files *used
	path  string // of the lock root
}

// Root is the directory of the lock root, if the top of the version were "/".
func (t *rootTree) Root() string { return path.Join("/", t.path) }

// Read reads a file.
func (t *rootTree) Read(_ context.Context, name string) ([]byte, error) {
	name = path.Join(t.path, name)
	data, err := t.files.all.Read(name)
	if err == nil {
		t.files.keep(name, data)
	}
	return data, err
}

// Each calls fn with the files that match accepts. It keeps none of them: the policies
// among them are kept by loadRoot.
func (t *rootTree) Each(_ context.Context, match func(path string) bool, fn tree.Visit) error {
	for name, data := range t.files.all {
		below, ok := name, true
		if t.path != "." {
			below, ok = strings.CutPrefix(name, t.path+"/")
		}
		if !ok || !match(below) {
			continue
		}
		if err := fn(0, tree.File{Path: below}, data); err != nil {
			return err
		}
	}
	return nil
}

// checkRoots refuses roots of which two would govern a namespace.
func checkRoots(roots []Root) error {
	if len(roots) == 0 {
		return errors.New("no lock root")
	}
	governs := map[string]string{}
	rest := ""
	for _, r := range roots {
		if len(r.Namespaces) == 0 {
			if rest != "" {
				return fmt.Errorf("%s and %s both serve every namespace: name the namespaces of one", rest, r.Path)
			}
			rest = r.Path
		}
		for _, n := range r.Namespaces {
			if other, taken := governs[n]; taken {
				return fmt.Errorf("%s and %s both serve namespace %s", other, r.Path, n)
			}
			governs[n] = r.Path
		}
	}
	return nil
}

func loadRoot(ctx context.Context, v source.Version, files *used, r Root, o LoadOptions) (*servedRoot, error) {
	root := &servedRoot{path: path.Clean(r.Path), namespaces: r.Namespaces, source: v.Source, commit: v.Commit}
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
	root.judge.Read = func(name string) ([]byte, error) { return files.read.Read(path.Join(root.path, name)) }
	return root, nil
}

// configure takes over what plumb.yaml says. By the cluster's own policies, none of its
// exceptions counts.
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

// verify judges all images of the lock, and refuses a lock of which one is not
// accepted: whoever made it did not run plumb verify, or did not want to.
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
			if !o.AllowDenied && !root.spared(e) && (len(verdicts[i].Faults) > 0 || !v.Accepted && !root.byObject) {
				return fmt.Errorf("%s: %s is not accepted: %s", root.lockFile(), e.Name, strings.Join(slices.Concat(verdicts[i].Faults, v.Reasons()), "; "))
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

// spared reports whether an exception is about an image: a lock may have it then
// although it is not accepted. Whether the exception covers an object is another
// question.
func (root *servedRoot) spared(e lockfile.Entry) bool {
	return slices.ContainsFunc(root.exceptions, func(x config.Exception) bool {
		x.Path = ""
		return x.Covers("", e.Name, e.Name+"@"+e.Digest)
	})
}

// excepted are the exceptions that hold at a time, but for those about certain files: an
// object stands in none.
func (root *servedRoot) excepted(now time.Time) []verify.Excepted {
	return verify.Exceptions(slices.DeleteFunc(slices.Clone(root.exceptions), func(e config.Exception) bool {
		return e.Path != "" || e.Expired(now)
	}), now)
}
