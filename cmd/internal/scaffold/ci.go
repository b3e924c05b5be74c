package scaffold

import (
	"embed"
	"os"
	"path"
	"path/filepath"
	"slices"
)

//go:embed ci
var ciFiles embed.FS

// System is a CI system that can run plumb verify.
type System struct {
	Name  string // in flags: "github"
	Title string // for people: "GitHub"
	File  string // below the top of the repository, where the system expects it
	text  string // the name of its text in ci
}

// Systems are all CI systems that plumb has a file for, by name.
func Systems() []System {
	return []System{
		{"github", "GitHub", ".github/workflows/plumb.yml", "github.yml"},
		{"gitlab", "GitLab", ".gitlab-ci.yml", "gitlab.yml"},
		{"jenkins", "Jenkins", "Jenkinsfile", "Jenkinsfile"},
		{"teamcity", "TeamCity", ".teamcity/settings.kts", "settings.kts"},
		{preCommit, "the pre-commit framework", frameworkFile, "pre-commit.yaml"},
	}
}

// The pre-commit framework runs before a commit, but it is configured as a CI
// system is, and there is one for it.
const (
	preCommit     = "pre-commit"
	frameworkFile = ".pre-commit-config.yaml"
)

// SystemNames are the names of all CI systems.
func SystemNames() []string {
	var names []string
	for _, s := range Systems() {
		names = append(names, s.Name)
	}
	return names
}

// SystemNamed is the CI system of that name.
func SystemNamed(name string) (System, bool) {
	all := Systems()
	i := slices.IndexFunc(all, func(s System) bool { return s.Name == name })
	if i < 0 {
		return System{}, false
	}
	return all[i], true
}

// Text is the content of File, which builds plumb from src.
func (s System) Text(src Source) string {
	data, err := ciFiles.ReadFile(path.Join("ci", s.text))
	if err != nil {
		panic(err) // a test reads each
	}
	return src.fill(string(data))
}

// inUse lists the systems whose configuration is in the repository at top.
func inUse(top string) []string {
	in := []string{}
	for _, s := range Systems() {
		if s.Name == preCommit {
			continue // Found.Framework
		}
		mark := s.File
		if dir := path.Dir(mark); dir != "." {
			mark = dir
		}
		if _, err := os.Stat(filepath.Join(top, filepath.FromSlash(mark))); err == nil {
			in = append(in, s.Name)
		}
	}
	return in
}
