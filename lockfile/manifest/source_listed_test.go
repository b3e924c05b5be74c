package manifest

import (
	"strings"
	"testing"
)

const source = "https://github.com/acme/app.git"

func TestBuildConfig(t *testing.T) {
	const head = "apiVersion: build.openshift.io/v1\nkind: BuildConfig\nmetadata: {name: a}\nspec:\n" +
		"  output: {to: {kind: ImageStreamTag, name: 'app:latest'}}\n  source:\n    contextDir: web\n" +
		"    git:\n      uri: " + source + "\n"
	commit := examplePin.Commit
	checkSources(t, []sourceCase{
		{name: "a ref", src: head + "      ref: main\n", tracked: source + "@main", form: BranchOrTag,
			holder: ByPlumbAlone, why: "git.ref"},
		{name: "none is HEAD", src: head, tracked: source + "@HEAD", form: Head, holder: ByPlumbAlone,
			why: "git.ref"},
		{name: "a commit", src: head + "      ref: " + commit + "\n", tracked: source + "@" + commit,
			pin: commit, form: Commit, holder: ByConsumer},
		{name: "a commit and its name", src: head + "      ref: " + commit + " # plumb: v1\n",
			tracked: source + "@v1", pin: commit, form: BranchOrTag, holder: ByConsumer, why: "git.ref"},
		{name: "an old API", src: strings.Replace(head, "build.openshift.io/", "", 1),
			tracked: source + "@HEAD", form: Head, holder: ByPlumbAlone, why: "git.ref"},
	})
	noSources(t, map[string]string{
		"another group": strings.Replace(head, "build.openshift.io", "acme.io", 1),
		"another kind":  strings.Replace(head, "BuildConfig", "Image", 1),
		"no git":        strings.Replace(head, "    git:", "    x:", 1),
	})
}

func TestWorkflowArtifacts(t *testing.T) {
	const (
		head = "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: a}\nspec:\n" +
			"  templates:\n  - name: a\n    inputs:\n      artifacts:\n      - name: a\n        path: /src\n"
		file = "https://example.org/a.tgz"
		git  = "        git:\n          repo: " + source + "\n          revision: v1\n"
		args = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\nspec:\n" +
			"  arguments: {artifacts: [{name: a, git: {repo: '" + source + "'}}]}\n"
	)
	checkSources(t, []sourceCase{
		{name: "git", src: head + git, tracked: source + "@v1", form: BranchOrTag, holder: ByPlumbAlone,
			why: "not edited"},
		{name: "arguments", src: args, tracked: source + "@HEAD", form: Head, holder: ByPlumbAlone,
			why: "not edited"},
		{name: "http", src: head + "        http: {url: '" + file + "'}\n", tracked: file, form: OneFile,
			holder: ByPlumbAlone, why: "not edited"},
	})
	noSources(t, map[string]string{
		"an output":         strings.Replace(head+git, "inputs:", "outputs:", 1),
		"another group":     strings.Replace(head+git, "argoproj.io", "acme.io", 1),
		"a key in a map":    strings.Replace(head+git, "artifacts:", "parameters:", 1),
		"from another step": head + "        from: '{{tasks.a.outputs.artifacts.b}}'\n",
	})
}

func TestGitRepoVolume(t *testing.T) {
	const head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n" +
		"    spec:\n      volumes:\n      - name: a\n        gitRepo:\n          repository: " + source + "\n"
	commit := examplePin.Commit
	checkSources(t, []sourceCase{
		{name: "no revision", src: head, tracked: source + "@HEAD", form: Head, holder: ByPlumbAlone,
			why: "not edited"},
		{name: "a commit", src: head + "          revision: " + commit + "\n",
			tracked: source + "@" + commit, pin: commit, form: Commit, holder: ByConsumer},
	})
	noSources(t, map[string]string{"no volume": strings.Replace(head, "volumes:", "things:", 1)})
}

// noSources checks that texts have no source, each the twin of one that has.
func noSources(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, src := range texts {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			if r.Source != nil {
				t.Errorf("%s: %s is a source", name, r.Reference)
			}
		}
		if f.Unreadable != nil {
			t.Errorf("%s: %s", name, f.Unreadable.Message)
		}
	}
}

// The repository of a build may be a parameter of a Template, whose value is no image.
func TestBuildConfigInTemplate(t *testing.T) {
	const template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: a}\n" +
		"objects:\n- apiVersion: build.openshift.io/v1\n  kind: BuildConfig\n  spec:\n    source:\n" +
		"      git: {uri: '${GIT}', ref: '${REF}'}\nparameters:\n- name: GIT\n  value: " + source + "\n"
	f := NewScanner(Options{}).Scan("a.yaml", []byte(template))
	if len(f.References) > 0 || len(f.Remarks) != 1 || f.Remarks[0].Rule != "uneditable" {
		t.Errorf("%v, %v", f.References, f.Remarks)
	}
}
