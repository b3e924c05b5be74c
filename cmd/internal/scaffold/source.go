package scaffold

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/git"
)

// Source is where CI has plumb itself from.
type Source struct {
	Repository string // its URL
	Named      bool   // a person named Repository: plumb can be fetched from there
	Commit     string // "" for the main branch
}

// plainURL is a URL that means itself in YAML, Groovy, Kotlin and a shell.
var plainURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9@:/._~+-]*$`)
})

// CheckRepository says what is wrong with the URL of plumb's repository.
func CheckRepository(url string) error {
	if _, err := git.ParseAddress(url); err != nil {
		return err
	}
	if !plainURL().MatchString(url) {
		return fmt.Errorf("invalid repository %q: it has characters that CI files cannot hold", url)
	}
	return nil
}

// unpublished marks a line that says that there is no Repository yet.
const unpublished = "plumb is not published yet"

// fill puts s into the gaps of a text. Where a person named the repository, the text
// no longer says that one has to be named.
func (s Source) fill(text string) string {
	commit := s.Commit
	if commit == "" {
		commit = "main"
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !s.Named || !strings.Contains(line, unpublished) {
			b.WriteString(line)
		}
	}
	return strings.NewReplacer("REPOSITORY_OF_PLUMB", s.Repository,
		"COMMIT_OF_PLUMB", commit).Replace(b.String())
}
