package main

import (
	"embed"
	"path"
	"strings"
)

//go:embed ci
var ciFiles embed.FS

// ciSnippets says for each system which file of ci is its, and where the system
// expects it.
var ciSnippets = map[string]struct{ name, file string }{
	"github":   {"github.yml", ".github/workflows/plumb.yml"},
	"gitlab":   {"gitlab.yml", ".gitlab-ci.yml"},
	"jenkins":  {"Jenkinsfile", "Jenkinsfile"},
	"teamcity": {"settings.kts", ".teamcity/settings.kts"},
}

// ciSnippet is what makes a CI system verify a repository, and the file below
// the repository's top where the system expects it. It builds plumb from the
// commit that this plumb was built from, or from the main branch if that is not
// known.
func ciSnippet(system string) (file, text string, ok bool) {
	s, ok := ciSnippets[system]
	if !ok {
		return "", "", false
	}
	data, err := ciFiles.ReadFile(path.Join("ci", s.name))
	if err != nil {
		return "", "", false
	}
	source := "main"
	if b := thisBuild(); b.Commit != "" && !b.Modified {
		source = b.Commit
	}
	return s.file, strings.ReplaceAll(string(data), "COMMIT_OF_PLUMB", source), true
}
