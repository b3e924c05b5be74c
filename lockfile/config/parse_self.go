package config

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Self is a URL of the repository that the lock root lies in: a source that names it is the
// tree itself.
type Self struct {
	URL    string // as written
	Branch string // the branch that the tree is applied from; "" for main or master
}

// Own reports whether a URL names the repository that self lists, and by which item.
func Own(self []Self, url string) (Self, bool) {
	for _, s := range self {
		if giturl.Same(s.URL, url) {
			return s, true
		}
	}
	return Self{}, false
}

// Follows reports whether a name in a source means what the tree is applied from: nothing or
// HEAD, the branch, or a full ref of that.
func (s Self) Follows(name string) bool {
	name = strings.TrimPrefix(name, "refs/heads/")
	switch {
	case name == "" || name == "HEAD":
		return true
	case s.Branch == "":
		return name == "main" || name == "master"
	}
	return name == s.Branch
}

// ParseSelf reads a URL of this repository as it is given on a command line, "URL" or
// "URL#BRANCH"; ok is false for what is no repository's URL.
func ParseSelf(text string) (s Self, ok bool) {
	s.URL, s.Branch, _ = strings.Cut(text, "#")
	_, ok = giturl.Canonical(s.URL)
	return s, ok
}

// self returns the URLs of this repository that v lists, as strings or as mappings.
func self(v yaml.Value) []Self {
	var all []Self
	v.Items(func(item yaml.Value) {
		s, ok := selfItem(item)
		if !ok {
			return
		}
		if _, twice := Own(all, s.URL); twice {
			item.Errorf("%s: duplicate %q", item, s.URL)
			return
		}
		all = append(all, s)
	})
	return all
}

// selfItem returns the URL of this repository that v is.
func selfItem(v yaml.Value) (s Self, ok bool) {
	if v.Node.Kind != yaml.Mapping {
		s.URL, ok = repositoryURL(v)
		return s, ok
	}
	v.Mapping(
		yaml.Field{Name: "url", Read: func(v yaml.Value) { s.URL, ok = repositoryURL(v) }},
		yaml.Field{Name: "branch", Read: yaml.Into(&s.Branch)},
	).Require("url")
	return s, ok
}

// repositoryURL returns the URL of a git repository that v must be.
func repositoryURL(v yaml.Value) (url string, ok bool) {
	url, ok = v.Text()
	if !ok {
		return "", false
	}
	if _, ok = giturl.Canonical(url); !ok {
		v.Errorf("%s: %q is not the URL of a git repository: write it as git remote -v shows it",
			v, url)
	}
	return url, ok
}
