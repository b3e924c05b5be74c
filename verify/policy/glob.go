package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// dockerHub is how policies name Docker Hub, which plumb calls docker.io.
const dockerHub = "index.docker.io"

// glob is the pattern of one item of spec.images.
type glob struct {
	written string
	expr    *regexp.Regexp
}

var globCharacters = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z0-9_:/*.@-]+$`)
})

// compileGlob reads a pattern: "*" stands for any characters but "/", "**" for any
// characters, all others for themselves. "*" alone means the official images
// of Docker Hub, and "*/*" all its images.
func compileGlob(written string) (glob, error) {
	if !globCharacters().MatchString(written) {
		return glob{}, errors.New("a glob has letters, digits and - _ : / * . @ only")
	}
	pattern := written
	switch pattern {
	case "*":
		pattern = dockerHub + "/library/*"
	case "*/*":
		pattern = dockerHub + "/*/*"
	}
	var b strings.Builder
	b.WriteString(`\A`)
	for pattern != "" {
		switch {
		case strings.HasPrefix(pattern, "**"):
			b.WriteString(".*")
			pattern = pattern[2:]
		case pattern[0] == '*':
			b.WriteString("[^/]*")
			pattern = pattern[1:]
		default:
			b.WriteString(regexp.QuoteMeta(pattern[:1]))
			pattern = pattern[1:]
		}
	}
	expr, err := regexp.Compile(b.String() + `\z`)
	if err != nil {
		return glob{}, fmt.Errorf("the glob is too large: %w", err)
	}
	return glob{written: written, expr: expr}, nil
}

// match reports whether the glob matches one of the names of an image, and which.
func (g glob) match(names []string) (name string, ok bool) {
	for _, name := range names {
		if g.expr.MatchString(name) {
			return name, true
		}
	}
	return "", false
}

// unpinned reports whether the glob can match no image that has a digest.
func (g glob) unpinned() bool {
	return !strings.HasSuffix(g.written, "*") && !strings.Contains(g.written, "@")
}

// repository is what of an image's name stands before its tag.
func repository(name string) string {
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[:i]
	}
	return name
}

// spelled are the names under which a policy may mean an image.
type spelled struct {
	byDigest []string
	// byTag are those with its tag. Beside a digest a tag decides nothing about what is
	// pulled; of an image without a digest all names are here.
	byTag []string
}

// spellings are the names of an image, the one that policy-controller sees in a cluster
// first: the whole name by digest, or by tag where the image has no digest. Behind it
// stand the ways in which a manifest may write the same image, so that no policy is evaded
// by how an image is written.
func spellings(n oci.Name) spelled {
	repositories := []string{n.Repo()}
	if n.Host == "docker.io" {
		repositories = []string{dockerHub + "/" + n.Repository, n.Repo(), n.Repository}
		if official, ok := strings.CutPrefix(n.Repository, "library/"); ok {
			repositories = append(repositories, official)
		}
	}
	with := func(suffixes ...string) []string {
		names := make([]string, 0, len(repositories)*len(suffixes))
		for _, suffix := range suffixes {
			for _, repository := range repositories {
				names = append(names, repository+suffix)
			}
		}
		return names
	}
	switch {
	case n.Digest == "" && n.Tag == "":
		return spelled{byTag: with(":latest", "")}
	case n.Digest == "":
		return spelled{byTag: with(":" + n.Tag)}
	case n.Tag == "":
		return spelled{byDigest: with("@" + n.Digest)}
	}
	return spelled{with("@" + n.Digest), with(":"+n.Tag, ":"+n.Tag+"@"+n.Digest)}
}

// first is the name that policy-controller sees.
func (s spelled) first() string {
	if len(s.byDigest) > 0 {
		return s.byDigest[0]
	}
	return s.byTag[0]
}

// matching returns the glob that matches an image, and the name that it matches; first
// one that does so by digest. byTag says that none does.
func matching(globs []glob, names spelled) (g glob, name string, byTag, ok bool) {
	for _, names := range [][]string{names.byDigest, names.byTag} {
		for _, g := range globs {
			if name, ok := g.match(names); ok {
				return g, name, byTag, true
			}
		}
		byTag = true
	}
	return glob{}, "", false, false
}
