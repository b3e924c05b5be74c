package chart

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/plumb-dev/plumb/resolver/httpget"
	"github.com/plumb-dev/plumb/resolver/internal/once"
)

// Bounds on an index, in bytes.
const (
	maxIndex  = 128 << 20
	maxMemory = 4 << 20  // what is longer is kept in a temporary file
	maxWhole  = 16 << 20 // that is parsed as a whole, which takes many times its size
)

// index is the index.yaml of a repository. Most indexes are as helm writes them: then only
// the charts that are asked for are parsed. Others are parsed as a whole.
type index struct {
	at     string // its URL, for errors
	text   spool
	charts map[string]span // of index.yaml as helm writes it; nil for others
	last   string          // the last of charts in the text
	parsed once.Group[[]entry]
	whole  once.Group[map[string][]entry]
}

// span is a part of an index.
type span struct{ start, end int64 }

// entry is one version in an index.
type entry struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

// index fetches the index of a repository.
func (s *sender) index(ctx context.Context, r *repository) (*index, error) {
	at := *r.url
	at.Path += "index.yaml"
	x := &index{at: httpget.CleanURL(at.String())}
	err := s.get(ctx, request{repo: r, url: &at, what: "index", most: maxIndex}, x.read)
	if err != nil {
		return nil, errors.Join(err, x.close())
	}
	return x, nil
}

// read reads the text of an index. It may be called again after it failed.
func (x *index) read(from io.Reader) error {
	if err := x.text.reset(); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(io.TeeReader(from, &x.text), 64<<10)
	start, err := lines.Peek(512)
	if err != nil && err != io.EOF {
		return err
	}
	switch begin := strings.TrimLeft(strings.TrimPrefix(string(start), utf8BOM), " \t\r\n"); {
	case begin == "":
		return errors.New("the index is empty")
	case begin[0] == '<':
		return errors.New("the server answered with an HTML page, not with an index.yaml: " +
			"check the URL of the repository")
	}
	s := scanner{charts: make(map[string]span)}
	scanErr := s.scan(lines)
	if _, err := io.Copy(io.Discard, lines); err != nil {
		return err
	}
	if err := x.text.flush(); err != nil {
		return err
	}
	var other *otherFormError
	if errors.As(scanErr, &other) {
		_, err := x.parseWhole(other)
		return err
	}
	x.charts, x.last = s.charts, s.last
	return scanErr
}

const utf8BOM = "\ufeff"

// versions returns the versions of a chart, sorted.
func (x *index) versions(n Name, r *repository) ([]Version, error) {
	entries, err := x.entries(n.Chart)
	if err != nil {
		return nil, err
	}
	if entries == nil {
		if err := x.checkEnd(); err != nil {
			return nil, err
		}
		return nil, &NotFoundError{Name: n}
	}
	var list []Version
	for _, e := range entries {
		v := Version{Version: e.Version, Digest: strings.TrimSpace(e.Digest)}
		if len(e.URLs) > 0 {
			if v.URL, err = r.resolve(e.URLs[0]); err != nil {
				return nil, fmt.Errorf("%s: chart %q, version %q: %w", x.at, n.Chart, e.Version, err)
			}
		}
		if isHex64(v.Digest) {
			v.Digest = "sha256:" + strings.ToLower(v.Digest)
		}
		list = append(list, v)
	}
	return newestFirst(list), nil
}

// entries returns what the index has of a chart, nil if it does not have it.
func (x *index) entries(chart string) ([]entry, error) {
	if x.charts == nil {
		all, err := x.parseWhole(nil)
		return all[chart], err
	}
	s, ok := x.charts[chart]
	if !ok {
		return nil, nil
	}
	// Nothing is waited for but other goroutines that parse.
	return x.parsed.Do(context.Background(), chart, func() ([]entry, error) {
		text, err := x.text.part(s)
		if err != nil {
			return nil, err
		}
		if left, ok := reduce(text); ok {
			if list, err := left.entries(chart); err == nil {
				return list, nil
			}
		}
		list, err := parseEntry(chart, text)
		if err == nil {
			return list, nil
		}
		// It may be valid as a part of the whole, with an anchor somewhere else.
		all, err := x.parseWhole(fmt.Errorf("chart %q: %w", chart, err))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.at, err)
		}
		return all[chart], nil
	})
}

// checkEnd returns an error if the index seems to be cut off, so that a chart that is not
// in it may be in the rest.
func (x *index) checkEnd() error {
	if x.last == "" {
		return nil
	}
	if _, err := x.entries(x.last); err != nil {
		return fmt.Errorf("the index seems to be cut off: %w", err)
	}
	return nil
}

func (x *index) close() error { return x.text.close() }

// spool keeps a text: a short one in memory, a long one in a temporary file.
type spool struct {
	memory []byte
	file   *os.File
	out    *bufio.Writer // to file
}

// Write appends to the text.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && len(s.memory)+len(p) <= maxMemory {
		s.memory = append(s.memory, p...)
		return len(p), nil
	}
	if s.file == nil {
		file, err := os.CreateTemp("", "plumb-index-*")
		if err != nil {
			return 0, err
		}
		_ = os.Remove(file.Name()) // where a file may be removed while it is open
		s.file, s.out = file, bufio.NewWriterSize(file, 256<<10)
		if _, err := s.out.Write(s.memory); err != nil {
			return 0, err
		}
		s.memory = nil
	}
	return s.out.Write(p)
}

func (s *spool) flush() error {
	if s.file == nil {
		return nil
	}
	return s.out.Flush()
}

// part returns a part of the text.
func (s *spool) part(of span) ([]byte, error) {
	if s.file == nil {
		return s.memory[of.start:of.end], nil
	}
	text := make([]byte, of.end-of.start)
	_, err := s.file.ReadAt(text, of.start)
	return text, err
}

// size returns the length of the text.
func (s *spool) size() (int64, error) {
	if s.file == nil {
		return int64(len(s.memory)), nil
	}
	return s.file.Seek(0, io.SeekEnd)
}

// reset empties the text.
func (s *spool) reset() error {
	err := s.close()
	*s = spool{}
	return err
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	_ = os.Remove(name)
	s.file = nil
	return err
}
