package gitref

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// listing is what is read of a list of refs, line by line.
type listing struct {
	refs   []Ref
	head   string
	digits int // of an object id: all have as many
}

// parseRefs reads what "git ls-remote --symref" prints. It rejects a list in which a line
// is malformed, a ref is named twice, or a peeled line does not follow its tag.
func parseRefs(out string) (*Refs, error) {
	var l listing
	n := 0
	for line := range strings.Lines(out) {
		n++
		if err := l.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return l.finish()
}

// line reads one line.
func (l *listing) line(line string) error {
	line, whole := strings.CutSuffix(line, "\n")
	if !whole {
		return fmt.Errorf("%.80q is cut off", line)
	}
	id, name, ok := strings.Cut(line, "\t")
	if !ok {
		return fmt.Errorf("no tab in %.80q", line)
	}
	if target, ok := strings.CutPrefix(id, "ref: "); ok {
		return l.symref(name, target)
	}
	if err := l.id(id); err != nil {
		return err
	}
	if tag, ok := strings.CutSuffix(name, "^{}"); ok {
		return l.peel(tag, id)
	}
	return l.add(Ref{Name: name, Commit: id})
}

// symref notes what a symbolic ref names. Only HEAD's matters.
func (l *listing) symref(name, target string) error {
	switch {
	case !validRef(name):
		return fmt.Errorf("invalid ref name %.80q", name)
	case !validRef(target) || target == "HEAD":
		return fmt.Errorf("%.80q names an invalid ref %.80q", name, target)
	case name != "HEAD":
		return nil
	case l.head != "":
		return fmt.Errorf("HEAD names both %.80q and %.80q", l.head, target)
	}
	l.head = target
	return nil
}

// id checks an object id.
func (l *listing) id(id string) error {
	if l.digits == 0 {
		l.digits = len(id)
	}
	if !validID(id) || len(id) != l.digits {
		return fmt.Errorf("invalid object id %.80q", id)
	}
	return nil
}

// add notes a ref.
func (l *listing) add(ref Ref) error {
	if !validRef(ref.Name) {
		return fmt.Errorf("invalid ref name %.80q", ref.Name)
	}
	l.refs = append(l.refs, ref)
	return nil
}

// peel notes what the annotated tag on the line before names.
func (l *listing) peel(name, id string) error {
	last := len(l.refs) - 1
	if last < 0 || l.refs[last].Name != name || l.refs[last].Tag != "" {
		return fmt.Errorf("%.80q^{} does not follow its tag", name)
	}
	l.refs[last].Tag, l.refs[last].Commit = l.refs[last].Commit, id
	return nil
}

// finish sorts the refs.
func (l *listing) finish() (*Refs, error) {
	slices.SortFunc(l.refs, func(a, b Ref) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(l.refs); i++ {
		if l.refs[i].Name == l.refs[i-1].Name {
			return nil, fmt.Errorf("%.80q is there twice", l.refs[i].Name)
		}
	}
	return &Refs{l.refs, l.head}, nil
}
