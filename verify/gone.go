package verify

import (
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// Use is an entry of the lock, with what rests on it.
type Use struct {
	Entry      lockfile.Entry        // in the lock
	References []*manifest.Reference // in order; of what only plumb.yaml names, a place in that

	require []string // as in Input
}

// Used lists the entries of the lock that the files and images of in rest on,
// sorted by kind and name. What an exception covers does not count.
func Used(in Input) []Use {
	c := &checker{Input: in, used: map[string]bool{}, matched: make([]bool, len(in.Exceptions))}
	if c.LockError != nil {
		return nil
	}
	uses := map[string]*Use{}
	record := func(r *manifest.Reference, e lockfile.Entry) {
		u := uses[key(e.Kind, e.Name, e.Follows())]
		if u == nil {
			u = &Use{Entry: e, require: in.Require}
			uses[key(e.Kind, e.Name, e.Follows())] = u
		}
		u.References = append(u.References, r)
	}
	add := func(r *manifest.Reference) {
		for _, e := range c.entriesOf(r) {
			record(r, e)
		}
	}
	for i := range in.Files {
		for j := range in.Files[i].References {
			if r := &in.Files[i].References[j]; !r.Inherits &&
				!c.excepted(r.File, r.Reference, r.Tracked) {
				add(r)
			}
		}
	}
	for _, n := range in.Images {
		r := n.reference(in.ConfigFile)
		add(&r)
	}
	out := make([]Use, 0, len(uses))
	for _, u := range uses {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Use) int {
		return a.Entry.Compare(b.Entry)
	})
	return out
}

// entriesOf are the lock's entries that a reference rests on: one, or two for a URL that
// leads into a git repository.
func (c *checker) entriesOf(r *manifest.Reference) []lockfile.Entry {
	if r.Source == nil {
		if e, ok := c.entry(r); ok {
			return []lockfile.Entry{e}
		}
		return nil
	}
	if _, own := OwnSource(c.Self, r.Source); own {
		return nil
	}
	var out []lockfile.Entry
	if e, ok := r.Source.Entry(c.Lock, r.Input); ok {
		out = append(out, e)
	}
	if git := r.Source.GitSource(); git != nil {
		if e, ok := git.Entry(c.Lock, lockfile.Git); ok {
			out = append(out, e)
		}
	}
	return out
}

// Source is how u's content is followed, as its first place has it; nil for an image.
func (u Use) Source() *manifest.Source {
	s := u.References[0].Source
	if s != nil && u.Entry.Kind == lockfile.Git && s.Repository != "" {
		return s.GitSource()
	}
	return s
}

// Gone are the findings that the pin of u is no longer there, where the registry
// has said so in the words of why.
func (u Use) Gone(why string) []Finding {
	fix := "to pin what the tag means now: plumb lock update " + u.Entry.Tracked()
	if u.Entry.Kind.IsSource() {
		fix = "to pin what the name means now: plumb lock update " + u.Entry.Tracked()
	}
	if !u.Entry.Kind.IsSource() && strings.Contains(u.Entry.Name, "@") {
		fix = "bring it back to the registry, or name something else"
	}
	c := &checker{Input: Input{Require: u.require}}
	for _, r := range u.References {
		j := &judged{reference: r}
		c.at(j, Gone, j.noun()+" can no longer be "+u.fetched()+": "+why, fix)
	}
	return c.findings
}

// anew writes the entry of u anew.
func (u Use) anew() string {
	if u.Entry.Kind.IsSource() {
		return "find out who replaced it; to take what it is now: plumb lock update " +
			u.Entry.Tracked()
	}
	return "to write its entry anew: remove it from plumb.lock, then: plumb lock"
}

// fetched is what is done with content of u's kind.
func (u Use) fetched() string {
	if u.Entry.Kind.IsSource() {
		return "fetched"
	}
	return "pulled"
}

// Wrong are the findings that the content of u is not what the lock says of it.
func (u Use) Wrong(why string) []Finding {
	c := &checker{Input: Input{Require: u.require}}
	for _, r := range u.References {
		j := &judged{reference: r}
		c.at(j, Content, j.noun()+" is not what plumb.lock says: "+why,
			u.anew())
	}
	return c.findings
}
