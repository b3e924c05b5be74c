package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
	"github.com/plumb-dev/plumb/verify"
)

// values are those that an option takes.
func (s *session) values(ctx context.Context, at position, o option, word string) ([]candidate, directive) {
	if words := o.choices(); words != nil {
		return plain(words), noFiles
	}
	if o.names[0] == "-C" {
		return nil, directories // not relative to itself
	}
	return s.kind(ctx, at, o.value, word)
}

// operandValues are what the next argument may be.
func (s *session) operandValues(ctx context.Context, at position, word string) ([]candidate, directive) {
	o, ok := at.operand()
	if !ok {
		return nil, noFiles
	}
	var found []candidate
	d := noFiles
	for _, kind := range o.kinds {
		more, rest := s.kind(ctx, at, kind, word)
		found = append(found, more...)
		if rest != noFiles {
			d = rest
		}
	}
	return slices.DeleteFunc(found, func(c candidate) bool { return slices.Contains(at.operands, c.text) }), d
}

// kind lists what a word of help stands for: "PATH", "RULE". A word in small
// letters stands for itself.
func (s *session) kind(ctx context.Context, at position, kind, word string) ([]candidate, directive) {
	switch kind {
	case "PATH", "FILE":
		return at.files(word, alsoFiles)
	case "DIR":
		return at.files(word, directories)
	case "RULE":
		var rules []candidate
		for _, r := range verify.Rules() {
			rules = append(rules, candidate{r.Name, r.Says})
		}
		return rules, noFiles
	case "NAME":
		return plain(trackedNames(ctx, at.given["-C"], word)), noFiles
	}
	if choiceWord().MatchString(kind) {
		return plain([]string{kind}), noFiles
	}
	return nil, noFiles
}

func plain(words []string) []candidate {
	var out []candidate
	for _, w := range words {
		out = append(out, candidate{text: w})
	}
	return out
}

// trackedNames are the names in the lock of dir's lock root, and such as people
// write them where word begins so ("nginx:1.27").
func trackedNames(ctx context.Context, dir, word string) []string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	top, _, err := tree.Enclosing(ctx, dir)
	if err != nil {
		return nil
	}
	l, err := lockroot.ReadLock(top, "")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range l.Entries {
		out = append(out, e.Name)
		if short := familiar(e.Name); word != "" && short != e.Name {
			out = append(out, short)
		}
	}
	return out
}

// familiar is a tracked name without what people leave out.
func familiar(name string) string {
	if rest, ok := strings.CutPrefix(name, "docker.io/library/"); ok {
		return rest
	}
	return strings.TrimPrefix(name, "docker.io/")
}

// files leaves files to the shell, which knows best how its user likes them;
// but after -C they are relative to a directory that it does not look in.
func (p *position) files(word string, d directive) ([]candidate, directive) {
	dir, elsewhere := p.given["-C"]
	if !elsewhere || filepath.IsAbs(word) || strings.HasPrefix(word, "~") {
		return nil, d
	}
	parent, base := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Join(dir, parent))
	if err != nil {
		return nil, noFiles
	}
	var out []candidate
	rest := noFiles | noSpace
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || name[0] == '.' && base == "" {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, parent, name))
		switch {
		case err == nil && info.IsDir():
			out = append(out, candidate{text: parent + name + "/"})
		case d != directories:
			out = append(out, candidate{text: parent + name})
			rest = noFiles
		}
	}
	return out, rest
}
