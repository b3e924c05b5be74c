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

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/manifest"
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

// Read reads a file.
func (u *used) Read(name string) ([]byte, error) {
	data, err := u.all.Read(name)
	if err == nil {
		u.keep(name, data)
	}
	return data, err
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
	text, err := files.Read(root.lockFile())
	if err != nil {
		return nil, fmt.Errorf("%s: not found in %s", root.lockFile(), v.Source)
	}
	if root.lock, err = lockfile.Parse(root.lockFile(), text); err != nil {
		return nil, err
	}
	c := config.Default(path.Base(root.path))
	name := path.Join(root.path, configName)
	if text, err := files.Read(name); err == nil { // it need not be there
		if c, err = config.Parse(name, text); err != nil {
			return nil, err
		}
	}
	if err := root.configure(files, c, o.Policies); err != nil {
		return nil, err
	}
	root.index = verify.NewIndex(root.lock)
	if err := root.verify(ctx, o); err != nil {
		return nil, err
	}
	files.keepEvidence(path.Join(root.path, evidence.Dir))
	// From now on nothing is read that was not read already.
	root.judge.Read = func(name string) ([]byte, error) { return files.read.Read(path.Join(root.path, name)) }
	return root, nil
}

// configure takes over what the cluster and the repository say.
func (root *servedRoot) configure(files *used, c *config.Config, own *policy.Set) error {
	var fields []manifest.Field
	for _, f := range c.Fields {
		fields = append(fields, manifest.Field(f))
	}
	root.scanners.New = func() any { return manifest.NewScanner(manifest.Options{Fields: fields}) }
	root.platforms = c.Platforms
	read := func(name string) ([]byte, error) { return files.Read(path.Join(root.path, name)) }
	root.judge = evidence.Judge{Policies: own, Read: read, Foreign: own != nil}
	if own == nil {
		set, err := root.policies(files, c)
		if err != nil {
			return err
		}
		root.judge.Policies = set
		root.judge.AcceptUnmatched = c.Unsigned == config.UnsignedAllow || c.Unsigned == "" && set.Len() == 0
		root.exceptions = c.Exceptions
	}
	root.byObject = root.judge.Policies.ByObject()
	return nil
}

// policies are those of the repository.
func (root *servedRoot) policies(files *used, c *config.Config) (*policy.Set, error) {
	globs, named := c.Policies, true
	if globs == nil {
		globs, named = policy.DefaultFiles(), false
	}
	matched := make([]bool, len(globs))
	var docs []policy.Document
	for name, data := range files.all {
		below, ok := root.below(name)
		if !ok || policy.IsCopy(below) {
			continue
		}
		found := false
		for i, glob := range globs {
			if doublestar.MatchUnvalidated(glob, below) {
				matched[i], found = true, true
			}
		}
		if found && (named || policy.Mentions(data)) {
			files.keep(name, data)
			docs = append(docs, policy.Document{File: name, Data: data})
		}
	}
	if i := slices.Index(matched, false); named && i >= 0 {
		return nil, fmt.Errorf("%s: policies: %s matches no file", path.Join(root.path, configName), globs[i])
	}
	slices.SortFunc(docs, func(a, b policy.Document) int { return strings.Compare(a.File, b.File) })
	return policy.Parse(docs, policy.Options{ReadFile: files.Read})
}

// below is the path of a file relative to the lock root that it lies in.
func (root *servedRoot) below(name string) (string, bool) {
	if root.path == "." {
		return name, true
	}
	return strings.CutPrefix(name, root.path+"/")
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
			verdicts[i] = judgement(v)
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

// judgement is a verdict as the rules take it.
func judgement(v evidence.Verdict) verify.Judgement {
	return verify.Judgement{Accepted: v.Accepted, Reasons: v.Reasons(), Remarks: v.Remarks(), Faults: slices.Concat(v.Faults, v.Unproven)}
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
	var out []verify.Excepted
	for _, e := range root.exceptions {
		if e.Path == "" && !e.Expired(now) {
			out = append(out, verify.Excepted{Covers: e.Covers})
		}
	}
	return out
}
