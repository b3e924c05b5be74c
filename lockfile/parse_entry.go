package lockfile

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// entry reads one entry.
func (p *parser) entry() (e Entry, err error) {
	start, line := p.at, p.line+1
	if err := p.head(&e); err != nil {
		return e, err
	}
	switch e.Kind {
	case Git:
		err = p.commit(&e)
	case Chart:
		err = p.chart(&e)
	case URL:
		e.Digest, err = p.digest("    digest: ")
	default:
		err = p.content(&e)
	}
	if err == nil && e.Kind == Image {
		err = p.platformLines(&e)
	}
	if err == nil && e.Kind != URL {
		err = p.verified(&e)
	}
	if err == nil {
		err = p.canonical(&e, p.text[start:p.at], line)
	}
	return e, err
}

// head reads the line with an entry's kind and name.
func (p *parser) head(e *Entry) (err error) {
	line := p.next()
	item, isItem := strings.CutPrefix(line, entryMark)
	word, name, hasName := strings.Cut(item, ": ")
	switch {
	case !isItem && strings.HasPrefix(line, "    "):
		return p.fail("unexpected key %q", strings.TrimSpace(line))
	case !isItem || !hasName:
		return p.fail("expected %q and artifact, chart, git, image or url with a name", entryMark)
	}
	switch Kind(word) {
	case Artifact:
		e.Kind = Artifact
	case Chart:
		e.Kind = Chart
	case Git:
		e.Kind = Git
	case Image:
		e.Kind = Image
	case URL:
		e.Kind = URL
	default:
		return p.fail("unknown kind of entry %q: known kinds are artifact, chart, git, image "+
			"and url", word)
	}
	if e.Name, err = p.scalar(name); err != nil {
		return err
	}
	return p.checkName(e)
}

// checkName refuses the names of images and artifacts that are not in canonical
// form.
func (p *parser) checkName(e *Entry) error {
	if e.Kind != Image && e.Kind != Artifact {
		return nil
	}
	n, err := oci.Parse(e.Name)
	if err != nil {
		return p.fail("%v", err)
	}
	if tracked := n.Tracked(); tracked != e.Name {
		return p.fail("%q is not in canonical form, which is %q", e.Name, tracked)
	}
	return nil
}

// optional reads the line that begins with prefix, if it is the next one.
func (p *parser) optional(prefix string) (string, error) {
	if !p.peek(prefix) {
		return "", nil
	}
	return p.field(prefix)
}

// commit reads the lines that say what a git ref resolved to.
func (p *parser) commit(e *Entry) (err error) {
	if e.Range, err = p.optional("    range: "); err != nil {
		return err
	}
	if e.Ref, err = p.field("    ref: "); err != nil {
		return err
	}
	if e.Tag, err = p.optional("    tag: "); err != nil {
		return err
	}
	if e.Tag != "" && !ValidCommit(e.Tag) {
		return p.fail("invalid tag %q: write the id of the tag object, 40 or 64 hex digits in "+
			"lower case", e.Tag)
	}
	if e.Commit, err = p.field("    commit: "); err != nil {
		return err
	}
	if !ValidCommit(e.Commit) {
		return p.fail("invalid commit %q: write 40 or 64 hex digits in lower case", e.Commit)
	}
	return nil
}

// chart reads the lines that say what a chart resolved to.
func (p *parser) chart(e *Entry) (err error) {
	if e.Range, err = p.optional("    range: "); err != nil {
		return err
	}
	if e.Version, err = p.field("    version: "); err != nil {
		return err
	}
	if e.Digest, err = p.digest("    digest: "); err != nil {
		return err
	}
	if e.Content, err = p.field("    content: "); err != nil {
		return err
	}
	if !validContent(e.Content) {
		return p.fail("invalid content %q: expected h1: and the base64 of a SHA-256 hash", e.Content)
	}
	return nil
}

// content reads the lines that say what an image or an artifact resolved to.
func (p *parser) content(e *Entry) (err error) {
	if e.Digest, err = p.digest("    digest: "); err != nil {
		return err
	}
	if _, named, ok := strings.Cut(e.Name, "@"); ok && named != e.Digest {
		return p.fail("the name says %s, and the digest is another", named)
	}
	if p.peek("    mediaType: ") {
		e.MediaType, err = p.field("    mediaType: ")
	}
	return err
}

func (p *parser) platformLines(e *Entry) error {
	const key = "    platforms:"
	if !p.peek(key) {
		return nil
	}
	if p.next() != key {
		return p.fail("expected %q", strings.TrimSpace(key))
	}
	first := len(p.platforms)
	for more := true; more; more = p.peek("      - ") {
		pl, ok := parsePlatform(p.next())
		if !ok {
			return p.fail("expected \"- os/architecture manifest sha256:…\", perhaps with \" " +
				"config sha256:…\"")
		}
		if n := len(p.platforms); n > first {
			if c := comparePlatforms(p.platforms[n-1], pl); c == 0 {
				return p.fail("this manifest of %s is there twice", pl.Platform)
			} else if c > 0 {
				return p.fail("%s is out of order: platforms are sorted", pl.Platform)
			}
		}
		p.platforms = append(p.platforms, pl)
	}
	e.Platforms = p.platforms[first:len(p.platforms):len(p.platforms)]
	return nil
}

func parsePlatform(line string) (pl Platform, ok bool) {
	s, ok := strings.CutPrefix(line, "      - ")
	if !ok {
		return pl, false
	}
	pl.Platform, s, _ = strings.Cut(s, " manifest ")
	var hasConfig bool
	pl.Manifest, pl.Config, hasConfig = strings.Cut(s, " config ")
	return pl, validPlatform(pl.Platform) && ValidDigest(pl.Manifest) &&
		(!hasConfig || ValidDigest(pl.Config))
}

func (p *parser) verified(e *Entry) error {
	const key = "    verified:"
	if !p.peek(key) {
		return nil
	}
	if p.next() != key {
		return p.fail("expected %q", strings.TrimSpace(key))
	}
	for more := true; more; more = p.peek("      - ") {
		line := p.line + 1
		v, err := p.statement()
		if err != nil {
			return err
		}
		if n := len(e.Verified); n > 0 && e.Verified[n-1].Compare(v) >= 0 {
			p.line = line
			return p.fail("the statements under verified are out of order, or one is there twice")
		}
		e.Verified = append(e.Verified, v)
	}
	return nil
}

func (p *parser) statement() (v Verified, err error) {
	if v.Policy, err = p.field("      - policy: "); err != nil {
		return v, err
	}
	if v.Authority, err = p.field("        authority: "); err != nil {
		return v, err
	}
	if v.Signer, err = p.field("        signer: "); err != nil {
		return v, err
	}
	v.Evidence, err = p.digest("        evidence: ")
	return v, err
}

// canonical refuses an entry's text that is not what Format writes for it. line
// is the number of its first line.
func (p *parser) canonical(e *Entry, text string, line int) error {
	p.scratch = appendEntry(p.scratch[:0], e)
	if string(p.scratch) == text {
		return nil
	}
	want := string(p.scratch)
	for p.line = line; ; p.line++ {
		w, moreWanted, _ := strings.Cut(want, "\n")
		got, more, ended := strings.Cut(text, "\n")
		p.last = got
		switch {
		case w != got:
			return p.fail("expected %q", strings.TrimSpace(w))
		case !ended:
			return p.unended()
		}
		want, text = moreWanted, more
	}
}

// ordered refuses the last of the entries, which starts on the given line, if it
// does not come after the one before it.
func (p *parser) ordered(entries []Entry, line int) error {
	n := len(entries)
	if n < 2 {
		return nil
	}
	last := entries[n-1].key()
	c := entries[n-2].key().compare(last)
	if c < 0 {
		return nil
	}
	p.line = line
	if c == 0 {
		return p.fail("this is a second entry for %v", last)
	}
	return p.fail("%v is out of order: entries are sorted by kind, name and ref", last)
}
