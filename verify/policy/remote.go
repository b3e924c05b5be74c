package policy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// maxCopied is how many bytes a file of a copy may have.
const maxCopied = 8 << 20

// Remote is a TUF repository that a TrustRoot names by spec.remote.
type Remote struct {
	Name    string // of the TrustRoot
	Dir     string // of the copy: beside the document, and called as the TrustRoot
	URL     string // of the repository's metadata
	Root    []byte // the root.json that is trusted
	Targets string // where the targets are, below URL
	Target  string // the one that is the trusted root, "" for trusted_root.json
}

// Trusted returns what a copy of the repository comes to, verified from Root on. files returns its
// files by their names in the repository, and fs.ErrNotExist for those that it has not.
func (r Remote) Trusted(files func(name string) ([]byte, error)) (root.TrustedMaterial, error) {
	return readTUF(files, tufFields{root: r.Root, targets: r.Targets, target: r.Target},
		time.Time{})
}

// remote reads a TUF repository of which there is a copy beside the document.
func (s *parser) remote(name string, v yaml.Value) root.TrustedMaterial {
	var t tufFields
	var mirror string
	has := v.Mapping(append(readTUFFields(&t), yaml.Field{Name: "mirror",
		Read: func(v yaml.Value) { mirror = readURL(v) }})...)
	has.Require("root", "mirror")
	if t.root == nil || mirror == "" {
		return nil
	}
	dir, ok := copyDir(v.Place().File, name)
	if !ok {
		v.Errorf("%s: a TrustRoot named %q cannot have a copy of a repository: no folder can be "+
			"called so", v, name)
		return nil
	}
	s.remotes = append(s.remotes, Remote{Name: name, Dir: dir, URL: mirror, Root: t.root,
		Targets: cmp.Or(t.targets, "targets"), Target: t.target})
	if s.wantsOnly {
		return nil
	}
	missing := false
	material, err := readTUF(func(file string) ([]byte, error) {
		data, err := s.beside(v.Place().File, name+lockroot.TUFSuffix+"/"+file, maxCopied)
		missing = missing || file == "timestamp.json" && errors.Is(err, fs.ErrNotExist)
		return data, err
	}, t, s.options.Now)
	switch {
	case missing:
		v.Errorf("%s: nothing is fetched while judging, and there is no copy of this repository "+
			"in %s: plumb policy trust makes it", v, dir)
	case err != nil:
		v.Errorf("%s: the copy in %s: %v", v, dir, err)
	}
	return material
}

// copyDir is where the copy of a TrustRoot's repository is.
func copyDir(file, name string) (dir string, ok bool) {
	if strings.ContainsAny(name, `/\:`) || strings.HasPrefix(name, ".") {
		return "", false
	}
	return path.Join(path.Dir(file), name+lockroot.TUFSuffix), true
}

// Wants is what policies want that has to be fetched.
type Wants struct {
	Remotes []Remote // in the order of the documents
	// Public says that some policy wants the trusted root of the public instance, or what
	// replaces it; PublicFile is where that is, "" if it is not among the documents.
	Public     bool
	PublicFile string
}

// WantsOf returns what policies want that has to be fetched, whether it is there or not. The
// error is a yaml.ErrorList of what else is wrong with the documents.
func WantsOf(docs []Document, o Options) (Wants, error) {
	s := newParser(o)
	s.wantsOnly = true
	s.readAll(docs)
	for _, p := range s.policies {
		s.resolve(p)
	}
	w := Wants{Remotes: s.remotes, Public: s.wantsPublic}
	if s.public != nil {
		w.PublicFile = s.public.at.File
	}
	return w, s.errs.Err()
}

// TrustedRootParts is Parts of a trusted_root.json.
func TrustedRootParts(data []byte) ([]string, error) {
	m, err := signature.ParseTrustedRoot(data)
	if err != nil {
		return nil, err
	}
	return Parts(m), nil
}

// Parts says what trusted material trusts, in words: its certificate authorities, logs
// and timestamp authorities, a line each, in their order.
func Parts(m root.TrustedMaterial) []string {
	if m == nil {
		return nil
	}
	var out []string
	for _, a := range m.FulcioCertificateAuthorities() {
		if f, ok := a.(*root.FulcioCertificateAuthority); ok && f.Root != nil {
			out = append(out, fmt.Sprintf("certificate authority %s %s%s", f.URI,
				certificate(f.Root.Raw, f.Root.Subject.String()), period(f.ValidityPeriodStart,
					f.ValidityPeriodEnd)))
		}
	}
	for _, a := range m.TimestampingAuthorities() {
		if t, ok := a.(*root.SigstoreTimestampingAuthority); ok && t.Root != nil {
			out = append(out, fmt.Sprintf("timestamp authority %s %s%s", t.URI,
				certificate(t.Root.Raw, t.Root.Subject.String()), period(t.ValidityPeriodStart,
					t.ValidityPeriodEnd)))
		}
	}
	for what, logs := range map[string]map[string]*root.TransparencyLog{"log": m.RekorLogs(),
		"certificate log": m.CTLogs()} {
		for id, l := range logs {
			out = append(out, fmt.Sprintf("%s %s key %s%s", what, l.BaseURL, id,
				period(l.ValidityPeriodStart, l.ValidityPeriodEnd)))
		}
	}
	slices.Sort(out)
	return out
}

func certificate(raw []byte, subject string) string {
	return fmt.Sprintf("(%s, %s)", subject, digestOf(raw))
}

// period is the time for which something is trusted, in words.
func period(start, end time.Time) string {
	switch {
	case end.IsZero() && start.Unix() <= 0:
		return ""
	case end.IsZero():
		return " from " + start.UTC().Format(time.DateOnly)
	}
	return fmt.Sprintf(" from %s to %s", start.UTC().Format(time.DateOnly),
		end.UTC().Format(time.DateOnly))
}
