package git

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
)

// advert is what a server says first.
type advert struct {
	tip          Hash // of the branch; zero if it does not exist
	capabilities []string
}

func (a *advert) can(capability string) bool { return slices.Contains(a.capabilities, capability) }

// readAdvert reads the refs that a server has, and keeps that of a branch. An empty
// repository has none.
func readAdvert(r io.Reader, branch string) (*advert, error) {
	a := &advert{}
	lines := pktline.NewScanner(io.LimitReader(r, maxRefs))
	for first := true; lines.Scan(); {
		line := strings.TrimSuffix(string(lines.Bytes()), "\n")
		switch {
		case strings.HasPrefix(line, "# service="): // of HTTP, and a flush after it
			if !lines.Scan() || len(lines.Bytes()) > 0 {
				return nil, errors.New("the server does not speak git's protocol")
			}
			continue
		case line == "":
			if first {
				return nil, errors.New("the repository is empty")
			}
			return a, a.check()
		}
		if first {
			var capabilities string
			line, capabilities, _ = strings.Cut(line, "\x00")
			a.capabilities = strings.Fields(capabilities)
			first = false
			if err := a.objectFormat(); err != nil {
				return nil, err
			}
		}
		id, name, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("the server does not speak git's protocol: %.60q", line)
		}
		if name == "refs/heads/"+branch {
			if a.tip, ok = ParseHash(id); !ok {
				return nil, fmt.Errorf("unsupported object id %.80q: plumb reads SHA-1 only", id)
			}
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the server's list of refs: %w", err)
	}
	return nil, fmt.Errorf("the server's list of refs is truncated, or has more than %d bytes",
		maxRefs)
}

// objectFormat refuses a repository whose object ids are not SHA-1.
func (a *advert) objectFormat() error {
	for _, c := range a.capabilities {
		if format, ok := strings.CutPrefix(c, "object-format="); ok && !isSHA1(format) {
			return &ObjectFormatError{format}
		}
	}
	return nil
}

// check refuses servers that lack what a fetch needs; each has had it for years.
func (a *advert) check() error {
	for _, c := range []string{"shallow", "side-band-64k", "ofs-delta"} {
		if !a.can(c) {
			return fmt.Errorf("the server does not support %s", c)
		}
	}
	return nil
}

// request is a request for a commit and its objects.
type request struct {
	want  Hash
	depth int  // how many commits, one after the other
	have  Hash // a commit that is there, without its parents; zero for none
	trees bool // with trees and files, if the server can leave them out
}

func (q request) encode(a *advert) ([]byte, error) {
	var b bytes.Buffer
	e := pktline.NewEncoder(&b)
	capabilities := "shallow side-band-64k ofs-delta no-progress agent=plumb"
	if a.can("filter") {
		capabilities += " filter"
	}
	err := e.Encodef("want %s %s\n", q.want, capabilities)
	if !q.have.IsZero() {
		err = errors.Join(err, e.Encodef("shallow %s\n", q.have))
	}
	err = errors.Join(err, e.Encodef("deepen %d\n", q.depth))
	if a.can("filter") {
		filter := "tree:0"
		if q.trees {
			filter = fmt.Sprintf("blob:limit=%d", maxObject+1)
		}
		err = errors.Join(err, e.Encodef("filter %s\n", filter))
	}
	err = errors.Join(err, e.Flush())
	if !q.have.IsZero() {
		err = errors.Join(err, e.Encodef("have %s\n", q.have))
	}
	err = errors.Join(err, e.EncodeString("done\n"))
	return b.Bytes(), err
}

// readPack reads a server's answer and writes the pack in it to w.
func readPack(r io.Reader, w io.Writer) error {
	lines := pktline.NewScanner(r)
	if err := skipShallow(lines); err != nil {
		return err
	}
	size := int64(0)
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case len(line) == 0 && size > 0:
			return nil
		case len(line) == 0:
			return errors.New("the server sent no pack")
		case line[0] == 1:
			if size += int64(len(line) - 1); size > maxPack {
				return fmt.Errorf("the server sends more than %d bytes", maxPack)
			}
			if _, err := w.Write(line[1:]); err != nil {
				return err
			}
		case line[0] == 2: // progress
		case line[0] == 3:
			return fmt.Errorf("the server says: %.300q", strings.TrimSpace(string(line[1:])))
		case size == 0 && (bytes.HasPrefix(line, []byte("NAK")) ||
			bytes.HasPrefix(line, []byte("ACK "))):
		default:
			return fmt.Errorf("the server does not speak git's protocol: %.60q", line)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("response from the server: %w", err)
	}
	return errors.New("the response from the server is truncated")
}

// skipShallow reads past the commits whose parents are not sent.
func skipShallow(lines *pktline.Scanner) error {
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 {
			return nil
		}
		if !bytes.HasPrefix(line, []byte("shallow ")) &&
			!bytes.HasPrefix(line, []byte("unshallow ")) {
			return fmt.Errorf("the server does not speak git's protocol: %.60q", line)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("response from the server: %w", err)
	}
	return errors.New("the response from the server is truncated")
}
