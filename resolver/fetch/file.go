package fetch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"mime"
	"net/http"
	"strings"
)

// file is what is known of a file that was read.
type file struct{ digest string }

// read hashes a response, unless that is a page of HTML.
func (f *file) read(h http.Header, body io.Reader) error {
	if isHTML(h.Get("Content-Type")) {
		return &ContentError{Reason: htmlPage, fix: useRaw}
	}
	sum, from := sha256.New(), bufio.NewReaderSize(body, 64<<10)
	start, err := skipSpace(from, sum)
	if err != nil {
		return err
	}
	if beginsHTML(start) {
		return &ContentError{Reason: htmlPage, fix: useRaw}
	}
	if _, err := io.Copy(sum, from); err != nil {
		return err
	}
	f.digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return nil
}

const htmlPage = "the server answered with an HTML page, not with a file"

// isHTML reports whether a Content-Type field says that what follows is HTML.
func isHTML(field string) bool {
	kind, _, err := mime.ParseMediaType(field)
	if err != nil { // of the parameters, perhaps
		kind, _, _ = strings.Cut(field, ";")
	}
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// skipSpace moves a byte order mark and the white space after it from a text to sum, and
// returns how the text goes on. That stays in the text.
func skipSpace(from *bufio.Reader, sum hash.Hash) ([]byte, error) {
	if mark, err := from.Peek(len(utf8BOM)); err == nil && string(mark) == utf8BOM {
		sum.Write(mark)
		_, _ = from.Discard(len(mark)) // which were just seen
	}
	for {
		start, err := from.Peek(1)
		if err == nil && bytes.IndexByte([]byte(" \t\r\n\f\v"), start[0]) >= 0 {
			sum.Write(start)
			_, _ = from.Discard(1)
			continue
		}
		if err == nil {
			start, err = from.Peek(64)
		}
		if err == io.EOF {
			err = nil // shorter than that
		}
		return start, err
	}
}

const utf8BOM = "\ufeff"

// beginsHTML reports whether a text that begins so is HTML.
func beginsHTML(start []byte) bool {
	text := strings.ToLower(string(start))
	if kind, ok := strings.CutPrefix(text, "<!doctype"); ok {
		return strings.HasPrefix(strings.TrimSpace(kind), "html")
	}
	return strings.HasPrefix(text, "<html")
}
