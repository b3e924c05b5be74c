package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Options say what Parse may use besides the documents. The zero Options use
// nothing.
type Options struct {
	// ReadFile returns the file that a policy names beside itself, for key.file, and those
	// of the copy of a TrustRoot's remote repository. The error is fs.ErrNotExist if there
	// is none. name is slash-separated and relative to what Document.File is relative to.
	// It must refuse what is outside of the tree that is judged. Nil refuses all.
	ReadFile func(name string) ([]byte, error)

	// Now is the time for which to judge. If it is set, TUF metadata must not have
	// expired by then, and a Rego policy may ask for the time. The zero Now makes
	// a verdict that stays: what a TUF root has signed once counts, and a policy that
	// asks for the time is an error.
	Now time.Time

	// Timeout bounds the evaluation of one policy; 0 means eval.DefaultTimeout.
	Timeout time.Duration
}

// Set is a set of policies that can judge. It is valid once constructed and does not
// change. The zero Set has no policies. Judge may be called by many
// goroutines at once.
type Set struct {
	policies []*clusterImagePolicy // in the order of their names
	remarks  yaml.ErrorList
	digest   string
}

// parser gathers what documents hold.
type parser struct {
	options  Options
	errs     yaml.ErrorList
	remarks  yaml.ErrorList
	policies []*clusterImagePolicy
	roots    map[string]*trust // by name
	public   *trust            // of a trusted_root.json
	sum      hash.Hash

	remotes     []Remote
	wantsPublic bool // a policy wants public
	wantsOnly   bool // read nothing that may have to be fetched
	members     int  // items of lists in the file that is read
	depth       int  // lists that the document stands in
}

// trust is a trust root by its name.
type trust struct {
	at       yaml.Place
	name     string
	material root.TrustedMaterial // nil if it could not be read, which is an error elsewhere
}

func newParser(o Options) *parser {
	return &parser{options: o, roots: map[string]*trust{}, sum: sha256.New()}
}

// readAll reads documents in the order of their files.
func (s *parser) readAll(docs []Document) {
	for _, doc := range slices.SortedFunc(slices.Values(docs),
		func(a, b Document) int { return cmp.Compare(a.File, b.File) }) {
		s.hash(doc.File, doc.Data)
		s.members = 0
		s.read(doc)
	}
}

// remarkf notes something at v that is no error.
func (s *parser) remarkf(v yaml.Value, format string, args ...any) {
	s.remarks = append(s.remarks, v.Place().Errorf(format, args...))
}

// Parse reads policy documents. The error is a yaml.ErrorList of all that is wrong with them.
func Parse(docs []Document, o Options) (*Set, error) {
	s := newParser(o)
	if !o.Now.IsZero() {
		s.hash("now", []byte(o.Now.UTC().Format(time.RFC3339Nano)))
	}
	s.readAll(docs)
	for _, p := range s.policies {
		s.resolve(p)
	}
	if err := s.errs.Err(); err != nil {
		return nil, err
	}
	s.remarks.Sort()
	slices.SortFunc(s.policies, func(a, b *clusterImagePolicy) int {
		return cmp.Compare(a.name, b.name)
	})
	set := &Set{policies: s.policies, remarks: s.remarks}
	set.digest = "sha256:" + hex.EncodeToString(s.sum.Sum(nil))
	return set, nil
}

// hash makes data part of what the set's digest is over.
func (s *parser) hash(name string, data []byte) {
	for _, part := range [][]byte{[]byte(name), data} {
		s.sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		s.sum.Write(part)
	}
}

// Digest is "sha256:" and the hex digest of everything that Parse read and of
// Options.Now, so that what was judged by one set is not taken for the verdict of
// another.
func (s *Set) Digest() string { return s.digest }

// Remarks are what Parse found that is no error but likely not what was meant.
func (s *Set) Remarks() yaml.ErrorList { return s.remarks }

// Len is how many policies the set has.
func (s *Set) Len() int { return len(s.policies) }

// Policies returns the policies by name, with where they stand, as they are before they
// judge anything.
func (s *Set) Policies() []Policy {
	all := make([]Policy, len(s.policies))
	for i, p := range s.policies {
		all[i] = p.listed()
	}
	return all
}
