package manifest

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

const (
	argoApp = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\nspec:\n"
	argoSet = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: web\nspec:\n"
	bases   = "https://github.com/acme/bases.git"
)

func TestArgoGit(t *testing.T) {
	commit, old := examplePin.Commit, strings.Repeat("1a", 20)
	const head = argoApp + "  source:\n    repoURL: " + bases + "\n    path: web\n"
	checkSources(t, []sourceCase{
		{name: "a name", src: head + "    targetRevision: main # ours\n", tracked: bases + "@main",
			form: BranchOrTag, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + " # plumb: main; ours\n"},
		{name: "no revision is HEAD", src: head, tracked: bases + "@HEAD", form: Head,
			holder: ByConsumer, want: strings.Replace(head, ".git\n",
				".git\n    targetRevision: "+commit+" # plumb: HEAD\n", 1)},
		{name: "an empty revision is HEAD", src: head + "    targetRevision: \"\"\n",
			tracked: bases + "@HEAD", form: Head, holder: ByConsumer,
			want: head + "    targetRevision: \"" + commit + "\" # plumb: HEAD\n"},
		{name: "a value that is not there", src: head + "    targetRevision:\n",
			tracked: bases + "@HEAD", form: Head, holder: ByConsumer, why: "has no value"},
		{name: "a full ref", src: head + "    targetRevision: refs/heads/main\n",
			tracked: bases + "@refs/heads/main", form: FullRef, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + " # plumb: refs/heads/main\n"},
		{name: "a range", src: head + "    targetRevision: '>=1.2 <2'\n",
			tracked: bases + "@>=1.2 <2", form: TagRange, holder: ByConsumer,
			want: head + "    targetRevision: '" + commit + "' # plumb: >=1.2 <2\n"},
		{name: "a version of two numbers is a tag", src: head + "    targetRevision: v1.2\n",
			tracked: bases + "@v1.2", form: BranchOrTag, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + " # plumb: v1.2\n"},
		{name: "a wildcard is a range", src: head + "    targetRevision: 1.x\n",
			tracked: bases + "@1.x", form: TagRange, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + " # plumb: 1.x\n"},
		{name: "a number", src: head + "    targetRevision: 1.2\n", tracked: bases + "@1.2",
			form: BranchOrTag, holder: ByConsumer, why: "quote it"},
		{name: "a commit and its name", src: head + "    targetRevision: " + commit + " # plumb: v1; x\n",
			tracked: bases + "@v1", pin: commit, form: BranchOrTag, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + " # plumb: v1; x\n"},
		{name: "a commit alone", src: head + "    targetRevision: " + old + "\n",
			tracked: bases + "@" + old, pin: old, form: Commit, holder: ByConsumer,
			want: head + "    targetRevision: " + commit + "\n"},
		{name: "an alias", src: head + "    targetRevision: &r main\n", tracked: bases + "@main",
			form: BranchOrTag, holder: ByConsumer, why: "cannot be edited safely"},
		{name: "a local path", src: strings.Replace(head, bases, "/srv/bases", 1), form: Head,
			holder: ByConsumer, why: "not that of a git repository"},
		{name: "a patch of the revision alone", src: argoApp + "  source:\n    targetRevision: main\n",
			form: BranchOrTag, holder: ByConsumer, why: "named elsewhere"},
		{name: "JSON", file: "a.json", src: `{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": {
  "source": {
    "repoURL": "` + bases + `",
    "targetRevision": "main"
  }}}`, tracked: bases + "@main", form: BranchOrTag, holder: ByConsumer,
			want: `{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": {
  "source": {
    "repoURL": "` + bases + `",
    "targetRevision": "` + commit + `"
  }}}`},
		{name: "a merge key", src: argoApp + "  x: &b {repoURL: '" + bases + "', targetRevision: main}\n" +
			"  source: {<<: *b, path: web}\n", tracked: bases + "@main", form: BranchOrTag, holder: ByConsumer,
			want: argoApp + "  x: &b {repoURL: '" + bases + "', targetRevision: " + commit + "}\n" +
				"  source: {<<: *b, path: web}\n"},
		{name: "the hydrator's source", src: argoApp + "  sourceHydrator:\n    drySource:\n      repoURL: " + bases +
			"\n      targetRevision: main\n    syncSource: {targetBranch: env/prod, path: web}\n",
			tracked: bases + "@main", form: BranchOrTag, holder: ByConsumer,
			want: argoApp + "  sourceHydrator:\n    drySource:\n      repoURL: " + bases + "\n      targetRevision: " + commit +
				" # plumb: main\n    syncSource: {targetBranch: env/prod, path: web}\n"},
		{name: "a generator", src: argoSet + "  generators:\n  - matrix: {generators: [{merge: {generators: [{git: {repoURL: '" +
			bases + "', revision: main, directories: [{path: '*'}]}}]}}]}\n", tracked: bases + "@main",
			form: BranchOrTag, holder: ByConsumer,
			want: argoSet + "  generators:\n  - matrix: {generators: [{merge: {generators: [{git: {repoURL: '" +
				bases + "', revision: " + commit + ", directories: [{path: '*'}]}}]}}]}\n"},
		{name: "the template of a set", src: argoSet + "  template:\n    spec:\n      source:\n        repoURL: " + bases +
			"\n        path: '{{path}}'\n", tracked: bases + "@HEAD", form: Head, holder: ByConsumer,
			want: argoSet + "  template:\n    spec:\n      source:\n        repoURL: " + bases + "\n        targetRevision: " +
				commit + " # plumb: HEAD\n        path: '{{path}}'\n"},
	})
}

func TestArgoChart(t *testing.T) {
	const (
		head  = argoApp + "  source:\n    repoURL: https://Charts.Example.org/stable/\n    chart: web\n"
		name  = "https://charts.example.org/stable#web"
		oci   = argoApp + "  source:\n    repoURL: registry-1.docker.io/bitnamicharts\n    chart: "
		nginx = "oci://registry-1.docker.io/bitnamicharts#nginx"
	)
	checkSources(t, []sourceCase{
		{name: "exact", src: head + "    targetRevision: 1.2.3\n", tracked: name + "@1.2.3", pin: "1.2.3", form: Version,
			holder: ByPlumbAlone, want: head + "    targetRevision: 1.14.4\n"},
		{name: "exact, with a v", src: head + "    targetRevision: v1.2.3-rc.1+b\n", tracked: name + "@v1.2.3-rc.1+b",
			pin: "v1.2.3-rc.1+b", form: Version, holder: ByPlumbAlone, want: head + "    targetRevision: 1.14.4\n"},
		{name: "two numbers are a range", src: head + "    targetRevision: \"1.2\"\n", tracked: name + "@1.2", form: VersionRange,
			holder: ByPlumbAlone, want: head + "    targetRevision: \"1.14.4\" # plumb: 1.2\n"},
		{name: "a range", src: head + "    targetRevision: ^1\n", tracked: name + "@^1", form: VersionRange,
			holder: ByPlumbAlone, want: head + "    targetRevision: 1.14.4 # plumb: ^1\n"},
		{name: "a range that was pinned", src: head + "    targetRevision: 1.2.3 # plumb: ^1\n", tracked: name + "@^1", pin: "1.2.3",
			form: VersionRange, holder: ByPlumbAlone, want: head + "    targetRevision: 1.14.4 # plumb: ^1\n"},
		{name: "a version that the range does not have", src: head + "    targetRevision: 2.0.0 # plumb: ^1\n",
			tracked: name + "@2.0.0", pin: "2.0.0", form: Version, holder: ByPlumbAlone,
			want: head + "    targetRevision: 1.14.4 # plumb: ^1\n"},
		{name: "none is the newest", src: head, tracked: name + "@*", form: VersionRange, holder: ByPlumbAlone,
			want: head + "    targetRevision: 1.14.4 # plumb: *\n"},
		{name: "no version", src: head + "    targetRevision: main\n", tracked: name + "@main", form: NoForm, holder: ByPlumbAlone,
			why: "neither a version nor a range"},
		{name: "a registry", src: oci + "nginx\n    targetRevision: 15.*\n", tracked: nginx + "@15.*", form: VersionRange,
			holder: ByPlumbAlone, want: oci + "nginx\n    targetRevision: 1.14.4 # plumb: 15.*\n"},
		{name: "a registry, and a path in the name", src: strings.Replace(oci, "/bitnamicharts", "", 1) +
			"bitnamicharts/nginx\n    targetRevision: 1.2.3\n", tracked: nginx + "@1.2.3", pin: "1.2.3", form: Version,
			holder: ByPlumbAlone, want: strings.Replace(oci, "/bitnamicharts", "", 1) + "bitnamicharts/nginx\n    targetRevision: 1.14.4\n"},
	})
}

// All sources of an Application in one repository are to have one commit; those of
// another, and generators, are not among them.
func TestArgoTogether(t *testing.T) {
	src := argoApp + "  sources:\n  - {repoURL: 'https://github.com/acme/bases', ref: values}\n" +
		"  - {repoURL: 'git@github.com:acme/Bases.git', path: web}\n  - {repoURL: 'https://github.com/acme/other', path: web}\n" +
		"---\n" + argoApp + "  source: {repoURL: 'https://github.com/acme/bases'}\n" +
		"---\n" + argoSet + "  generators: [{git: {repoURL: 'https://github.com/acme/bases'}}]\n"
	f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
	var keys []string
	for _, r := range f.References {
		keys = append(keys, r.Source.Together)
	}
	if len(keys) != 5 || keys[0] == "" || keys[0] != keys[1] || keys[0] == keys[2] || keys[2] == "" ||
		keys[0] == keys[3] || keys[3] == "" || keys[4] != "" {
		t.Errorf("together: %q", keys)
	}
}

// What only allows, names or lists repositories, and what Argo CD ignores, is no input.
func TestArgoNoSource(t *testing.T) {
	const other = "apiVersion: argoproj.io/v1alpha1\nkind: "
	for name, src := range map[string]string{
		"a project":         other + "AppProject\nspec:\n  sourceRepos: ['" + bases + "']\n  source: {repoURL: '" + bases + "'}\n",
		"the status":        argoApp + "  project: x\nstatus:\n  sync: {comparedTo: {source: {repoURL: '" + bases + "'}}}\n",
		"credentials":       "apiVersion: v1\nkind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: repository}}\nstringData: {url: '" + bases + "', type: git}\n",
		"another group":     "apiVersion: acme.io/v1\nkind: Application\nspec: {source: {repoURL: '" + bases + "'}}\n",
		"a pull request":    argoSet + "  generators: [{pullRequest: {github: {owner: acme, repo: bases}}}]\n",
		"an OCI artifact":   argoApp + "  source: {repoURL: 'oci://ghcr.io/acme/web', path: ., targetRevision: v1}\n",
		"a push of results": argoApp + "  sourceHydrator: {syncSource: {targetBranch: main}, hydrateTo: {targetBranch: next}}\n",
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
		for _, r := range f.References {
			if r.Source != nil || r.Input == lockfile.Git {
				t.Errorf("%s: %s is a source", name, r.Reference)
			}
		}
	}
	f := NewScanner(Options{}).Scan(".argocd-source.yaml", []byte("repoURL: "+bases+"\ntargetRevision: main\n"))
	if len(f.References) > 0 {
		t.Errorf("an override sets a source: %v", f.References)
	}
}

// A template is said to be one, and never followed as a name.
func TestArgoTemplate(t *testing.T) {
	const values = "\n        targetRevision: '{{revision}}'\n"
	for name, c := range map[string]struct{ src, remark string }{
		"the revision of a set": {argoSet + "  template:\n    spec:\n      source:\n        repoURL: " + bases + values, bases + "@{{revision}}"},
		"the URL of a set":      {argoSet + "  template:\n    spec:\n      source: {repoURL: '{{url}}'}\n", "{{url}}@HEAD"},
		"a patch of a set":      {argoSet + "  templatePatch: |\n    spec: {source: {targetRevision: main}}\n", "templatePatch"},
	} {
		f := NewScanner(Options{}).Scan("a.yaml", []byte(c.src))
		if len(f.References) > 0 || len(f.Remarks) != 1 || f.Remarks[0].Reference != c.remark || f.Remarks[0].Rule != "uneditable" {
			t.Errorf("%s: %v %v", name, f.References, f.Remarks)
		}
	}
	f := NewScanner(Options{}).Scan("a.yaml", []byte(argoSet+"  templatePatch: |\n    spec: {project: x}\n"))
	if len(f.Remarks) > 0 {
		t.Errorf("a patch without a source: %v", f.Remarks)
	}
}
