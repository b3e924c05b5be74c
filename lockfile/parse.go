package lockfile

import (
	"errors"
	"fmt"
	"strings"
)

// entryMark starts the line that starts an entry, and no other.
const entryMark = "  - "

// Parse reads a lock. It takes exactly what Format writes; for any other text the
// error is a *SyntaxError that names the first wrong line. file is how that error
// names the lock. Texts with a merge's conflict marks are for [ParseConflicted].
func Parse(file string, data []byte) (*Lock, error) {
	p := &parser{file: file, text: string(data)}
	l, err := p.lock()
	if err == nil {
		return l, nil
	}
	var se *SyntaxError
	if line := firstMark(p.text); line > 0 && errors.As(err, &se) {
		se.Line, se.Conflicted = line, true
		se.Msg = "this is a merge that git could not finish"
		se.Fix = "to settle it by the pins that the manifests carry: plumb lock"
	}
	return nil, err
}

// parser reads a lock line by line. Every entry is written again as soon as it
// is read and has to come out as it was, so what the methods below leave
// unchecked is checked there.
type parser struct {
	file string
	text string
	at   int    // where in text the next line starts
	line int    // the number of the line that was read last
	last string // that line, without its LF

	platforms []Platform // room for those of all entries
	scratch   []byte     // for writing an entry again
}

// fail returns a *SyntaxError at the line that was read last.
func (p *parser) fail(format string, args ...any) error {
	e := &SyntaxError{File: p.file, Line: p.line, Msg: fmt.Sprintf(format, args...),
		Fix: restore(p.file)}
	if msg, fix := oddity(p.file, p.last); msg != "" {
		e.Msg, e.Fix = msg, fix
	}
	return e
}

// next reads a line. At the end of the text there is an empty one, which is no
// line of a lock.
func (p *parser) next() string {
	rest := p.text[p.at:]
	p.line++
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		p.last = rest[:i]
		p.at += i + 1
	} else {
		p.last = rest
		p.at = len(p.text)
	}
	return p.last
}

// peek reports whether the next line starts with prefix.
func (p *parser) peek(prefix string) bool { return strings.HasPrefix(p.text[p.at:], prefix) }

// field reads a line of the form prefix and scalar; prefix ends in ": ".
func (p *parser) field(prefix string) (string, error) {
	line := p.next()
	if !strings.HasPrefix(line, prefix) {
		return "", p.fail("expected %q and a value", strings.TrimSpace(prefix))
	}
	return p.scalar(line[len(prefix):])
}

func (p *parser) scalar(s string) (string, error) {
	if s == "" || s == `""` {
		return "", p.fail("the value is empty")
	}
	if s[0] != '"' {
		return s, nil
	}
	text, ok := unquote(s)
	if !ok {
		return "", p.fail("the quoted value is broken: it has only the escapes \\\", \\\\, " +
			"\\uXXXX and \\UXXXXXXXX")
	}
	if r, found := invisible(text); found {
		return "", p.fail("a value cannot hold the character %+q", r)
	}
	return text, nil
}

func (p *parser) digest(prefix string) (string, error) {
	d, err := p.field(prefix)
	if err == nil && !ValidDigest(d) {
		return "", p.fail("invalid digest %q: write sha256: and 64 hex digits in lower case", d)
	}
	return d, err
}

func (p *parser) lock() (*Lock, error) {
	if p.next() != header {
		return nil, p.fail("expected the comment that heads a lock: %q", header)
	}
	if err := p.version(); err != nil {
		return nil, err
	}
	l := &Lock{}
	switch p.next() {
	case noEntries:
		return l, p.end()
	case entriesKey:
	default:
		return nil, p.fail("expected %q", entriesKey)
	}
	if p.at == len(p.text) {
		p.next()
		return nil, p.fail("expected an entry, and the lock ends")
	}
	l.Entries = make([]Entry, 0, strings.Count(p.text, "\n"+entryMark))
	p.platforms = make([]Platform, 0, strings.Count(p.text, "\n      - "))
	for more := true; more; more = p.at < len(p.text) {
		line := p.line + 1
		e, err := p.entry()
		if err != nil {
			return nil, err
		}
		l.Entries = append(l.Entries, e)
		if err := p.ordered(l.Entries, line); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// version reads the line that says by which rules the others are written.
func (p *parser) version() error {
	line := p.next()
	if line == version {
		return nil
	}
	n, ok := strings.CutPrefix(line, "version: ")
	if !ok || strings.Trim(n, "0123456789") != "" || strings.HasPrefix(n, "0") || n == "" {
		return p.fail("expected %q", version)
	}
	return &SyntaxError{File: p.file, Line: p.line,
		Msg: fmt.Sprintf("the lock is of version %s, and this plumb reads version 1", n),
		Fix: "use a plumb as new as the one that wrote it"}
}

// end checks that the text of a lock without entries ends here.
func (p *parser) end() error {
	if p.text[len(p.text)-1] != '\n' {
		return p.unended()
	}
	if p.at < len(p.text) {
		p.next()
		return p.fail("expected nothing more after %q", noEntries)
	}
	return nil
}

func (p *parser) unended() error {
	return p.fail("the last line does not end in LF: the lock has been cut off")
}
