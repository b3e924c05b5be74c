package manifest

import (
	"slices"
	"strings"
	"testing"
)

// FuzzFleetSources pins each source of a fleet.yaml, of a helmfile, of a GitRepo and of a
// HelmChart of k3s: its place then carries the pin, the others stay as they were, and pinning it again changes
// nothing.
func FuzzFleetSources(f *testing.F) {
	for _, src := range []string{
		"helm:\n  chart: https://a.example/web.tgz # ours\n  version: 1\n",
		"helm: {chart: 'https://a.example/web.tgz?a=b&checksum=sha256:" + strings.Repeat("0", 64) + "'}\n",
		"helm:\n  chart: https://gitlab.com/a/b/-/raw/main/c.tgz?ref_type=heads\n",
		"helm:\n  chart: git::https://a.example/b.git//c?ref=v1\ntargets:\n- helm: {chart: github.com/a/b}\n",
		"helm:\r\n  chart: web\r\n  repo: https://a.example\r\ntargetCustomizations:\r\n- helm:\r\n    version: ^1\r\n",
		"helm: {chart: 'oci://ghcr.io/acme/web:1.2.3', version: '1'}\n",
		"apiVersion: fleet.cattle.io/v1alpha1\nkind: GitRepo\nspec:\n  repo: https://a.example/b\n  branch: main # x\n",
		"apiVersion: fleet.cattle.io/v1alpha1\nkind: GitRepo\nspec: {repo: https://a.example/b, branch: ''}\n",
		"apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  chart: oci://a.example/b/c:1.0.0\n",
		"helm: {chart: 'http://?'}\n",
		"repositories: [{name: a, url: b.example/c, oci: true}]\nreleases: [{chart: a/b, version: ^1}, {chart: {{ .x }}}]\n",
		"releases:\n- {chart: 'git::https://a.example/b.git@c?ref=v1'}\nhelmfiles: [{path: 'git::ssh://git@a/b@c'}]\n",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		pinEach(t, "fleet.yaml", src)
		pinEach(t, "helmfile.yaml.gotmpl", src)
	})
}

// pinEach pins each source of a file that can be, and checks what that makes of the file.
func pinEach(t *testing.T, name string, src []byte) {
	file := NewScanner(Options{}).Scan(name, src)
	if file.Unreadable != nil {
		return
	}
	for i := range file.References {
		r := &file.References[i]
		edits := r.PinSource(examplePin)
		if len(edits) == 0 {
			continue
		}
		pinned, err := Apply(src, edits)
		if err != nil {
			t.Fatalf("%s: %v", r.Reference, err)
		}
		again := NewScanner(Options{}).Scan(name, pinned)
		if again.Unreadable != nil || len(again.References) != len(file.References) {
			t.Fatalf("%s: %q: %d references of %d, %+v", r.Reference, pinned,
				len(again.References), len(file.References), again.Unreadable)
		}
		for j := range again.References {
			a := &again.References[j]
			switch {
			case j != i && a.Tracked != file.References[j].Tracked:
				t.Fatalf("%q: %s became %s", pinned, file.References[j].Tracked, a.Tracked)
			case j != i:
			case !slices.Contains([]string{examplePin.Commit, examplePin.Version,
				examplePin.Tag, examplePin.Digest}, a.Source.Pin) && a.Source.Form != OneFile:
				t.Fatalf("%q: %s carries %q", pinned, a.Tracked, a.Source.Pin)
			case len(a.PinSource(examplePin)) > 0:
				t.Fatalf("%q: pinning it again changes it", pinned)
			}
		}
	}
}
