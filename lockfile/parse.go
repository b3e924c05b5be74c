package lockfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// SyntaxError is a fault in a lock's text.
type SyntaxError struct {
	File string
	Line int // 1-based
	Msg  string
	// Conflicted says that the text holds a merge's conflict marks.
	Conflicted bool
}

// Error returns the position, the fault and how to mend it.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// restore mends a lock that someone edited: to write it anew would lose pins.
const restore = "; to take back the last committed one: git checkout HEAD -- %s"

// Parse reads a lock. It takes exactly what Format writes; any other text is
// a *SyntaxError that names its first wrong line. file is used in errors only.
func Parse(file string, data []byte) (*Lock, error) {
	p := &parser{file: file, rest: string(data)}
	if line := firstMark(p.rest); line > 0 {
		return nil, &SyntaxError{File: file, Line: line, Conflicted: true,
			Msg: "holds the marks of a merge conflict; to settle it by what the manifests say: plumb lock"}
	}
	if !utf8.ValidString(p.rest) {
		return nil, p.fail("the text is not UTF-8")
	}
	l, err := p.lock()
	if err != nil {
		return nil, err
	}
	if err := p.sorted(l); err != nil {
		return nil, err
	}
	if got := l.Format(); !bytes.Equal(got, data) {
		return nil, p.differs(string(got), string(data))
	}
	return l, nil
}

// parser reads a lock line by line.
type parser struct {
	file  string
	rest  string
	line  int // of the line that next returned last
	lines []int32
}

func (p *parser) fail(format string, args ...any) *SyntaxError {
	return &SyntaxError{File: p.file, Line: max(p.line, 1), Msg: fmt.Sprintf(format, args...) + fmt.Sprintf(restore, p.file)}
}

// next takes a line, without its end.
func (p *parser) next() (string, bool) {
	if p.rest == "" {
		return "", false
	}
	p.line++
	i := strings.IndexByte(p.rest, '\n')
	if i < 0 {
		line := p.rest
		p.rest = ""
		return line, true
	}
	line := p.rest[:i]
	p.rest = p.rest[i+1:]
	return line, true
}

// peek reports whether the next line starts with prefix.
func (p *parser) peek(prefix string) bool { return strings.HasPrefix(p.rest, prefix) }

func (p *parser) lock() (*Lock, error) {
	if line, _ := p.next(); line+"\n" != header {
		return nil, p.fail("expected the comment that heads a lock")
	}
	switch line, _ := p.next(); {
	case line+"\n" == version:
	case newerVersion(line):
		return nil, &SyntaxError{File: p.file, Line: p.line,
			Msg: fmt.Sprintf("%s is of a format that this plumb does not know: use the plumb that wrote it", line)}
	default:
		return nil, p.fail("expected %q", strings.TrimSpace(version))
	}
	l := &Lock{}
	switch line, _ := p.next(); line {
	case "entries: []":
	case "entries:":
		l.Entries = make([]Entry, 0, strings.Count(p.rest, "\n  - "))
	default:
		return nil, p.fail("expected \"entries:\"")
	}
	for p.rest != "" {
		p.lines = append(p.lines, int32(p.line+1))
		e, err := p.entry()
		if err != nil {
			return nil, err
		}
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// newerVersion reports whether line names a version other than this one.
func newerVersion(line string) bool {
	n, ok := strings.CutPrefix(line, "version: ")
	return ok && n != "" && n != "1" && strings.Trim(n, "0123456789") == ""
}

func (p *parser) entry() (Entry, error) {
	var e Entry
	line, _ := p.next()
	item, ok := strings.CutPrefix(line, "  - ")
	key, _, hasValue := strings.Cut(item, ": ")
	switch e.Kind = Kind(key); {
	case ok && hasValue && (e.Kind == Artifact || e.Kind == Chart || e.Kind == Git || e.Kind == Image):
	default:
		return e, p.fail("expected an entry: \"  - \" and artifact, chart, git or image")
	}
	var err error
	if e.Name, err = p.value(line, "  - "+key); err != nil {
		return e, err
	}
	if err := p.checkName(e); err != nil {
		return e, err
	}
	if err := p.pin(&e); err != nil {
		return e, err
	}
	if err := p.platforms(&e); err != nil {
		return e, err
	}
	return e, p.verified(&e)
}

// checkName refuses names that are not in canonical form.
func (p *parser) checkName(e Entry) error {
	if e.Name == "" {
		return p.fail("the %s has no name", e.Kind)
	}
	if e.Kind != Image && e.Kind != Artifact {
		return nil
	}
	n, err := oci.Parse(e.Name)
	if err != nil {
		return p.fail("%v", err)
	}
	if n.Tracked() != e.Name {
		return p.fail("%q is not in canonical form, which is %q", e.Name, n.Tracked())
	}
	return nil
}

// pin reads the lines that say what the name resolved to.
func (p *parser) pin(e *Entry) (err error) {
	if e.Kind == Git {
		if e.Ref, err = p.field("    ref"); err != nil {
			return err
		}
		if e.Commit, err = p.field("    commit"); err != nil {
			return err
		}
		if len(e.Commit) != 40 && len(e.Commit) != 64 || !isHex(e.Commit) {
			return p.fail("%q is no commit: it has 40 or 64 hex digits in lower case", e.Commit)
		}
		return nil
	}
	if e.Digest, err = p.digest("    digest"); err != nil {
		return err
	}
	if p.peek("    mediaType: ") {
		e.MediaType, err = p.field("    mediaType")
	}
	return err
}

// field reads a line of the form "key: value".
func (p *parser) field(key string) (string, error) {
	line, ok := p.next()
	if !ok {
		p.line++
	}
	return p.value(line, key)
}

func (p *parser) value(line, key string) (string, error) {
	v := ""
	if len(line) > len(key)+2 && line[:len(key)] == key && line[len(key):len(key)+2] == ": " {
		v = line[len(key)+2:]
	} else {
		return "", p.fail("expected %q and a value", strings.TrimSpace(key)+":")
	}
	if v[0] != '"' {
		if !plainSafe(v) {
			return "", p.fail("the value of %s has to stand in double quotes", strings.TrimSpace(key))
		}
		return v, nil
	}
	text, ok := unquote(v)
	if !ok {
		return "", p.fail("the quoted value of %s is broken", strings.TrimSpace(key))
	}
	return text, nil
}

func (p *parser) digest(key string) (string, error) {
	d, err := p.field(key)
	if err == nil && !ValidDigest(d) {
		return "", p.fail("%q is no digest: it is sha256: and 64 hex digits in lower case", d)
	}
	return d, err
}

func (p *parser) platforms(e *Entry) error {
	if !p.peek("    platforms:") {
		return nil
	}
	p.next()
	for p.peek("      - ") {
		line, _ := p.next()
		pl, ok := platform(line[len("      - "):])
		if !ok {
			return p.fail("expected \"      - os/architecture manifest sha256:…\" and perhaps \" config sha256:…\"")
		}
		if n := len(e.Platforms); n > 0 && e.Platforms[n-1].Platform > pl.Platform {
			return p.fail("platform %s is out of order", pl.Platform)
		}
		e.Platforms = append(e.Platforms, pl)
	}
	if len(e.Platforms) == 0 {
		return p.fail("platforms is empty")
	}
	return nil
}

func platform(s string) (Platform, bool) {
	name, rest, _ := strings.Cut(s, " manifest ")
	manifest, config, hasConfig := strings.Cut(rest, " config ")
	slash := strings.IndexByte(name, '/')
	if slash <= 0 || slash == len(name)-1 || !letter(name[0]) || strings.ContainsAny(name, " #:\"'") {
		return Platform{}, false
	}
	ok := ValidDigest(manifest) && (!hasConfig || ValidDigest(config))
	return Platform{Platform: name, Manifest: manifest, Config: config}, ok
}

func (p *parser) verified(e *Entry) error {
	if !p.peek("    verified:") {
		return nil
	}
	p.next()
	for p.peek("      - ") {
		var v Verified
		var err error
		for _, f := range [...]struct {
			key string
			to  *string
		}{{"      - policy", &v.Policy}, {"        authority", &v.Authority}, {"        signer", &v.Signer}} {
			if *f.to, err = p.field(f.key); err != nil {
				return err
			}
		}
		if v.Evidence, err = p.digest("        evidence"); err != nil {
			return err
		}
		e.Verified = append(e.Verified, v)
	}
	if len(e.Verified) == 0 {
		return p.fail("verified is empty")
	}
	return nil
}

// sorted refuses entries out of order, and two of one name.
func (p *parser) sorted(l *Lock) error {
	for i := 1; i < len(l.Entries); i++ {
		a, b := l.Entries[i-1], l.Entries[i]
		p.line = int(p.lines[i])
		switch c := a.Compare(b); {
		case c == 0:
			return p.fail("a second entry for %s %s", b.Kind, b.Name)
		case c > 0:
			return p.fail("%s %s is out of order", b.Kind, b.Name)
		}
	}
	return nil
}

// differs names the first line in which a text is not what Format writes.
func (p *parser) differs(want, got string) error {
	p.line = 1
	for {
		w, wantRest, _ := strings.Cut(want, "\n")
		g, gotRest, ended := strings.Cut(got, "\n")
		switch {
		case w != g:
			return p.fail("expected %q", w)
		case !ended:
			return p.fail("the last line has no end")
		}
		want, got = wantRest, gotRest
		p.line++
	}
}

// EntryLines returns the 1-based lines on which the entries of a canonical lock
// begin, in their order.
func EntryLines(data []byte) []int {
	var lines []int
	line := 0
	for rest := data; len(rest) > 0; {
		line++
		if bytes.HasPrefix(rest, []byte("  - ")) {
			lines = append(lines, line)
		}
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	return lines
}
