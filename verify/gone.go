package verify

import (
	"cmp"
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
	add := func(r *manifest.Reference) {
		e, ok := c.entry(r)
		if !ok {
			return
		}
		u := uses[key(e.Kind, e.Name, e.Follows())]
		if u == nil {
			u = &Use{Entry: e, require: in.Require}
			uses[key(e.Kind, e.Name, e.Follows())] = u
		}
		u.References = append(u.References, r)
	}
	for i := range in.Files {
		for j := range in.Files[i].References {
			if r := &in.Files[i].References[j]; !r.Inherits && r.Source == nil &&
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
		return cmp.Or(cmp.Compare(a.Entry.Kind, b.Entry.Kind), cmp.Compare(a.Entry.Name,
			b.Entry.Name))
	})
	return out
}

// Gone are the findings that the pin of u is no longer there, where the registry
// has said so in the words of why.
func (u Use) Gone(why string) []Finding {
	fix := "to pin what the tag means now: plumb lock update " + u.Entry.Name
	if strings.Contains(u.Entry.Name, "@") {
		fix = "bring it back to the registry, or name something else"
	}
	c := &checker{Input: Input{Require: u.require}}
	for _, r := range u.References {
		j := &judged{reference: r}
		c.at(j, Gone, j.noun()+" can no longer be pulled: "+why, fix)
	}
	return c.findings
}

// Wrong are the findings that the content of u is not what the lock says of it.
func (u Use) Wrong(why string) []Finding {
	c := &checker{Input: Input{Require: u.require}}
	for _, r := range u.References {
		j := &judged{reference: r}
		c.at(j, Content, j.noun()+" is not what plumb.lock says: "+why,
			"to write its entry anew: remove it from plumb.lock, then: plumb lock")
	}
	return c.findings
}
