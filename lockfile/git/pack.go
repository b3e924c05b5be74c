package git

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// Packs are the objects of packs that were fetched into a folder.
type Packs struct {
	dir   string
	files []billy.File
	packs []*packfile.Packfile
}

// NewPacks keeps packs in a folder, which the caller creates and removes.
func NewPacks(dir string) *Packs { return &Packs{dir: dir} }

// Add adds a pack, which receive writes to a file.
func (p *Packs) Add(ctx context.Context, receive func(io.Writer) error) error {
	f, err := osfs.New(p.dir).TempFile("", "pack-")
	if err != nil {
		return err
	}
	p.files = append(p.files, f)
	if err := receive(f); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := inspect(ctx, f); err != nil {
		return err
	}
	return p.parse(f)
}

// parse reads the objects of a pack. A panic of the parser, which reads untrusted input, is
// an error.
func (p *Packs) parse(f billy.File) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("pack from the server: parser panicked: %v", p)
		}
	}()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var index idxfile.Writer
	parser, err := packfile.NewParser(packfile.NewScanner(f), &index)
	if err != nil {
		return err
	}
	if _, err := parser.Parse(); err != nil {
		return fmt.Errorf("pack from the server: %w", err)
	}
	list, err := index.Index()
	if err != nil {
		return err
	}
	p.packs = append(p.packs, packfile.NewPackfileWithCache(list, nil, f,
		cache.NewObjectLRU(16*cache.MiByte), 0))
	return nil
}

// Close closes the files of the packs.
func (p *Packs) Close() error {
	var all []error
	for _, f := range p.files {
		all = append(all, f.Close())
	}
	return errors.Join(all...)
}

// Object returns an object of a pack (see Objects).
func (p *Packs) Object(h Hash, t plumbing.ObjectType, max int64) ([]byte, error) {
	for _, one := range p.packs {
		o, err := one.Get(h)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("object %s: %w", h, err)
		}
		return content(o, h, t, max)
	}
	return nil, &MissingError{h, t}
}

// MissingError is an object that the server did not send: it is beyond the history that was
// requested, or too large.
type MissingError struct {
	// Hash is the id of the object.
	Hash Hash
	// Type is its type.
	Type plumbing.ObjectType
}

// Error names the object.
func (e *MissingError) Error() string {
	if e.Type == plumbing.BlobObject {
		return fmt.Sprintf("the server did not send %s: it has more than %d bytes", e.Hash,
			maxObject)
	}
	return fmt.Sprintf("the server did not send the %s %s", e.Type, e.Hash)
}

// content reads an object of a type. The parser has computed the ids of a pack's objects, so
// they match the contents.
func content(o plumbing.EncodedObject, h Hash, t plumbing.ObjectType, max int64) ([]byte, error) {
	if o.Type() != t {
		return nil, fmt.Errorf("object %s is a %s, not a %s", h, o.Type(), t)
	}
	if o.Size() > max {
		return nil, fmt.Errorf("%s has %d bytes, more than %d", h, o.Size(), max)
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // read to its end
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", h, err)
	}
	return data, nil
}

// inspect reads a pack, and rejects one that takes too much memory to parse: the parser
// trusts the sizes in a pack.
func inspect(ctx context.Context, r io.Reader) error {
	s := packfile.NewScanner(r)
	_, count, err := s.Header()
	if err != nil {
		return fmt.Errorf("pack from the server: %w", err)
	}
	if count > maxCount {
		return fmt.Errorf("the pack from the server has %d objects, more than %d", count, maxCount)
	}
	for range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := s.NextObjectHeader()
		if err != nil {
			return fmt.Errorf("pack from the server: %w", err)
		}
		size := h.Length
		start := &prefix{}
		if size <= maxObject {
			if _, _, err := s.NextObject(start); err != nil {
				return fmt.Errorf("pack from the server: %w", err)
			}
		}
		if h.Type.IsDelta() && size <= maxObject {
			if size = start.target(); size < 0 {
				return errors.New("the pack from the server has an invalid delta")
			}
		}
		if size > maxObject {
			return fmt.Errorf("the repository has an object of %d bytes, more than %d; to let "+
				"the server leave it out, there: git config uploadpack.allowFilter true", size,
				maxObject)
		}
	}
	return nil
}

// prefix keeps the first bytes of what is written to it.
type prefix struct {
	data [20]byte
	n    int
}

// Write implements io.Writer.
func (p *prefix) Write(b []byte) (int, error) {
	p.n += copy(p.data[p.n:], b)
	return len(b), nil
}

// target is the size of a delta's result: the second of the two numbers that it starts with,
// in groups of seven bits; -1 if it is missing.
func (p *prefix) target() int64 {
	size, shift, number := int64(0), 0, 0
	for _, b := range p.data[:p.n] {
		if shift > 56 {
			return -1
		}
		size |= int64(b&0x7f) << shift
		shift += 7
		if b&0x80 == 0 {
			if number++; number == 2 {
				return size
			}
			size, shift = 0, 0
		}
	}
	return -1
}
