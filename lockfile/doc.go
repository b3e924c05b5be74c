// Package lockfile holds plumb's lock: which content each external input of a
// tree resolved to, and who signed it. It is the vocabulary that the other
// packages share, and it reads and writes no file: [Parse] takes bytes and
// [Lock.Format] returns them.
//
// # The file
//
// A lock is the file plumb.lock. It is YAML (1.1 and 1.2 alike) that any YAML
// reader takes, in one canonical form:
//
//	# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.
//	version: 1
//	entries:
//	  - chart: https://charts.jetstack.io#cert-manager
//	    range: "^1.14"
//	    version: "1.14.4"
//	    digest: sha256:77aa…
//	    content: h1:9c1d…
//	  - git: https://github.com/acme/bases.git
//	    ref: refs/tags/v2.3.0
//	    commit: 5b1f…
//	  - image: docker.io/library/nginx:1.27.0
//	    digest: sha256:6af7…
//	    mediaType: application/vnd.oci.image.index.v1+json
//	    platforms:
//	      - linux/amd64 manifest sha256:7f2c… config sha256:a1b0…
//	      - linux/arm64 manifest sha256:88de…
//	    verified:
//	      - policy: upstream
//	        authority: docker-official
//	        signer: https://github.com/… (issuer https://token.actions.githubusercontent.com)
//	        evidence: sha256:09ab…
//	  - url: https://github.com/acme/app/releases/download/v1.2/install.yaml
//	    digest: sha256:10fe…
//
// Parse takes exactly what Format writes: Format∘Parse is the identity on every
// text that Parse accepts. A lock of the same entries has the same bytes, by whatever
// wrote it.
//
// # Grammar
//
// The text is printable ASCII and LF. In the notation of RFC 5234, with LF at the
// end of each line, the last one included:
//
//	lock      = header "version: 1" LF ( "entries: []" LF / "entries:" LF 1*entry )
//	header    = "# plumb.lock: …" LF            ; the comment above, letter by letter
//	entry     = "  - " ( ( artifact / chart / git / image ) [ verified ] / url )
//	artifact  = "artifact: " name LF content
//	chart     = "chart: " name LF [ range ] "    version: " quoted LF
//	            "    digest: " digest LF "    content: " scalar LF
//	image     = "image: " name LF content [ platforms ]
//	git       = "git: " name LF [ range ] "    ref: " scalar LF
//	            [ "    tag: " scalar LF ] "    commit: " scalar LF
//	url       = "url: " name LF "    digest: " digest LF
//	range     = "    range: " quoted LF
//	content   = "    digest: " digest LF [ "    mediaType: " scalar LF ]
//	platforms = "    platforms:" LF 1*( "      - " platform LF )
//	platform  = os "/" architecture [ "/" variant ] " manifest " digest [ " config " digest ]
//	verified  = "    verified:" LF 1*( "      - policy: " scalar LF
//	            "        authority: " scalar LF "        signer: " scalar LF
//	            "        evidence: " digest LF )
//	digest    = "sha256:" 64HEX                 ; lower case
//	name      = scalar
//	scalar    = plain / quoted
//
// The name of an image or an artifact is a canonical tracked name of package oci,
// so "docker.io/library/nginx:latest" and not "nginx"; where it is a digest, the
// entry's digest is the same. The name of a git entry is the URL of a repository, that
// of a chart is that of a chart repository with "#" and the chart's name, and that of a
// url entry is the URL of the file: texts that this package does not look into. A commit
// has 40 or 64 lower-case hex digits, and so has a tag, which is the id of an annotated
// tag's object. A chart's content is "h1:" and the base64 of a SHA-256 hash over its
// files. A platform is of letters, digits, ".", "_" and "-", and starts with a letter.
//
// No scalar is empty. Its characters are those that can be seen (letters, marks,
// numbers, punctuation, symbols) and the space: no control character, no line end,
// nothing that changes the direction of a text.
//
// # Order
//
// Entries are sorted by kind, by name, and by what they follow: their range, or else a
// git entry's ref and a chart's version. No two share all three. Platforms
// are sorted by platform and manifest, of which no two share both; statements
// under verified by policy, authority, signer and evidence. Texts are compared
// byte by byte.
//
// # Quoting
//
// A scalar is plain where no YAML reader could take it for anything but that text.
// It is printable ASCII; it starts with a letter, or else with a digit and holds a
// slash, or is of hex digits with an a, c, d or f among them; it ends with neither
// colon nor space; it holds neither ": " nor " #"; and it is in no spelling one of
// y, n, yes, no, on, off, true, false and null.
//
// Any other scalar is quoted: it stands between double quotes, with \" and \\ for
// those two, \uXXXX for what is not ASCII and \UXXXXXXXX for what is beyond
// U+FFFF, in lower-case hex digits. So letters of other alphabets that look like
// ASCII are seen for what they are in a review.
//
// # What it does not hold
//
// No time, no version of plumb, no path and no position in a manifest, no hash
// over the whole: nothing that makes the locks of two honest people differ, or two
// unrelated changes conflict. That the manifests agree with the lock is for package
// verify to say. What stands under verified is a report of who signed the
// content when it was locked, never the reason to believe it: that is the evidence
// which the digest names, judged anew each time.
//
// Nor does it protect itself. A lock is trusted as far as the commit that holds it,
// and a line-based merge that git finds clean can join the pin of one side with the
// platforms of the other into an entry that neither wrote.
package lockfile
