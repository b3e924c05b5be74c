package lockfile

import (
	"errors"
	"strings"
	"testing"
)

// TestParseRefuses breaks the sample, which Parse accepts, in one place each.
func TestParseRefuses(t *testing.T) {
	const nginx = "image: docker.io/library/nginx:1.27.0"
	mediaType := "    mediaType: " + ociManifest + "\n"
	statement := "      - policy: \"name: with # marks\"\n        authority: \"\\u00e9\\\"\\\\\\U0001f600\"\n" +
		"        signer: \"null\"\n        evidence: " + hexDigest("f") + "\n"
	for _, c := range []struct {
		name     string
		old, new string
		line     int
		msg      string
	}{
		{"another header", "# plumb.lock:", "# my lock:", 1, "heads a lock"},
		{"no header", header + "\n", "", 1, "heads a lock"},
		{"a newer version", "version: 1", "version: 12", 2, "of version 12"},
		{"an older version", "version: 1", "version: 0", 2, `expected "version: 1"`},
		{"a version that is none", "version: 1", "version: one", 2, `expected "version: 1"`},
		{"no version", "version: 1\n", "", 2, `expected "version: 1"`},
		{"no entries", "entries:\n", "", 3, `expected "entries:"`},
		{"entries of none", "entries:\n", "entries: []\n", 4, "nothing more"},
		{"an empty line", "entries:\n", "entries:\n\n", 4, "expected \"  - \""},
		{"a comment", "entries:\n", "entries:\n# mine\n", 4, "expected \"  - \""},
		{"an unknown kind", "  - artifact:", "  - model:", 4, `unknown kind of entry "model"`},
		{"an unknown key", mediaType, mediaType + "    size: 12\n", 7, `unexpected key "size: 12"`},
		{"a key in capitals", "    mediaType: " + ociManifest, "    mediatype: " + ociManifest, 6, "unexpected key"},
		{"a key of another kind", mediaType, mediaType + "    ref: refs/heads/main\n", 7, "unexpected key"},
		{"platforms of an artifact", mediaType, mediaType + "    platforms:\n", 7, "unexpected key"},
		{"keys out of order", "    digest: " + hexDigest("1") + "\n" + mediaType, mediaType + "    digest: " + hexDigest("1") + "\n", 5, `expected "digest:"`},
		{"a key without a space", "    digest: ", "    digest:", 5, `expected "digest:"`},
		{"a key twice", mediaType, mediaType + mediaType, 7, "unexpected key"},
		{"an empty value", "ref: refs/heads/main", "ref: ", 13, "ends in a space"},
		{"an empty value in quotes", "ref: refs/heads/main", `ref: ""`, 13, "is empty"},
		{"an empty name", "git: https://github.com/acme/bases.git", `git: ""`, 12, "is empty"},
		{"a digest too short", hexDigest("1"), "sha256:11", 5, "invalid digest"},
		{"a digest in capitals", hexDigest("a"), "sha256:" + strings.Repeat("A", 64), 23, "invalid digest"},
		{"sha512", "digest: " + hexDigest("1"), "digest: sha512:" + strings.Repeat("1", 128), 5, "invalid digest"},
		{"a digest in quotes", "digest: " + hexDigest("1"), "digest: \"" + hexDigest("1") + "\"", 5, `expected "digest: sha256:1`},
		{"a commit too short", commit5, "a" + commit5[:38], 14, "invalid commit"},
		{"a number for a commit", `"` + strings.Repeat("6", 40) + `"`, strings.Repeat("6", 40), 17, `expected "commit: \"666`},
		{"a tag that is no id", "ref: refs/heads/main\n", "ref: refs/heads/main\n    tag: v1\n", 14, `invalid tag "v1"`},
		{"a version without quotes", `version: "6.5.0"`, "version: 6.5.0", 9, `expected "version: \"6.5.0\""`},
		{"a range without quotes", `range: ">=6.0 <7"`, "range: x", 8, `expected "range: \"x\""`},
		{"a chart without a version", "    version: \"6.5.0\"\n", "", 9, `expected "version:"`},
		{"a chart without content", "    content: " + hash1 + "\n", "", 11, `expected "content:"`},
		{"content that is no hash", hash1, "h1:abc", 11, `invalid content "h1:abc"`},
		{"content of another hash", hash1, "h2" + hash1[2:], 11, "invalid content"},
		{"a media type of a chart", hash1 + "\n", hash1 + "\n    mediaType: x\n", 12, "unexpected key"},
		{"statements of a url", hexDigest("9") + "\n", hexDigest("9") + "\n    verified:\n", 43, "unexpected key"},
		{"a familiar name", nginx, "image: nginx:1.27.0", 22, `form, which is "docker.io/library/nginx:1.27.0"`},
		{"a name without library/", nginx, "image: docker.io/nginx:1.27.0", 22, `form, which is "docker.io/library/nginx:1.27.0"`},
		{"a name in quotes", nginx, `image: "docker.io/library/nginx:1.27.0"`, 22, "expected"},
		{"a name that needs quotes", `"[::1]:5000/app:v1"`, "[::1]:5000/app:v1", 20, "expected"},
		{"a name without its tag", "bundle:1.0.0", "bundle", 4, `form, which is "ghcr.io/acme/bundle:latest"`},
		{"a name with tag and digest", "redis@", "redis:7@", 39, `form, which is "docker.io/library/redis:7"`},
		{"a name that is none", nginx, "image: docker.io/library/NGINX:1.27.0", 22, "lower case"},
		{"a name of another digest", "redis@sha256:aa", "redis@sha256:ab", 40, "the digest is another"},
		{"a name with a line end", `git: https://github.com/acme/bases.git`, `git: "https://github.com/\u000a"`, 12, `cannot hold the character '\n'`},
		{"entries out of order", "  - artifact: ghcr.io/acme/bundle:1.0.0", "  - image: ghcr.io/acme/bundle:1.0.0", 7, "out of order"},
		{"two entries of one name", "refs/heads/main", "refs/tags/v2.3.0", 15, "a second entry for git https://github.com/acme/bases.git refs/tags/v2.3.0"},
		{"platforms out of order", "- linux/amd64", "- windows/amd64", 27, "linux/arm/v7 is out of order"},
		{"a platform twice", "windows/amd64 manifest " + hexDigest("8"), "windows/amd64 manifest " + hexDigest("7"), 29, "there twice"},
		{"a platform without architecture", "linux/amd64 manifest", "linux manifest", 26, "os/architecture"},
		{"a platform of four parts", "linux/arm/v7", "linux/arm/v7/x", 27, "os/architecture"},
		{"a platform without manifest", " manifest " + hexDigest("d"), "", 27, "os/architecture"},
		{"a platform with half a config", " config " + hexDigest("c"), " config ", 26, "ends in a space"},
		{"platforms of none", "    platforms:\n", "    platforms:\n    platforms:\n", 26, "os/architecture"},
		{"a flow list of platforms", "    platforms:\n", "    platforms: []\n", 25, `expected "platforms:"`},
		{"verified of none", "    verified:\n", "    verified:\n    verified:\n", 31, `expected "- policy:"`},
		{"a flow list of statements", "    verified:\n", "    verified: []\n", 30, `expected "verified:"`},
		{"statements out of order", `policy: "name: with # marks"`, "policy: zeta", 35, "out of order"},
		{"a statement twice", statement, statement + statement, 35, "there twice"},
		{"a statement without evidence", "        evidence: " + hexDigest("f") + "\n", "", 34, `expected "evidence:"`},
		{"evidence that is no digest", "evidence: " + hexDigest("f"), "evidence: none", 34, "invalid digest"},
		{"a trailing space", "commit: " + commit5, "commit: " + commit5 + " ", 14, "ends in a space"},
		{"a trailing comment", "commit: " + commit5, "commit: " + commit5 + " # mine", 14, "invalid commit"},
		{"a tab", "    ref: refs/heads/main", "\tref: refs/heads/main", 13, `byte 1 of the line starts "\t"`},
		{"a control character", "refs/heads/main", "refs/heads/\x07", 13, `byte 21 of the line starts "\a"`},
		{"quotes that are not needed", "ref: refs/heads/main", `ref: "refs/heads/main"`, 13, `expected "ref: refs/heads/main"`},
		{"single quotes", "ref: refs/heads/main", `ref: 'refs/heads/main'`, 13, `expected "ref: \"'refs`},
		{"an escape that is not needed", `"null"`, `"nu\u006cl"`, 33, `expected "signer: \"null\""`},
		{"an escape in capitals", `\u00e9`, `\u00E9`, 32, `expected "authority: `},
		{"an unknown escape", `"null"`, `"nul\x6c"`, 33, "broken"},
		{"quotes without end", `"null"`, `"null`, 33, "broken"},
		{"an invisible character", `"null"`, `"\u200bnull"`, 33, `'\u200b'`},
		{"a letter beyond ASCII", "refs/heads/main", "refs/heads/m\u00e4in", 13, `"\u00e4": a lock is printable ASCII`},
		{"no UTF-8", "refs/heads/main", "refs/heads/\xff", 13, `"\xff": a lock is printable ASCII`},
		{"CRLF", "version: 1\n", "version: 1\r\n", 2, "CR LF"},
		{"CRLF everywhere", "commit it.\nversion: 1\n", "commit it.\r\nversion: 1\r\n", 1, "CR LF"},
		{"CR", "version: 1\nentries", "version: 1\rentries", 2, `"\r"`},
		{"BOM", "# plumb.lock", "\ufeff# plumb.lock", 1, "byte order mark"},
	} {
		if strings.Count(sampleText, c.old) == 0 {
			t.Fatalf("%s: the text to change is not there", c.name)
		}
		checkRefused(t, c.name, strings.Replace(sampleText, c.old, c.new, 1), c.line, c.msg)
	}
}

func TestParseRefusesTheEnd(t *testing.T) {
	empty := string((&Lock{}).Format())
	last := 1 + strings.Count(sampleText, "\n")
	for _, c := range []struct {
		name, text string
		line       int
		msg        string
	}{
		{"nothing", "", 1, "heads a lock"},
		{"half a header", "# plumb", 1, "heads a lock"},
		{"the header", header + "\n", 2, `expected "version: 1"`},
		{"no entry", header + "\nversion: 1\nentries:\n", 4, "the lock ends"},
		{"no last line end", strings.TrimSuffix(sampleText, "\n"), last - 1, "cut off"},
		{"no last line end of an empty lock", strings.TrimSuffix(empty, "\n"), 3, "cut off"},
		{"half a digest", strings.TrimSuffix(sampleText, "9\n"), last - 1, "invalid digest"},
		{"half an entry", sampleText + "  - image: ghcr.io/z/z:1\n", last + 1, `expected "digest:"`},
		{"an empty line", sampleText + "\n", last, "expected \"  - \""},
		{"another document", sampleText + "---\n", last, "expected \"  - \""},
		{"more after an empty lock", empty + "\n", 4, "nothing more"},
	} {
		checkRefused(t, c.name, c.text, c.line, c.msg)
	}
}

func checkRefused(t *testing.T, name, text string, line int, msg string) {
	t.Helper()
	l, err := Parse("env/plumb.lock", []byte(text))
	var se *SyntaxError
	if !errors.As(err, &se) || l != nil {
		t.Errorf("%s: got %v, want a *SyntaxError", name, err)
		return
	}
	if se.Line != line || !strings.Contains(se.Msg, msg) || se.Conflicted || se.Fix == "" || se.File != "env/plumb.lock" {
		t.Errorf("%s: got %v, want line %d and %q", name, se, line, msg)
	}
}

// TestParseCutOff cuts the sample everywhere: what is left is a lock only where
// an entry may end.
func TestParseCutOff(t *testing.T) {
	accepted := 0
	for i := range len(sampleText) {
		l, err := Parse("plumb.lock", []byte(sampleText[:i]))
		if err != nil {
			continue
		}
		accepted++
		if got := string(l.Format()); got != sampleText[:i] {
			t.Errorf("cut at %d: accepted, and written back as\n%s", i, got)
		}
	}
	// After an entry (7), a digest without its media type or platforms (3), a
	// platform (3 more) and a statement (1 more).
	if accepted > 16 {
		t.Errorf("%d beginnings of the sample are locks", accepted)
	}
}

func TestSyntaxError(t *testing.T) {
	e := &SyntaxError{File: "env/plumb.lock", Line: 17, Msg: "wrong", Fix: "to mend it: do"}
	if got, want := e.Error(), "env/plumb.lock:17: wrong; to mend it: do"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sampleText)
	f.Add(string((&Lock{}).Format()))
	f.Add(string(large(2).Format()))
	f.Add(strings.ReplaceAll(sampleText, "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("plumb.lock", []byte(text))
		if err != nil {
			return
		}
		if got := string(l.Format()); got != text {
			t.Errorf("%q is written back as %q", text, got)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := large(10_000).Format()
	b.Run("entries=10000", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Parse("plumb.lock", text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
