package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// Rollback is the trailer of a commit that may replace a commit from which it does not
// descend: its value is the full id of the latter.
const Rollback = "Plumb-Rollback"

// fetchTime bounds a Fetch from a server.
const fetchTime = 2 * time.Minute

// GitOptions are the options of a Git source.
type GitOptions struct {
	// URL is https://host/path, ssh://user@host/path, user@host:path, file:///folder or
	// /folder; http:// and git:// only with VerifyCommit or at a loopback address, as they do
	// not authenticate the server.
	URL string
	// Branch is the name of the branch.
	Branch string
	// Roots are the lock roots, slash-separated paths from the top of the repository.
	Roots []string
	// Credentials is a folder with the files username, password, token, bearer-token,
	// ssh-privatekey, known_hosts and ca.crt, as far as the server requires them; read for
	// each fetch. "" for none.
	Credentials string
	// VerifyCommit verifies the signature of a commit and says who signed it. The error
	// says why the signature is not accepted. Nil: commits need no signature.
	VerifyCommit func(git.Commit) (signer string, err error)
	// AllowRollback accepts commits that do not descend from the one that is served.
	AllowRollback bool
	// Scratch is the folder for temporary files; "" for the system's.
	Scratch string
}

// Git is a branch of a git repository.
type Git struct {
	o       GitOptions
	address git.Address
	remote  git.Remote

	// The last commit that was refused because it does not descend from the one that is
	// served: to fetch the history again would not change that.
	refused struct {
		tip    git.Hash
		served string
		err    error
	}
	// The last version that was fetched, until it is served: one that does not verify would
	// otherwise be fetched again each time.
	pending struct {
		commit  git.Commit
		served  string
		version Version
	}
}

// NewGit returns a source that reads a branch.
func NewGit(o GitOptions) (*Git, error) {
	address, err := git.ParseAddress(o.URL)
	if err != nil {
		return nil, err
	}
	if !address.Authenticated() && o.VerifyCommit == nil {
		return nil, fmt.Errorf("%s is not authenticated: use https or ssh, or require signed "+
			"commits", address)
	}
	if err := plumbing.NewBranchReferenceName(o.Branch).Validate(); err != nil || o.Branch == "" {
		return nil, fmt.Errorf("invalid branch %q", o.Branch)
	}
	return &Git{o: o, address: address, remote: git.Remote{Address: address, Branch: o.Branch,
		Credentials: o.Credentials}}, nil
}

// String names the repository and the branch.
func (g *Git) String() string { return g.address.String() + " " + g.o.Branch }

// Fetch returns the tip of the branch. It refuses (*RefusedError) a commit without a valid
// signature, and one that does not descend from what is served.
func (g *Git) Fetch(ctx context.Context, served Version) (Version, error) {
	v, err := g.fetch(ctx, served)
	switch {
	case err == nil:
		v.Source = g.String()
		return v, nil
	case errors.Is(err, ErrUnchanged):
		return Version{}, err
	}
	return Version{}, fmt.Errorf("%s: %w", g, err)
}

// fetch fetches from a server, or from a folder.
func (g *Git) fetch(ctx context.Context, served Version) (Version, error) {
	if served.Source != g.String() { // another repository's history does not count
		served = Version{}
	}
	ctx, stop := context.WithTimeout(ctx, fetchTime)
	defer stop()
	if g.address.Scheme == "file" {
		disk, err := git.OpenDisk(g.address.Path)
		if err != nil {
			return Version{}, err
		}
		defer func() { _ = disk.Close() }() // nothing is written through it
		tip, err := disk.Tip(g.o.Branch)
		if err != nil {
			return Version{}, err
		}
		_, v, err := g.read(ctx, disk, tip, served, func() error {
			return errors.New("the repository is shallow")
		})
		return v, err
	}
	return g.fetchRemote(ctx, served)
}

// fetchRemote fetches from a server.
func (g *Git) fetchRemote(ctx context.Context, served Version) (Version, error) {
	conn, err := g.remote.Dial(ctx)
	if err != nil {
		return Version{}, err
	}
	defer func() { _ = conn.Close() }() // all has been read
	switch {
	case conn.Tip.String() == served.Commit:
		g.pending.version = Version{}
		return Version{}, ErrUnchanged
	case conn.Tip.String() == g.pending.version.Commit && served.Commit == g.pending.served:
		v := g.pending.version
		v.Signer, err = g.signer(g.pending.commit)
		return v, err
	case conn.Tip == g.refused.tip && served.Commit == g.refused.served:
		return Version{}, g.refused.err
	}
	dir, err := os.MkdirTemp(g.o.Scratch, "plumb-git-")
	if err != nil {
		return Version{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears what stays
	packs := git.NewPacks(dir)
	defer func() { _ = packs.Close() }() // they have been read
	if err := packs.Add(ctx, func(w io.Writer) error { return conn.Tree(ctx, w) }); err != nil {
		return Version{}, err
	}
	c, v, err := g.read(ctx, packs, conn.Tip, served, g.deepen(ctx, packs, conn.Tip))
	if err == nil {
		g.pending.commit, g.pending.served, g.pending.version = c, served.Commit, v
	}
	return v, err
}

// read checks a commit and reads its files.
func (g *Git) read(ctx context.Context, objects git.Objects, tip git.Hash, served Version,
	more func() error) (git.Commit, Version, error) {
	if tip.String() == served.Commit {
		return git.Commit{}, Version{}, ErrUnchanged
	}
	c, err := git.ReadCommit(objects, tip)
	if err != nil {
		return git.Commit{}, Version{}, err
	}
	v := Version{Commit: tip.String(), Time: c.Time, Files: Files{}}
	if v.Signer, err = g.signer(c); err != nil {
		return git.Commit{}, Version{}, err
	}
	if err := g.follows(ctx, objects, c, served, more); err != nil {
		return git.Commit{}, Version{}, err
	}
	return c, v, g.collect(ctx, objects, c.Tree, v.Files)
}

// signer verifies a commit's signature and returns who signed it; "" if no signature is
// required.
func (g *Git) signer(c git.Commit) (string, error) {
	if g.o.VerifyCommit == nil {
		return "", nil
	}
	signer, err := g.o.VerifyCommit(c)
	if err != nil {
		return "", &RefusedError{c.Hash.String(), err.Error()}
	}
	return signer, nil
}

// collect reads the files of the lock roots.
func (g *Git) collect(ctx context.Context, objects git.Objects, tree git.Hash, files Files) error {
	total := int64(0)
	w := git.Walk{Objects: objects, Wanted: Wanted, Take: func(name string, data []byte) error {
		total += int64(len(data))
		files[name] = data
		if total > maxFiles || len(files) > maxCount {
			return fmt.Errorf("more than %d bytes or %d files", maxFiles, maxCount)
		}
		return nil
	}}
	for _, root := range g.o.Roots {
		if err := w.Below(ctx, tree, strings.Trim(root, "/")); err != nil {
			return err
		}
	}
	return nil
}
