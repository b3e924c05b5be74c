package scaffold

import (
	"regexp"
	"strings"
	"testing"
)

const commit = "0123456789012345678901234567890123456789"

func TestSystemText(t *testing.T) {
	commitID := regexp.MustCompile(`^[0-9a-f]{40}$`)
	for system, want := range map[string]string{
		"github":      ".github/workflows/plumb.yml",
		"gitlab":      ".gitlab-ci.yml",
		"jenkins":     "Jenkinsfile",
		"teamcity":    ".teamcity/settings.kts",
		"pre-commit":  ".pre-commit-config.yaml",
		"github-bots": ".github/workflows/plumb-lock.yml",
		"gitlab-bots": ".gitlab/plumb-lock.yml",
	} {
		s, ok := SystemNamed(system)
		if !ok || s.File != want {
			t.Errorf("the file of %s is %q, %v, want %q", system, s.File, ok, want)
		}
		const url = "git@git.test.example:team/plumb.git"
		text := s.Text(Source{Repository: url, Commit: commit})
		first, _, _ := strings.Cut(text, "\n")
		if !strings.HasPrefix(strings.TrimLeft(first, "#/ "), want) {
			t.Errorf("the snippet for %s begins with %q, which does not say where it goes", system, first)
		}
		_, rest, found := strings.Cut(text, map[string]string{
			"github":      "PLUMB_COMMIT: \"",
			"gitlab":      "PLUMB_COMMIT: \"",
			"jenkins":     "PLUMB_COMMIT = '",
			"teamcity":    `"env.PLUMB_COMMIT", "`,
			"pre-commit":  "rev: \"",
			"github-bots": "PLUMB_COMMIT: \"",
			"gitlab-bots": "PLUMB_COMMIT: \"",
		}[system])
		source := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("\n'\"", r) })
		if !found || !commitID.MatchString(source[0]) {
			t.Errorf("the snippet for %s does not say which plumb it builds:\n%s", system, text)
		}
		if strings.HasSuffix(system, botSuffix) && strings.Count(text, ": "+lockEmail) != 1 {
			t.Errorf("the snippet for %s does not commit as %s:\n%s", system, lockEmail, text)
		}
		if strings.Contains(text, "_OF_PLUMB") || strings.Count(text, url) != 1 {
			t.Errorf("the snippet for %s has a gap:\n%s", system, text)
		}
		if strings.Count(text, unpublished) != 1 {
			t.Errorf("the snippet for %s does not say that plumb is not published:\n%s", system, text)
		}
		named := s.Text(Source{Repository: url, Named: true, Commit: commit})
		if strings.Contains(named, "published") ||
			strings.Count(named, "\n") != strings.Count(text, "\n")-1 {
			t.Errorf("the snippet for %s, with a repository, is\n%s", system, named)
		}
	}
	if s, _ := SystemNamed("github"); !strings.Contains(s.Text(Source{}), `COMMIT: "main"`) {
		t.Error("without a commit, the snippet for github does not build the main branch")
	}
	if s, ok := SystemNamed("travis"); ok {
		t.Errorf("there is a snippet for travis, %s", s.File)
	}
}

func TestCheckRepository(t *testing.T) {
	for _, url := range []string{
		"https://github.com/acme/plumb", "https://git.test.example:8443/a/plumb.git",
		"git://127.0.0.1:9418/plumb.git", "git@git.test.example:team/plumb.git",
		"ssh://git@git.test.example/~team/plumb", "file:///srv/plumb.git", "/srv/plumb.git",
	} {
		if err := CheckRepository(url); err != nil {
			t.Errorf("CheckRepository(%q): %v", url, err)
		}
	}
	for _, url := range []string{
		"", "plumb", "../plumb", "--upload-pack=x", "ext::sh -c x", "ftp://a.test.example/plumb",
		"https://user:secret@git.test.example/plumb", "https://token@git.test.example/plumb",
		"https://a.test.example/it's", "https://a.test.example/$(x)", "https://a.test.example/%x%",
		"https://a.test.example/a b", "https://a.test.example/a\nb", `https://a.test.example/"`,
		"https://a.test.example/a?b=c", "/srv/plumb #x",
	} {
		err := CheckRepository(url)
		if err == nil {
			t.Errorf("CheckRepository(%q): no error", url)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("CheckRepository(%q): the error shows the password: %v", url, err)
		}
	}
}
