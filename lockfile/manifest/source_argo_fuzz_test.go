package manifest

import "testing"

// FuzzObjectSources pins each source of Argo CD's and Tekton's objects: its place then carries
// the pin, the others stay as they were, and pinning it again changes nothing.
func FuzzObjectSources(f *testing.F) {
	const pac = "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata:\n  annotations:\n    " +
		"pipelinesascode.tekton.dev/task: "
	for _, src := range []string{
		argoApp + "  source: {repoURL: 'https://a.io/b/c', targetRevision: main}\n",
		argoApp + "  sources:\n  - repoURL: https://a.io\n    chart: web # x\n    targetRevision: ^1\n" +
			"  - repoURL: git@a.io:b/c\r\n",
		argoApp + "  sourceHydrator:\n    drySource:\n      repoURL: https://a.io/b # x\n",
		argoSet + "  generators: [{git: {repoURL: https://a.io/b}}]\n",
		tektonRun + "git\n    params:\n    - {name: url, value: https://a.io/b}\n",
		tektonRun + "git\n    params: [{name: url, value: https://a.io/b}, {name: revision, value: v1}]\n",
		tektonRun + "http\n    params:\n    - name: url\n      value: https://a.io/b\n",
		pac + "'[git-clone, https://raw.githubusercontent.com/a/b/main/c]'\n",
		`{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
 "spec": {"source": {"repoURL": "https://a.io/b"}}}`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) { pinEach(t, "a.yaml", src) })
}
