package complete

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

// values are those that an option takes.
func (p *position) values(o cli.Option, word string) ([]Candidate, directive) {
	if words := choices(o); words != nil {
		return plain(words), noFiles
	}
	if o.Names[0] == "-C" {
		return nil, directories // not relative to itself
	}
	return p.kind(o.Value, word)
}

// operandValues are what the next argument may be.
func (c *Completer) operandValues(
	ctx context.Context, at position, word string,
) ([]Candidate, directive) {
	o, ok := at.operand()
	if !ok {
		return nil, noFiles
	}
	var found []Candidate
	d := noFiles
	for _, kind := range o.kinds {
		if source := c.Sources[kind]; source != nil {
			found = append(found, source(ctx, at.given["-C"], word)...)
			continue
		}
		more, rest := at.kind(kind, word)
		found = append(found, more...)
		if rest != noFiles {
			d = rest
		}
	}
	return slices.DeleteFunc(found, func(f Candidate) bool {
		return slices.Contains(at.operands, f.Text)
	}), d
}

// kind lists what a word of help stands for: "PATH". A word in small letters stands
// for itself.
func (p *position) kind(kind, word string) ([]Candidate, directive) {
	switch kind {
	case "PATH", "FILE":
		return p.files(word, alsoFiles)
	case "DIR":
		return p.files(word, directories)
	}
	if choiceWord().MatchString(kind) {
		return plain([]string{kind}), noFiles
	}
	return nil, noFiles
}

func plain(words []string) []Candidate {
	var out []Candidate
	for _, w := range words {
		out = append(out, Candidate{Text: w})
	}
	return out
}

// files leaves files to the shell, which knows best how its user likes them;
// but after -C they are relative to a directory that it does not look in.
func (p *position) files(word string, d directive) ([]Candidate, directive) {
	dir, elsewhere := p.given["-C"]
	if !elsewhere || filepath.IsAbs(word) || strings.HasPrefix(word, "~") {
		return nil, d
	}
	parent, base := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Join(dir, parent))
	if err != nil {
		return nil, noFiles
	}
	var out []Candidate
	rest := noFiles | noSpace
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || name[0] == '.' && base == "" {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, parent, name))
		switch {
		case err == nil && info.IsDir():
			out = append(out, Candidate{Text: parent + name + "/"})
		case d != directories:
			out = append(out, Candidate{Text: parent + name})
			rest = noFiles
		}
	}
	return out, rest
}
