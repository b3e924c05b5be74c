package main_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is action.yml.
type action struct {
	Inputs map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, Shell, Run, Uses string
	WorkingDirectory           string `yaml:"working-directory"`
	Env                        map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	return parseAction(t, readFile(t, "..", "..", "action.yml"))
}

func parseAction(t *testing.T, text string) action {
	t.Helper()
	var a action
	if err := yaml.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var expression = regexp.MustCompile(`\$\{\{ *([^}]*?) *\}\}`)

// expand does what GitHub does with a value's expressions, which are names and
// alternatives of names.
func expand(t *testing.T, value string, known map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(value, func(e string) string {
		for name := range strings.SplitSeq(expression.FindStringSubmatch(e)[1], "||") {
			v, ok := known[strings.TrimSpace(name)]
			if !ok {
				t.Errorf("GitHub knows no %s", name)
			}
			if v != "" {
				return v
			}
		}
		return ""
	})
}

// ranAction is what GitHub has of a run of the action.
type ranAction struct {
	status       int
	log, summary string
	outputs      map[string]string
}

// run runs the action's steps in a checkout. A step that fails is the last.
func (a action) run(t *testing.T, c ciCheckout, github, inputs map[string]string) ranAction {
	t.Helper()
	known := map[string]string{}
	for name, value := range github {
		known["github."+name] = value
	}
	for name, input := range a.Inputs {
		if known["inputs."+name] = inputs[name]; inputs[name] == "" && input.Default != nil {
			known["inputs."+name] = *input.Default
		}
	}
	temp := t.TempDir()
	summary, output := filepath.Join(temp, "summary"), filepath.Join(temp, "output")
	var out ranAction
	for _, s := range a.Runs.Steps {
		if s.Shell != "bash" || expression.MatchString(s.Run) {
			t.Fatalf("step %s: shell %s runs\n%s", s.Name, s.Shell, s.Run)
		}
		env := []string{
			"RUNNER_TEMP=" + temp, "GITHUB_STEP_SUMMARY=" + summary, "GITHUB_OUTPUT=" + output,
		}
		for name, value := range s.Env {
			env = append(env, name+"="+expand(t, value, known))
		}
		at := ciCheckout{filepath.Join(c.dir, expand(t, s.WorkingDirectory, known)), c.env}
		shell := []string{"bash", "--noprofile", "--norc", "-eo", "pipefail"}
		status, log := at.run(t, ciScript{shell, s.Run, env})
		out.status, out.log = status, out.log+log
		text, _ := os.ReadFile(output) // a step may fail before there is one
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			known["steps."+s.ID+".outputs."+name] = value
		}
		if status != 0 {
			break
		}
	}
	if text, err := os.ReadFile(summary); err == nil {
		out.summary = string(text)
	}
	out.outputs = map[string]string{}
	for name, o := range a.Outputs {
		out.outputs[name] = expand(t, o.Value, known)
	}
	return out
}

func TestActionIsWellFormed(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Errorf("the action runs %+v", a.Runs)
	}
	for name, i := range a.Inputs {
		if i.Description == "" || i.Default == nil {
			t.Errorf("input %s has no description, or no default", name)
		}
		if !strings.Contains(readFile(t, "..", "..", "action.yml"), "${{ inputs."+name+" ") {
			t.Errorf("input %s is not used", name)
		}
	}
	for _, s := range a.Runs.Steps {
		if s.Uses != "" {
			t.Errorf("step %s uses %s", s.Name, s.Uses)
		}
	}
}

// workflow is a workflow of GitHub.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Env   map[string]string
		Steps []workflowStep
	}
}

type workflowStep struct {
	ID, Uses, Run string
	With          map[string]any
}

func readWorkflow(t *testing.T, source ciSource, system string) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(source.text(t, system)), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// The workflow uses others' actions by commit only, plumb's from what it has fetched,
// and inputs that there are.
func TestWorkflowUsesThisAction(t *testing.T) {
	w := readWorkflow(t, ciSource{commit: strings.Repeat("5b1f", 10)}, "github")
	var names []string
	pinned := regexp.MustCompile(`^([a-z-]+/[a-z-]+)@[0-9a-f]{40}$`)
	for _, s := range w.Jobs["plumb"].Steps {
		if s.Run != "" {
			names = append(names, s.ID)
			continue
		}
		if s.Uses == "./.git/plumb" {
			names = append(names, s.Uses)
			inputs := slices.Collect(maps.Keys(readAction(t).Inputs))
			for name := range s.With {
				if !slices.Contains(inputs, name) {
					t.Errorf("the workflow gives the action %s, which is no input of it", name)
				}
			}
			continue
		}
		m := pinned.FindStringSubmatch(s.Uses)
		if m == nil {
			t.Errorf("the workflow uses %q, not by its commit", s.Uses)
			continue
		}
		names = append(names, m[1])
	}
	want := []string{
		"actions/checkout", "fetch", "actions/cache", "actions/setup-go", "./.git/plumb",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the workflow uses %q, want %q", names, want)
	}
	if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
		t.Errorf("the workflow has the permissions %v", w.Permissions)
	}
}
