package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A source of which a part is filled in from elsewhere in the tree is followed there, and
// one that nothing fills is an error.
func TestSourcePlaceholders(t *testing.T) {
	set := func(generator, revision string) string {
		return "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  generators:\n  - " + generator +
			"\n  template:\n    spec:\n      source:\n        repoURL: " + bases + "\n        targetRevision: '" + revision + "'\n"
	}
	chart := "name: c\nversion: 1.0.0\n"
	app := argoApp + "  source:\n    repoURL: {{ .Values.repo }}\n    targetRevision: {{ .Values.rev }}\n"
	for _, c := range []struct {
		name string
		tree map[string]string
		want []string
	}{
		{"an element", map[string]string{"a.yaml": set("list: {elements: [{rev: main}, {rev: v2}]}", "{{rev}}")},
			[]string{"a.yaml:10 " + bases + "@main", "a.yaml:10 " + bases + "@v2"}},
		{"a cluster's label", map[string]string{"a.yaml": set("clusters: {}", "{{metadata.labels.rev}}")},
			[]string{"!a.yaml:10 " + bases + "@{{metadata.labels.rev}}"}},
		{"a parameter of a run", map[string]string{"t.yaml": "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  params: [{name: rev, default: v1}]\n" +
			"  steps: [{ref: {resolver: git, params: [{name: url, value: '" + gitClone + "'}, {name: revision, value: $(params.rev)}]}}]\n"},
			[]string{"t.yaml:6 " + gitClone + "@v1"}},
		{"a chart", map[string]string{"c/Chart.yaml": chart, "c/values.yaml": "repo: " + bases + "\nrev: main\n", "c/templates/a.yaml": app},
			[]string{"c/templates/a.yaml:7 " + bases + "@main"}},
		{"a chart's literal", map[string]string{"c/Chart.yaml": chart, "c/values.yaml": "name: x\n",
			"c/templates/a.yaml": argoApp + "  project: {{ .Values.name }}\n  source:\n    repoURL: " + bases + "\n"},
			[]string{"c/templates/a.yaml:8 " + bases + "@HEAD"}},
		{"a chart that nothing fills", map[string]string{"c/Chart.yaml": chart, "c/templates/a.yaml": argoApp +
			"  source:\n    repoURL: {{ lookup \"v1\" \"ConfigMap\" \"x\" \"y\" }}\n    targetRevision: main\n"},
			[]string{"!c/templates/a.yaml:7 unknown@main"}},
	} {
		if diff := cmp.Diff(c.want, reported(t, c.tree)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
