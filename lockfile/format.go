package lockfile

const (
	header = "# plumb.lock: what this tree's external inputs are, by content. Written by " +
		"plumb; commit it."
	version    = "version: 1"
	entriesKey = "entries:"
	noEntries  = "entries: []"
)

// Format returns the lock's one canonical text. The lock has to be sorted and
// its entries have to be such as the package comment describes: Format checks
// neither, but whatever they hold, no text of theirs becomes a line of its own,
// and Parse refuses the result where it is not what was meant.
func (l *Lock) Format() []byte {
	b := make([]byte, 0, l.size())
	b = append(b, header+"\n"+version+"\n"...)
	if len(l.Entries) == 0 {
		return append(b, noEntries+"\n"...)
	}
	b = append(b, entriesKey+"\n"...)
	for i := range l.Entries {
		b = appendEntry(b, &l.Entries[i])
	}
	return b
}

// size estimates the length of the lock's text from above, quoting aside.
func (l *Lock) size() int {
	n := 256
	for i := range l.Entries {
		e := &l.Entries[i]
		n += 160 + len(e.Name) + len(e.Ref) + len(e.MediaType) +
			len(e.Range) + len(e.Version) + len(e.Content) + 192*len(e.Platforms) +
			256*len(e.Verified)
	}
	return n
}

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, "  - "...)
	b = append(b, e.Kind...)
	b = appendField(b, ": ", e.Name)
	b = appendContent(b, e)
	if len(e.Platforms) > 0 {
		b = append(b, "    platforms:\n"...)
		for i := range e.Platforms {
			b = appendPlatform(b, &e.Platforms[i])
		}
	}
	if len(e.Verified) > 0 {
		b = append(b, "    verified:\n"...)
		for i := range e.Verified {
			b = appendVerified(b, &e.Verified[i])
		}
	}
	return b
}

// appendContent writes what an entry resolved to.
func appendContent(b []byte, e *Entry) []byte {
	optional := func(prefix, value string) {
		if value != "" {
			b = appendField(b, prefix, value)
		}
	}
	if e.Range != "" {
		b = append(appendQuoted(append(b, "    range: "...), e.Range), '\n')
	}
	if e.Kind == Git {
		b = appendField(b, "    ref: ", e.Ref)
		optional("    tag: ", e.Tag)
		return appendField(b, "    commit: ", e.Commit)
	}
	if e.Version != "" {
		b = append(appendQuoted(append(b, "    version: "...), e.Version), '\n')
	}
	b = appendField(b, "    digest: ", e.Digest)
	optional("    content: ", e.Content)
	optional("    mediaType: ", e.MediaType)
	return b
}

// appendField writes a line; prefix is its indentation, key and colon.
func appendField(b []byte, prefix, value string) []byte {
	return append(appendScalar(append(b, prefix...), value), '\n')
}

// appendPlatform writes a platform's line, quoted as a whole should a part hold
// what a registry should not have sent.
func appendPlatform(b []byte, p *Platform) []byte {
	b = append(b, "      - "...)
	start := len(b)
	b = append(b, p.Platform...)
	b = append(b, " manifest "...)
	b = append(b, p.Manifest...)
	if p.Config != "" {
		b = append(b, " config "...)
		b = append(b, p.Config...)
	}
	if !validPlatform(p.Platform) || !ValidDigest(p.Manifest) || p.Config != "" &&
		!ValidDigest(p.Config) {
		b = appendQuoted(b[:start], string(b[start:]))
	}
	return append(b, '\n')
}

func appendVerified(b []byte, v *Verified) []byte {
	b = appendField(b, "      - policy: ", v.Policy)
	b = appendField(b, "        authority: ", v.Authority)
	b = appendField(b, "        signer: ", v.Signer)
	return appendField(b, "        evidence: ", v.Evidence)
}
