package scaffold

import (
	"regexp"
	"strings"
	"testing"
)

func TestSystemText(t *testing.T) {
	commitID := regexp.MustCompile(`^[0-9a-f]{40}$`)
	for system, want := range map[string]string{
		"github":   ".github/workflows/plumb.yml",
		"gitlab":   ".gitlab-ci.yml",
		"jenkins":  "Jenkinsfile",
		"teamcity": ".teamcity/settings.kts",
	} {
		s, ok := SystemNamed(system)
		if !ok || s.File != want {
			t.Errorf("the file of %s is %q, %v, want %q", system, s.File, ok, want)
		}
		text := s.Text("0123456789012345678901234567890123456789")
		first, _, _ := strings.Cut(text, "\n")
		if !strings.HasPrefix(strings.TrimLeft(first, "#/ "), want) {
			t.Errorf("the snippet for %s begins with %q, which does not say where it goes", system, first)
		}
		_, rest, found := strings.Cut(text, map[string]string{
			"github":   "plumb-dev/plumb@",
			"gitlab":   "PLUMB_COMMIT: ",
			"jenkins":  "PLUMB_COMMIT = '",
			"teamcity": `"env.PLUMB_COMMIT", "`,
		}[system])
		source := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("\n'\"", r) })
		if !found || !commitID.MatchString(source[0]) {
			t.Errorf("the snippet for %s does not say which plumb it builds:\n%s", system, text)
		}
		if strings.Contains(text, "COMMIT_OF_PLUMB") {
			t.Errorf("the snippet for %s has a gap:\n%s", system, text)
		}
	}
	if s, _ := SystemNamed("github"); !strings.Contains(s.Text(""), "plumb-dev/plumb@main") {
		t.Error("without a commit, the snippet for github does not build the main branch")
	}
	if s, ok := SystemNamed("travis"); ok {
		t.Errorf("there is a snippet for travis, %s", s.File)
	}
}
