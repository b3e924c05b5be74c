package manifest

import (
	"encoding/binary"
	"errors"

	"github.com/plumb-dev/plumb/lockfile"
)

// EncodingVersion changes whenever a scan would find something else in the
// same bytes, or the encoding itself does: what an older one stored is void.
const EncodingVersion = 16

var errEncoding = errors.New("not an encoded scan")

// AppendFile appends what a scan found to b, for a cache. How a reference is
// edited is left out: a decoded reference cannot be pinned.
func AppendFile(b []byte, f *File) []byte {
	b = appendString(b, f.Path)
	b = binary.AppendUvarint(append(b, byte(f.role)), uint64(f.as))
	b = append(b, flag(f.objects), flag(f.manifest), flag(f.component),
		flag(f.Unreadable != nil))
	if f.Unreadable != nil {
		b = appendRemark(b, f.Unreadable)
	}
	b = binary.AppendUvarint(b, uint64(len(f.uses)))
	for _, u := range f.uses {
		b = binary.AppendUvarint(appendString(b, u.path), uint64(u.as))
		b = append(b, flag(u.plugin))
		b = binary.AppendUvarint(b, uint64(u.line))
		b = binary.AppendUvarint(b, uint64(u.column))
	}
	b = binary.AppendUvarint(b, uint64(len(f.asks)))
	for _, a := range f.asks {
		for _, s := range [...]string{a.kind, a.name, a.field, a.variable} {
			b = appendString(b, s)
		}
		b = binary.AppendUvarint(b, uint64(a.line))
		b = binary.AppendUvarint(b, uint64(a.column))
		b = binary.AppendUvarint(append(b, byte(a.how), flag(a.cut)), uint64(a.index))
	}
	b = appendOffers(appendString(b, f.source), f.offers)
	b = binary.LittleEndian.AppendUint64(b, f.Judged)
	b = binary.AppendUvarint(b, uint64(len(f.charts)))
	for _, dir := range f.charts {
		b = appendString(b, dir)
	}
	b = binary.AppendUvarint(b, uint64(len(f.References)))
	for i := range f.References {
		b = appendReference(b, &f.References[i])
	}
	b = binary.AppendUvarint(b, uint64(len(f.Remarks)))
	for i := range f.Remarks {
		b = appendRemark(b, &f.Remarks[i])
	}
	return b
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendReference(b []byte, r *Reference) []byte {
	b = binary.AppendUvarint(b, uint64(r.Line))
	b = binary.AppendUvarint(b, uint64(r.Column))
	for _, s := range [...]string{string(r.Input), r.Kind, r.Namespace, r.Name, r.Field,
		r.Reference, r.Tracked, r.Digest, r.Why, r.Policy} {
		b = appendString(b, s)
	}
	b = append(b, flag(r.Editable), flag(r.Inherits), flag(r.Source != nil))
	if r.Source != nil {
		b = appendSource(b, r.Source)
	}
	return b
}

func appendSource(b []byte, s *Source) []byte {
	for _, t := range [...]string{s.URL, s.Fetch, s.Chart, s.Repository, s.Path, s.Follows, s.Pin,
		s.By, string(s.Holder), s.Together, s.link.namespace, s.link.name, s.link.why,
		s.content} {
		b = appendString(b, t)
	}
	return append(b, byte(s.Form), flag(s.OnBranch), flag(s.Listed), flag(s.Repo),
		flag(s.Watched), flag(s.link.editable), byte(s.ownLock))
}

func appendRemark(b []byte, r *Remark) []byte {
	b = binary.AppendUvarint(b, uint64(r.Line))
	b = binary.AppendUvarint(b, uint64(r.Column))
	for _, s := range [...]string{r.Rule, r.Kind, r.Namespace, r.Name, r.Field, r.Reference,
		r.Message, string(r.Input)} {
		b = appendString(b, s)
	}
	return append(b, flag(r.Severe), flag(r.open))
}

// DecodeFile reads what AppendFile wrote from the start of s and returns the
// rest. Strings share memory with s.
func DecodeFile(s string) (f File, rest string, err error) {
	d := decoder{s: s}
	f.Path = d.string()
	f.role = role(d.byte())
	f.as = readAs(d.uvarint())
	f.objects = d.byte() == 1
	f.manifest = d.byte() == 1
	f.component = d.byte() == 1
	if d.byte() == 1 {
		r := d.remark(f.Path)
		f.Unreadable = &r
	}
	if n := d.count(); n > 0 {
		f.uses = make([]use, n)
		for i := range f.uses {
			f.uses[i] = use{path: d.string(), as: readAs(d.uvarint()), plugin: d.byte() == 1,
				line: d.uvarint(), column: d.uvarint()}
		}
	}
	if n := d.count(); n > 0 {
		f.asks = make([]ask, n)
		for i := range f.asks {
			f.asks[i] = ask{kind: d.string(), name: d.string(), field: d.string(),
				variable: d.string(), line: d.uvarint(), column: d.uvarint(),
				how: askedAs(d.byte()), cut: d.byte() == 1, index: d.uvarint()}
		}
	}
	f.source, f.offers = d.string(), d.offers()
	for i := range 8 {
		f.Judged |= uint64(d.byte()) << (8 * i)
	}
	if n := d.count(); n > 0 {
		f.charts = make([]string, n)
		for i := range f.charts {
			f.charts[i] = d.string()
		}
	}
	if n := d.count(); n > 0 {
		f.References = make([]Reference, n)
		for i := range f.References {
			f.References[i] = d.reference(f.Path)
		}
	}
	if n := d.count(); n > 0 {
		f.Remarks = make([]Remark, n)
		for i := range f.Remarks {
			f.Remarks[i] = d.remark(f.Path)
		}
	}
	if d.bad {
		return File{}, "", errEncoding
	}
	return f, d.s, nil
}

// decoder reads values from the front of s. After a fault it reads zeros.
type decoder struct {
	s   string
	bad bool
}

func (d *decoder) uvarint() int {
	var v uint64
	for i := 0; i < len(d.s) && i < 9; i++ {
		c := d.s[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return int(v)
		}
	}
	d.bad, d.s = true, ""
	return 0
}

// count is a uvarint that counts things of at least a byte each.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > len(d.s) {
		d.bad, d.s = true, ""
		return 0
	}
	return n
}

func (d *decoder) byte() byte {
	if d.s == "" {
		d.bad = true
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

func (d *decoder) string() string {
	n := d.count()
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) reference(file string) Reference {
	r := Reference{File: file, Line: d.uvarint(), Column: d.uvarint(),
		Input: lockfile.Kind(d.string())}
	for _, p := range [...]*string{&r.Kind, &r.Namespace, &r.Name, &r.Field, &r.Reference,
		&r.Tracked, &r.Digest, &r.Why, &r.Policy} {
		*p = d.string()
	}
	r.Editable = d.byte() == 1
	r.Inherits = d.byte() == 1
	if d.byte() == 1 {
		r.Source = d.source()
	}
	return r
}

func (d *decoder) source() *Source {
	s := &Source{URL: d.string(), Fetch: d.string(), Chart: d.string(), Repository: d.string(),
		Path: d.string(), Follows: d.string(), Pin: d.string(), By: d.string(),
		Holder: Holder(d.string()), Together: d.string()}
	s.link = sourceLink{namespace: d.string(), name: d.string(), why: d.string()}
	s.content = d.string()
	s.Form = Form(d.byte())
	s.OnBranch, s.Listed, s.Repo = d.byte() == 1, d.byte() == 1, d.byte() == 1
	s.Watched, s.link.editable = d.byte() == 1, d.byte() == 1
	s.ownLock = ownLock(d.byte())
	return s
}

func (d *decoder) remark(file string) Remark {
	r := Remark{File: file, Line: d.uvarint(), Column: d.uvarint()}
	for _, p := range [...]*string{&r.Rule, &r.Kind, &r.Namespace, &r.Name, &r.Field, &r.Reference,
		&r.Message} {
		*p = d.string()
	}
	r.Input = lockfile.Kind(d.string())
	r.Severe = d.byte() == 1
	r.open = d.byte() == 1
	return r
}
