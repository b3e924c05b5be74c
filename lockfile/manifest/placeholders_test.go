package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	task     = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  params: [{name: img, type: string}]\n  steps: [{name: s, image: $(params.img), script: x}]\n"
	taskRun  = "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: r}\nspec:\n  taskRef: {name: t}\n  params: [{name: img, value: 'IMG'}]\n"
	pipeline = "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  params: [{name: pic}]\n  tasks:\n  - taskRef: {name: t}\n    params: [{name: img, value: $(params.pic)}]\n"
	appSet   = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec:\n  generators:\n  - GEN\n  template:\n    spec: {source: {helm: {valuesObject: {image: 'KEY'}}}}\n"
	flux     = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec:\n  path: ./apps\n  postBuild:\n    substitute: {IMG_A: 'IMG'}\n    substituteFrom: [{kind: ConfigMap, name: vars}, {kind: Secret, name: s}]\n"
)

func applicationSet(generator, key string) string {
	return strings.NewReplacer("GEN", generator, "KEY", key).Replace(appSet)
}

// TestPlaceholders holds where the image that fills a placeholder is reported; nothing else
// is, and nothing is if it is not there.
func TestPlaceholders(t *testing.T) {
	workflow := "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: w}\nspec:\n  templates: [{inputs: {parameters: [{name: x}]}, container: {image: '{{inputs.parameters.x}}'}}]\n"
	for _, c := range []struct {
		name string
		tree map[string]string
		want string
	}{
		{"a TaskRun", map[string]string{"t.yaml": task, "r.yaml": taskRun}, "r.yaml:6 IMG"},
		{"in one file", map[string]string{"t.yaml": task + "---\n" + taskRun}, "t.yaml:13 IMG"},
		{"a default", map[string]string{"t.yaml": strings.Replace(task, "type: string", "default: 'IMG'", 1)}, "t.yaml:5 IMG"},
		{"a Pipeline", map[string]string{"t.yaml": task, "p.yaml": pipeline,
			"r.yaml": "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: r}\nspec:\n  pipelineRef: {name: p}\n  params: [{name: pic, value: 'IMG'}]\n"}, "r.yaml:6 IMG"},
		{"a step action", map[string]string{"s.yaml": "apiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: s}\nspec:\n  params: [{name: img}]\n  image: $(params.img)\n",
			"t.yaml": "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  steps: [{ref: {name: s}, params: [{name: img, value: 'IMG'}]}]\n"}, "t.yaml:5 IMG"},
		{"a workflow", map[string]string{"w.yaml": workflow,
			"r.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: r}\nspec:\n  workflowTemplateRef: {name: w}\n  arguments: {parameters: [{name: x, value: 'IMG'}]}\n"}, "r.yaml:6 IMG"},
		{"an OpenShift template", map[string]string{"o.yaml": "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: o}\nobjects:\n- {apiVersion: v1, kind: Pod, spec: {containers: [{name: c, image: '${X}'}]}}\nparameters:\n- {name: X, value: 'IMG'}\n"}, "o.yaml:7 IMG"},
		{"an element", map[string]string{"a.yaml": applicationSet("list: {elements: [{img: 'IMG'}]}", "{{img}}")}, "a.yaml:6 IMG"},
		{"an element in a Go template", map[string]string{"a.yaml": applicationSet("list: {elements: [{deep: {img: 'IMG'}}]}", "{{ .deep.img }}")}, "a.yaml:6 IMG"},
		{"an element of a matrix", map[string]string{"a.yaml": applicationSet("matrix: {generators: [{list: {elements: [{img: 'IMG'}]}}, {clusters: {}}]}", "{{img}}")}, "a.yaml:6 IMG"},
		{"a file of a generator", map[string]string{"a.yaml": applicationSet("git: {files: [{path: 'envs/*/c.json'}]}", "{{img}}"), "envs/x/c.json": "{\n\"img\": \"IMG\"}"}, "envs/x/c.json:2 IMG"},
		{"a substitution", map[string]string{"k.yaml": flux, "apps/p.yaml": podHead + "    image: ${IMG_A}\n"}, "k.yaml:7 IMG"},
		{"a substitution from a ConfigMap", map[string]string{"k.yaml": flux, "apps/p.yaml": podHead + "    image: ${IMG_B}\n", "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars}\ndata: {IMG_B: 'IMG'}\n"}, "apps/cm.yaml:4 IMG"},
		{"the default of a substitution", map[string]string{"k.yaml": flux, "apps/p.yaml": podHead + "    image: ${IMG_C:=IMG}\n"}, "apps/p.yaml:7 IMG"},
	} {
		for _, image := range []string{"evil", "evil:1", "quay.io/a/good:1@" + digestA} {
			t.Run(c.name+"/"+image, func(t *testing.T) {
				tree := map[string]string{}
				for name, src := range c.tree {
					src = strings.ReplaceAll(src, "'IMG'", "'"+image+"'")
					tree[name] = strings.ReplaceAll(src, "=IMG", "="+image)
					tree[name] = strings.ReplaceAll(tree[name], "\"IMG\"", "\""+image+"\"")
				}
				want := strings.Replace(c.want, " IMG", " "+image, 1)
				var got []string
				for _, g := range reported(t, tree) {
					if strings.Contains(g, image) && !strings.Contains(g, "IMG_") {
						got = append(got, g)
					} else if !strings.Contains(c.tree["k.yaml"], "IMG_A") {
						t.Errorf("besides: %s", g)
					}
				}
				if diff := cmp.Diff([]string{want}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestPlaceholdersInParts holds that an image whose parts stand elsewhere is judged where
// they meet.
func TestPlaceholdersInParts(t *testing.T) {
	pod := podHead + "    image: ${REG}/app:1@${SUM}\n"
	sub := strings.Replace(flux, "IMG_A: 'IMG'", "REG: quay.io/a, SUM: '"+digestA+"'", 1)
	want := []string{"apps/p.yaml:7 quay.io/a/app:1@" + digestA}
	if diff := cmp.Diff(want, reported(t, map[string]string{"k.yaml": sub, "apps/p.yaml": pod})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPlaceholdersThatNothingFills holds that they are errors.
func TestPlaceholdersThatNothingFills(t *testing.T) {
	binding := "apiVersion: triggers.tekton.dev/v1beta1\nkind: TriggerBinding\nmetadata: {name: b}\nspec:\n  params: [{name: img, value: VALUE}]\n"
	trigger := "apiVersion: triggers.tekton.dev/v1beta1\nkind: TriggerTemplate\nmetadata: {name: t}\nspec:\n  params: [{name: img}]\n  resourcetemplates: [{apiVersion: tekton.dev/v1, kind: TaskRun, spec: {taskSpec: {steps: [{image: $(tt.params.img)}]}}}]\n"
	for _, c := range []struct {
		name string
		tree map[string]string
		want []string
	}{
		{"a Task alone", map[string]string{"t.yaml": task}, []string{"!t.yaml:6 $(params.img)"}},
		{"another Task's run", map[string]string{"t.yaml": task, "r.yaml": strings.Replace(taskRun, "name: t}", "name: u}", 1)}, []string{"!t.yaml:6 $(params.img)"}},
		{"a Pod", map[string]string{"p.yaml": podHead + "    image: ${X}\n"}, []string{"!p.yaml:7 ${X}"}},
		{"a default that no one takes", map[string]string{"p.yaml": podHead + "    image: ${X:=a:1}\n"}, []string{"!p.yaml:7 ${X:=a:1}"}},
		{"a webhook's body", map[string]string{"t.yaml": trigger, "b.yaml": strings.Replace(binding, "VALUE", "$(body.img)", 1)}, []string{"!t.yaml:6 $(tt.params.img)"}},
		{"a binding", map[string]string{"t.yaml": trigger, "b.yaml": strings.Replace(binding, "VALUE", "a:1", 1)}, []string{"b.yaml:5 a:1"}},
		{"clusters", map[string]string{"a.yaml": applicationSet("clusters: {}", "{{metadata.annotations.img}}")}, []string{"!a.yaml:8 {{metadata.annotations.img}}"}},
		{"no such key", map[string]string{"a.yaml": applicationSet("list: {elements: [{pic: a}]}", "{{img}}")}, []string{"!a.yaml:8 {{img}}"}},
		{"itself", map[string]string{"t.yaml": strings.Replace(task, "type: string", "default: $(params.img)", 1)}, []string{"!t.yaml:6 $(params.img)"}},
		{"ytt", map[string]string{"p.yaml": podHead + "    image: (@= data.values.image @)\n"}, []string{"!p.yaml:7 (@= data.values.image @)"}},
		{"a template that is in no chart", map[string]string{"templates/p.yaml": podHead + "    image: {{ .Values.x }}\n"}, []string{"!templates/p.yaml:7 {{ .Values.x }}"}},
	} {
		if diff := cmp.Diff(c.want, reported(t, c.tree)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestGlobMatches(t *testing.T) {
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"envs/*/c.json", "envs/x/c.json", true}, {"envs/*/c.json", "envs/x/y/c.json", false},
		{"envs/**/c.json", "envs/x/y/c.json", true}, {"envs/**/c.json", "envs/c.json", true},
		{"**/*.json", "a/b.json", true}, {"**/*.json", "a/b.yaml", false}, {"./a.json", "a.json", true},
	} {
		if got := globMatches(c.glob, c.name); got != c.want {
			t.Errorf("%s %s: %v", c.glob, c.name, got)
		}
	}
}
