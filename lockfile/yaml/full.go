package yaml

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// full reads the text with yaml.v3, which decides what the text means, and
// then finds the place of each node in the bytes.
func (p *Parser) full() ([]Document, error) {
	c := &converter{text: &p.text, nodes: &p.nodes, lines: newLineIndex(&p.text),
		finished: map[*yaml.Node]*Node{}}
	dec := yaml.NewDecoder(strings.NewReader(p.text.asVersion11()))
	for {
		var y yaml.Node
		err := decode(dec, &y)
		if errors.Is(err, io.EOF) {
			return p.docs, nil
		}
		if err != nil {
			return p.docs, c.libraryError(err)
		}
		clear(c.finished)
		doc, err := c.document(&y)
		if err != nil {
			return p.docs, err
		}
		p.docs = append(p.docs, doc)
	}
}

// asVersion11 returns the source with the version of each %YAML directive
// that says 1.2 changed to 1.1, the only one that yaml.v3 takes, at the same
// length. The difference between the two concerns the types of scalars alone.
func (t *text) asVersion11() string {
	const version = "%YAML 1.2"
	if !strings.Contains(t.src, version) {
		return t.src
	}
	out := []byte(t.src)
	directives := true // they stand at the start, and behind a document's end
	for i := t.begin(); i < len(t.src); {
		end := t.lineEnd(i)
		switch line := t.src[i:end]; {
		case strings.HasPrefix(line, "..."):
			directives = t.blankz(i + 3)
		case strings.TrimLeft(line, " ") == "" || line[0] == '#':
		case line[0] != '%':
			directives = false
		case directives && strings.HasPrefix(line, version) && t.blankz(i+len(version)):
			out[i+len(version)-1] = '1'
		}
		i = end + t.breakAt(end)
	}
	return string(out)
}

// decode reads one document, and turns a panic of the library into an error.
func decode(dec *yaml.Decoder, y *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: the YAML library broke down: %v", r)
		}
	}()
	return dec.Decode(y)
}

// countedFromZero are the messages of yaml.v3's parser, as opposed to its
// scanner: with them it gives the number of the line before.
var countedFromZero = []string{
	"did not find expected <document start>",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected key",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"found undefined tag handle",
}

// libraryError places an error of yaml.v3, which says its line in words:
// "yaml: line 12: …".
func (c *converter) libraryError(err error) *SyntaxError {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if number, rest, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				// What is missing at the end is missed in the last line.
				if slices.Contains(countedFromZero, rest) &&
					c.lines.at(line+1, 1) < len(c.text.src) {
					line++
				}
				return &SyntaxError{Offset: c.lines.at(line, 1), Msg: rest}
			}
		}
	}
	if name, ok := strings.CutPrefix(msg, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		return &SyntaxError{Offset: max(strings.Index(c.text.src, "*"+name), 0), Msg: msg}
	}
	return &SyntaxError{Offset: c.pos, Msg: msg}
}
