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
	extra bool   // it is written beside a CI system's own
}

// Systems are all CI systems that plumb has a file for, by name.
func Systems() []System {
	return []System{
		{Name: "github", Title: "GitHub", File: ".github/workflows/plumb.yml", text: "github.yml"},
		{Name: "gitlab", Title: "GitLab", File: ".gitlab-ci.yml", text: "gitlab.yml"},
		{Name: "jenkins", Title: "Jenkins", File: "Jenkinsfile", text: "Jenkinsfile"},
		{Name: "teamcity", Title: "TeamCity", File: ".teamcity/settings.kts", text: "settings.kts"},
		{Name: preCommit, File: frameworkFile, text: "pre-commit.yaml", extra: true},
		{Name: "github" + botSuffix, File: ".github/workflows/plumb-lock.yml",
			text: "github-bots.yml", extra: true},
		{Name: "gitlab" + botSuffix, File: ".gitlab/plumb-lock.yml",
			text: "gitlab-bots.yml", extra: true},
	}
}

const (
	preCommit     = "pre-commit" // the framework, which is configured as a CI system is
	frameworkFile = ".pre-commit-config.yaml"
	botSuffix     = "-bots" // of the name of a file that locks what bots have changed
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
		if s.extra {
			continue
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
