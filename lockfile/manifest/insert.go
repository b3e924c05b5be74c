package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// after plans to add a key, whose value is the digest, behind the pair k: v of
// the mapping m: as a line of its own, or as an entry in { }.
func (f *finder) after(m, k, v *yaml.Node, add addition) (slot, bool) {
	ks, _, ok := f.text.span(k.Start, k.End)
	if !ok {
		return slot{}, false
	}
	ve, ok := f.endInFile(v)
	if !ok {
		return slot{}, false
	}
	src := f.file.src
	lineStart := strings.LastIndexByte(src[:ks], '\n') + 1
	lead := strings.TrimPrefix(src[lineStart:ks], "\ufeff")
	if m.Style == yaml.Flow {
		return afterInFlow(ve, lead, k, add), add.under == ""
	}
	if strings.Trim(lead, " -") != "" {
		return slot{}, false
	}
	eol := "\n"
	at := strings.IndexByte(src[ve:], '\n')
	switch {
	case at < 0:
		at = len(src)
		if strings.Contains(src, "\r\n") {
			eol = "\r\n"
		}
	default:
		at += ve
		if at > 0 && src[at-1] == '\r' && at-1 >= ve {
			at--
			eol = "\r\n"
		}
	}
	indent := strings.Repeat(" ", len(lead))
	before := eol + indent
	if add.under != "" {
		before += add.under + ":" + eol + indent + "  "
		for _, l := range add.above {
			before += l + eol + indent + "  "
		}
	}
	return slot{start: at, end: at, before: before + add.key + ": "}, true
}

// addition is a key that a mapping is to get, whose value is the digest.
type addition struct {
	key   string
	under string   // the key that holds it, if it does not exist yet
	above []string // further lines under it
}

func afterInFlow(at int, lead string, k *yaml.Node, add addition) slot {
	sep := ", "
	if strings.Trim(lead, " \t") == "" {
		sep = ",\n" + lead
	}
	q := ""
	if k.Style == yaml.DoubleQuoted {
		q = `"`
	}
	return slot{start: at, end: at, before: sep + q + add.key + q + ": " + q, after: q}
}

// endInFile is the file's offset behind the last byte of v.
func (f *finder) endInFile(v *yaml.Node) (int, bool) {
	if v.Opaque || v.End == v.Start {
		return 0, false
	}
	_, e, ok := f.text.span(v.End-1, v.End)
	return e, ok
}
