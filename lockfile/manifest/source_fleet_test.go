package manifest

import (
	"strings"
	"testing"
)

func TestFleetGitRepo(t *testing.T) {
	const head = "apiVersion: fleet.cattle.io/v1alpha1\nkind: GitRepo\nmetadata:\n  name: a\nspec:\n" +
		"  repo: " + bases + " # ours\n"
	commit, old := examplePin.Commit, strings.Repeat("1a", 20)
	checkSources(t, []sourceCase{
		{name: "a branch", src: head + "  branch: main # prod\n  paths: [web]\n", tracked: bases + "@main",
			form: Branch, holder: ByConsumer,
			want: head + "  revision: " + commit + " # plumb: main; prod\n  paths: [web]\n"},
		{name: "a quoted branch", src: head + "  \"branch\": 'main'\n", tracked: bases + "@main",
			form: Branch, holder: ByConsumer,
			want: head + "  \"revision\": '" + commit + "' # plumb: main\n"},
		{name: "no branch is master", src: head, tracked: bases + "@master", form: Branch,
			holder: ByConsumer, want: head + "  revision: " + commit + " # plumb: master\n"},
		{name: "an empty branch is master", src: head + "  branch: \"\"\n", tracked: bases + "@master",
			form: Branch, holder: ByConsumer,
			want: head + "  revision: \"" + commit + "\" # plumb: master\n"},
		{name: "a revision", src: head + "  revision: v1\n", tracked: bases + "@v1", form: Tag,
			holder: ByConsumer, want: head + "  revision: " + commit + " # plumb: v1\n"},
		{name: "an empty branch and a revision", src: head + "  branch: ''\n  revision: v1\n",
			tracked: bases + "@v1", form: Tag, holder: ByConsumer,
			want: head + "  branch: ''\n  revision: " + commit + " # plumb: v1\n"},
		{name: "a commit and its name", src: head + "  revision: " + old + " # plumb: main\n",
			tracked: bases + "@main", pin: old, form: BranchOrTag, holder: ByConsumer,
			want: head + "  revision: " + commit + " # plumb: main\n"},
		{name: "a commit alone", src: head + "  revision: " + old + "\n", tracked: bases + "@" + old,
			pin: old, form: Commit, holder: ByConsumer, want: head + "  revision: " + commit + "\n"},
		{name: "a branch beside a commit", src: head + "  branch: main\n  revision: " + old + "\n",
			tracked: bases + "@main", form: Branch, holder: ByPlumbAlone, why: "clones the branch"},
		{name: "an anchor", src: head + "  branch: &b main\n", tracked: bases + "@main", form: Branch,
			holder: ByConsumer, why: "cannot be edited safely"},
		{name: "a merge key", src: strings.Replace(head, "spec:\n", "spec:\n  <<: &b {branch: main}\n", 1),
			tracked: bases + "@main", form: Branch, holder: ByConsumer, why: "cannot be edited safely"},
		{name: "a number", src: head + "  branch: 1.2\n", tracked: bases + "@1.2", form: Branch,
			holder: ByConsumer, why: "quote it"},
		{name: "a path", src: strings.Replace(head, bases, "/srv/bases", 1), form: Branch,
			holder: ByConsumer, why: "not that of a git repository"},
		{name: "JSON", file: "a.json",
			src: `{"apiVersion": "fleet.cattle.io/v1alpha1", "kind": "GitRepo", "spec": {
  "repo": "` + bases + `",
  "branch": "main"}}`, tracked: bases + "@main", form: Branch, holder: ByConsumer,
			want: `{"apiVersion": "fleet.cattle.io/v1alpha1", "kind": "GitRepo", "spec": {
  "repo": "` + bases + `",
  "revision": "` + commit + `"}}`},
	})
}

// Objects that have the fields of a GitRepo and are none have no source.
func TestFleetGitRepoOfAnotherKind(t *testing.T) {
	const spec = "spec: {repo: '" + bases + "', branch: main}\n"
	for _, head := range []string{"apiVersion: acme.io/v1\nkind: GitRepo\n",
		"apiVersion: fleet.cattle.io/v1alpha1\nkind: ClusterGroup\n"} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(head+spec))
		for _, r := range f.References {
			t.Errorf("%s: %s is a source", head, r.Reference)
		}
	}
}
