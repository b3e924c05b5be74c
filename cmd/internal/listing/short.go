package listing

import (
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// digestLetters is how many letters of a digest a terminal shows.
const digestLetters = 12

// shortDigest is a reference with the beginning of its digest:
// "nginx:1.27@sha256:0123…" becomes "nginx:1.27@0123456789ab".
func shortDigest(reference string) string {
	name, digest, ok := strings.Cut(reference, "@")
	_, hex, hashed := strings.Cut(digest, ":")
	if !ok || !hashed || len(hex) <= digestLetters || strings.Trim(hex, "0123456789abcdef") != "" {
		return reference
	}
	return name + "@" + hex[:digestLetters]
}

// shortReference is a reference in at most columns, with a short digest. Where that is too
// long, the middle of the name is cut, so that the tag stays, and where there is no room
// for the digest, it goes first.
func shortReference(reference string, columns int) string {
	short := shortDigest(reference)
	if cli.TextWidth(short) <= columns {
		return short
	}
	const minName = 4
	name, rest := splitTag(short)
	if width := cli.TextWidth(rest); width <= columns-minName {
		return cli.CutMiddle(name, columns-width) + rest
	}
	if before, _, digested := strings.Cut(short, "@"); digested {
		return shortReference(before, columns-1) + "…"
	}
	return cli.CutMiddle(short, columns)
}

// splitTag splits a reference before its tag, or else before its digest.
func splitTag(reference string) (name, rest string) {
	end := len(reference)
	if at := strings.IndexByte(reference, '@'); at >= 0 {
		end = at
	}
	colon := strings.LastIndexByte(reference[:end], ':')
	if colon > strings.LastIndexByte(reference[:end], '/') {
		end = colon
	}
	return reference[:end], reference[end:]
}
