package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestCISnippet(t *testing.T) {
	commitID := regexp.MustCompile(`^[0-9a-f]{40}$`)
	for system, want := range map[string]string{
		"github":   ".github/workflows/plumb.yml",
		"gitlab":   ".gitlab-ci.yml",
		"jenkins":  "Jenkinsfile",
		"teamcity": ".teamcity/settings.kts",
	} {
		file, text, ok := ciSnippet(system)
		if !ok || file != want {
			t.Errorf("the file of %s is %q, %v, want %q", system, file, ok, want)
		}
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
		if !found || source[0] != "main" && !commitID.MatchString(source[0]) {
			t.Errorf("the snippet for %s does not say which plumb it builds:\n%s", system, text)
		}
		if strings.Contains(text, "COMMIT_OF_PLUMB") {
			t.Errorf("the snippet for %s has a gap:\n%s", system, text)
		}
	}
	if file, _, ok := ciSnippet("travis"); ok {
		t.Errorf("there is a snippet for travis, %s", file)
	}
}
