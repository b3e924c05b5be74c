package manifest

import (
	"strings"
	"testing"
)

const (
	tektonRun = "apiVersion: tekton.dev/v1\nkind: PipelineRun\nspec:\n  pipelineRef:\n    resolver: "
	gitClone  = "https://github.com/tektoncd-catalog/git-clone.git"
)

func TestTektonGit(t *testing.T) {
	commit, old := examplePin.Commit, strings.Repeat("1a", 20)
	const (
		head = tektonRun + "git\n    params:\n    - name: url\n      value: " + gitClone + " # ours\n"
		path = "    - name: pathInRepo\n      value: task.yaml\n"
	)
	revision := func(v string) string { return head + "    - name: revision\n      value: " + v + "\n" + path }
	checkSources(t, []sourceCase{
		{name: "a tag", src: revision("v1.7.0"), tracked: gitClone + "@v1.7.0", form: BranchOrTag,
			holder: ByConsumer, want: revision(commit + " # plumb: v1.7.0")},
		{name: "no revision is main", src: head + path, tracked: gitClone + "@main", form: BranchOrTag,
			holder: ByConsumer, want: revision(commit + " # plumb: main")},
		{name: "a commit and its name", src: revision(old + " # plumb: v1"), tracked: gitClone + "@v1", pin: old,
			form: BranchOrTag, holder: ByConsumer, want: revision(commit + " # plumb: v1")},
		{name: "a commit alone", src: revision(old), tracked: gitClone + "@" + old, pin: old, form: Commit,
			holder: ByConsumer, want: revision(commit)},
		{name: "the value before the name", src: tektonRun + "git\n    params:\n    -   value: " + gitClone +
			"\n        name: url\n", tracked: gitClone + "@main", form: BranchOrTag, holder: ByConsumer,
			want: tektonRun + "git\n    params:\n    -   value: " + gitClone + "\n        name: url\n" +
				"    -   name: revision\n        value: " + commit + " # plumb: main\n"},
		{name: "in braces", src: tektonRun + "git\n    params:\r\n    - {name: url, value: " + gitClone + "} # x\r\n",
			tracked: gitClone + "@main", form: BranchOrTag, holder: ByConsumer,
			want: tektonRun + "git\n    params:\r\n    - {name: url, value: " + gitClone + "} # x\r\n" +
				"    - {name: revision, value: " + commit + "}" + "\r\n"},
		{name: "in brackets", src: tektonRun + "git\n    params: [{name: url, value: '" + gitClone + "'}]\n",
			tracked: gitClone + "@main", form: BranchOrTag, holder: ByConsumer,
			want: tektonRun + "git\n    params: [{name: url, value: '" + gitClone + "'}, {name: revision, value: " + commit + "}]\n"},
		{name: "JSON", file: "a.json", src: `{"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "spec": {"taskRef": {"resolver": "git",
  "params": [
    {"name": "url", "value": "` + gitClone + `"}
  ]}}}`, tracked: gitClone + "@main", form: BranchOrTag, holder: ByConsumer,
			want: `{"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "spec": {"taskRef": {"resolver": "git",
  "params": [
    {"name": "url", "value": "` + gitClone + `"}, {"name": "revision", "value": "` + commit + `"}
  ]}}}`},
		{name: "the API of a forge", src: tektonRun + "git\n    params:\n    - {name: org, value: acme}\n    - {name: repo, value: bases}\n" +
			"    - {name: revision, value: main}\n", form: BranchOrTag, holder: ByConsumer, why: "ConfigMap of Tekton"},
		{name: "the API of a forge that is named", src: tektonRun + "git\n    params:\n    - {name: org, value: acme}\n    - {name: repo, value: bases}\n" +
			"    - {name: revision, value: main}\n    - {name: serverURL, value: 'https://git.acme.io/'}\n",
			tracked: "https://git.acme.io/acme/bases@main", form: BranchOrTag, holder: ByConsumer,
			want: tektonRun + "git\n    params:\n    - {name: org, value: acme}\n    - {name: repo, value: bases}\n" +
				"    - {name: revision, value: " + commit + "}\n    - {name: serverURL, value: 'https://git.acme.io/'}\n"},
	})
}

func TestTektonOtherResolvers(t *testing.T) {
	const url = "https://example.com/task.yaml"
	head := tektonRun + "http\n    params:\n    - name: url\n      value: " + url + "\n"
	digest := func(v string) string { return head + "    - name: digest\n      value: " + v + "\n" }
	old := "sha256:" + strings.Repeat("b", 64)
	checkSources(t, []sourceCase{
		{name: "a file", src: head, tracked: url, form: OneFile, holder: ByConsumer, want: digest(examplePin.Digest)},
		{name: "a file with its digest", src: digest(old), tracked: url, pin: old, form: OneFile, holder: ByConsumer,
			want: digest(examplePin.Digest)},
		{name: "no URL of a file", src: strings.Replace(head, "https", "ftp", 1), form: OneFile, holder: ByConsumer,
			why: "http or https"},
		{name: "a hub", src: tektonRun + "hub\n    params: [{name: name, value: git-clone}, {name: version, value: '0.9'}]\n",
			holder: NotHeld, why: "cannot be held to content"},
		{name: "a step's action", src: "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - name: a\n    ref: {resolver: http, params: [{name: url, value: '" +
			url + "'}]}\n", tracked: url, form: OneFile, holder: ByConsumer,
			want: "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - name: a\n    ref: {resolver: http, params: [{name: url, value: '" +
				url + "'}, {name: digest, value: " + examplePin.Digest + "}]}\n"},
	})
}

// Parameters of a task are no sources, whatever they are called, nor are those of the
// resolver that reads the cluster.
func TestTektonNoSource(t *testing.T) {
	for name, src := range map[string]string{
		"a task's parameters": "apiVersion: tekton.dev/v1\nkind: TaskRun\nspec:\n  taskRef: {name: clone}\n  params: [{name: url, value: '" + gitClone + "'}]\n",
		"the cluster":         tektonRun + "cluster\n    params: [{name: kind, value: task}, {name: name, value: a}]\n",
		"a resolver of names": "apiVersion: acme.io/v1\nkind: Zone\nspec: {resolver: git, params: [{name: url, value: '" + gitClone + "'}]}\n",
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			t.Errorf("%s: %s is a source", name, r.Reference)
		}
	}
}

func TestPipelinesAsCode(t *testing.T) {
	const raw = "https://raw.githubusercontent.com/acme/tasks/"
	run := func(annotation string) string {
		return "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata:\n  annotations:\n    pipelinesascode.tekton.dev/" + annotation + "\n"
	}
	checkSources(t, []sourceCase{
		{name: "a branch", src: run("task-1: " + raw + "main/a.yaml"), tracked: raw + "main/a.yaml", form: BranchOrTag, holder: ByConsumer,
			want: run("task-1: " + raw + examplePin.Commit + "/a.yaml # plumb: main")},
		{name: "one of two", src: run("task: '[git-clone, \"" + raw + "main/a.yaml\"]'"), tracked: raw + "main/a.yaml", form: BranchOrTag,
			holder: ByPlumbAlone, why: "of its own"},
	})
	for src, want := range map[string]int{
		run("task: '[" + raw + "main/a.yaml, .tekton/x.yaml, " + raw + "main/b.yaml]'"): 2,
		run("task: git-clone"):                      0,
		run("on-comment: '" + raw + "main/a.yaml'"): 0,
		strings.Replace(run("task: "+raw+"main/a.yaml"), "pipelinesascode", "acme", 1): 0,
	} {
		if f := NewScanner(Options{}).Scan("a.yaml", []byte(src)); len(f.References) != want {
			t.Errorf("%s: %d references, want %d", src, len(f.References), want)
		}
	}
}
