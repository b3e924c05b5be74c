package tuf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify/policy"
)

// Trust is a trust root of policies that is fetched, as in the document
// plumb.dev/policy-trust/v1.
type Trust struct {
	Name    string   `json:"name"` // of the TrustRoot, "" for the one of policies that name none
	From    string   `json:"from"` // URL
	File    string   `json:"file"` // or folder
	Changed bool     `json:"changed"`
	Added   []string `json:"added"`   // keys and authorities that are newly trusted, a line each
	Removed []string `json:"removed"` // those that are no longer trusted

	source Source
	place  func(file string) string // path in the lock root of a file of the repository
	parts  func(files func(string) ([]byte, error)) ([]string, error)
}

// TrustOptions describe the trusted root for policies that name none. The zero
// TrustOptions fetch it from sigstore's public instance, if a policy needs it.
type TrustOptions struct {
	// To is the path in the lock root where it is written; "" for where it is already, or
	// else beside the policies.
	To string
	// Replace also replaces a trusted root that was not fetched.
	Replace bool
	// Source is where it is fetched from; nil for the public instance.
	Source *Source
}

// Trusts returns the trust roots that the policies of a lock root need. The error is a
// *lockroot.InvalidError where policies have errors, or where the path of a trusted root
// is not among them.
func Trusts(ctx context.Context, r *lockroot.Root, o TrustOptions) ([]*Trust, error) {
	files, err := r.PolicyFiles(ctx)
	if err != nil {
		return nil, err
	}
	docs := make([]policy.Document, len(files))
	for i, f := range files {
		docs[i] = policy.Document(f)
	}
	read := func(name string) ([]byte, error) { return r.Tree.Read(ctx, name) }
	wants, err := policy.WantsOf(docs, policy.Options{ReadFile: read})
	if err != nil {
		return nil, &lockroot.InvalidError{Err: err}
	}
	var all []*Trust
	for _, remote := range wants.Remotes {
		all = append(all, remoteTrust(remote))
	}
	if !wants.Public && wants.PublicFile == "" && o.To == "" && o.Source == nil {
		return all, nil
	}
	file, err := trustedRootFile(r, docs, wants.PublicFile, o.To)
	if err != nil {
		return nil, err
	}
	source := Public()
	if o.Source != nil {
		source = *o.Source
	}
	return append(all, publicTrust(file, source)), nil
}

// remoteTrust is the trust root of a TrustRoot that names a TUF repository.
func remoteTrust(remote policy.Remote) *Trust {
	source := Source{URL: remote.URL, Root: remote.Root,
		Targets: remote.Targets, Target: remote.Target}
	return &Trust{
		Name: remote.Name, From: remote.URL, File: remote.Dir, source: source,
		place: func(file string) string { return remote.Dir + "/" + file },
		parts: func(files func(string) ([]byte, error)) ([]string, error) {
			m, err := remote.Trusted(files)
			return policy.Parts(m), err
		},
	}
}

// publicTrust is the trusted root for policies that name none, in a file. The metadata by
// which it was verified is in a folder beside it, for the next time.
func publicTrust(file string, source Source) *Trust {
	const target = "targets/" + TrustedRoot
	source.Targets, source.Target = "", ""
	dir := strings.TrimSuffix(file, path.Ext(file)) + lockroot.TUFSuffix
	return &Trust{
		From: source.URL, File: file, source: source,
		place: func(name string) string {
			if name == target {
				return file
			}
			return dir + "/" + name
		},
		parts: func(files func(string) ([]byte, error)) ([]string, error) {
			data, err := files(target)
			if err != nil {
				return nil, err
			}
			return policy.TrustedRootParts(data)
		},
	}
}

// trustedRootFile is the path of the trusted root for policies that name none: there, if
// it exists already, else to, or beside the first policy.
func trustedRootFile(
	r *lockroot.Root, docs []policy.Document, there, to string,
) (string, error) {
	file := path.Join("policies", TrustedRoot)
	switch {
	case to != "":
		file = to
		if there != "" && there != file {
			return "", invalidf("the trusted root is %s already", r.Display(there))
		}
	case there != "":
		return there, nil
	case len(docs) > 0:
		file = path.Join(path.Dir(docs[0].File), TrustedRoot)
	}
	if !r.IsPolicyFile(file) {
		return "", invalidf("%s: policies does not match %s: name it there, "+
			"or say where the trusted root goes: --to FILE", r.Display(tree.ConfigFile), file)
	}
	return file, nil
}

// Fetch fetches the trust root and returns the files to write for it in the lock root. A
// trusted root that was not fetched is replaced only with replace.
func (t *Trust) Fetch(
	ctx context.Context, r *lockroot.Root, client *http.Client, replace bool,
) ([]tree.Write, error) {
	before := func(name string) ([]byte, error) { return r.Tree.Read(ctx, t.place(name)) }
	files, err := Fetch(ctx, client, t.source, before)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Display(t.File), err)
	}
	now, err := t.parts(func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	})
	if err != nil {
		return nil, fmt.Errorf("what %s has cannot be used: %w", t.From, err)
	}
	if t.Changed, err = Differs(files, before); err != nil {
		return nil, err
	}
	then, thenErr := t.parts(before)
	t.Added, t.Removed = without(now, then), without(then, now)
	t.File = r.Display(t.File)
	if !t.Changed {
		return nil, nil
	}
	_, unknown := before("timestamp.json")
	foreign := t.Name == "" && thenErr == nil && errors.Is(unknown, fs.ErrNotExist)
	if foreign && len(t.Added)+len(t.Removed) > 0 && !replace {
		return nil, invalidf("%s: this command did not write it, and it may be of another "+
			"instance than %s; to replace it: plumb policy trust --replace", t.File, t.From)
	}
	var out []tree.Write
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := before(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || string(old) != string(files[name]) {
			out = append(out, tree.Write{Path: t.place(name), Old: old, New: files[name]})
		}
	}
	return out, nil
}

// without returns the lines of a that are not in b; never nil.
func without(a, b []string) []string {
	out := []string{}
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, line)
		}
	}
	return out
}

func invalidf(format string, args ...any) error {
	return &lockroot.InvalidError{Err: fmt.Errorf(format, args...)}
}
