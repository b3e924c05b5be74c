package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// ciScript is a script of a CI configuration, as the system would run it.
type ciScript struct {
	shell []string // what runs it, with the file of the script behind
	text  string
	env   []string
}

func readFile(t *testing.T, elements ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// gitlabScripts are the scripts of a job: what stands before it and the job
// itself run in one shell.
func gitlabScripts(t *testing.T, source ciSource) []ciScript {
	t.Helper()
	var file struct {
		Plumb struct {
			Variables    map[string]string
			BeforeScript []string `yaml:"before_script"`
			Script       []string
			Artifacts    struct{ Reports map[string]string }
		}
	}
	text := source.text(t, "gitlab")
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	if got := file.Plumb.Artifacts.Reports["codequality"]; got != "gl-code-quality-report.json" {
		t.Errorf("GitLab takes the report from %q", got)
	}
	s := ciScript{shell: []string{"bash", "-eo", "pipefail"}}
	s.text = strings.Join(append(file.Plumb.BeforeScript, file.Plumb.Script...), "\n")
	for name, value := range file.Plumb.Variables {
		s.env = append(s.env, name+"="+value)
	}
	// An image without bash has sh.
	plain := s
	plain.shell = []string{"sh", "-e"}
	return []ciScript{s, plain}
}

var (
	jenkinsEnv = regexp.MustCompile(`(?m)^ +([A-Z_]+) = '(.*)'$`)
	jenkinsSh  = regexp.MustCompile(`(?s)sh '''\n(.*?)'''`)
)

func jenkinsScripts(t *testing.T, source ciSource) []ciScript {
	t.Helper()
	text := source.text(t, "jenkins")
	var env []string
	for _, m := range jenkinsEnv.FindAllStringSubmatch(text, -1) {
		env = append(env, m[1]+"="+m[2])
	}
	var out []ciScript
	for _, m := range jenkinsSh.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], `\`) {
			t.Errorf("Groovy reads backslashes itself:\n%s", m[1])
		}
		out = append(out, ciScript{[]string{"sh", "-xe"}, m[1], env})
	}
	if n := strings.Count(text, "sh '"); n != len(out) {
		t.Errorf("%d of %d scripts were found", len(out), n)
	}
	return out
}

var (
	teamcityParam  = regexp.MustCompile(`param\("env\.([A-Z_]+)", "(.*)"\)`)
	teamcityScript = regexp.MustCompile(`(?s)scriptContent = """\n(.*?)"""\.trimIndent\(\)`)
	teamcityValue  = regexp.MustCompile(`%[^%]*%`)
)

func teamcityScripts(t *testing.T, source ciSource) []ciScript {
	t.Helper()
	text := source.text(t, "teamcity")
	values := map[string]string{"%system.teamcity.build.tempDir%": t.TempDir()}
	for _, m := range teamcityParam.FindAllStringSubmatch(text, -1) {
		values["%env."+m[1]+"%"] = m[2]
	}
	var out []ciScript
	for _, m := range teamcityScript.FindAllStringSubmatch(text, -1) {
		if strings.Contains(strings.ReplaceAll(m[1], "${'$'}", ""), "$") {
			t.Errorf("Kotlin reads dollar signs itself:\n%s", m[1])
		}
		script := strings.ReplaceAll(m[1], "${'$'}", "$")
		script = teamcityValue.ReplaceAllStringFunc(script, func(name string) string {
			value, ok := values[name]
			if !ok {
				t.Errorf("TeamCity knows no %s", name)
			}
			return value
		})
		out = append(out, ciScript{[]string{"sh"}, script, nil})
	}
	if n := strings.Count(text, "scriptContent"); n != len(out) {
		t.Errorf("%d of %d scripts were found", len(out), n)
	}
	return out
}
