//go:build unix

package lockroot_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// repository is a git repository for one test.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := repository{t, dir}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r repository) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

func (r repository) commit() {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-qm", "x", "--allow-empty")
}

// symlink makes name lead to target.
func (r repository) symlink(target, name string) {
	r.t.Helper()
	name = filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		r.t.Fatal(err)
	}
}

// ways are the trees that a lock root is read from.
var ways = map[string]func(ctx context.Context, dir string) (tree.Tree, error){
	"work tree": lockroot.OpenWorkTree,
	"index":     func(ctx context.Context, dir string) (tree.Tree, error) { return openIndex(ctx, dir) },
	"commit":    func(ctx context.Context, dir string) (tree.Tree, error) { return tree.OpenCommit(ctx, dir, "HEAD") },
}

func openIndex(ctx context.Context, dir string) (*tree.Snapshot, error) {
	return tree.OpenIndex(ctx, dir)
}

// report is what a scan found, a line each: "file:line reference", with "!" before a
// reference that cannot be edited, and "file:line severity rule".
func report(r *lockroot.Root) []string {
	var out []string
	for _, f := range r.Files {
		for _, ref := range f.References {
			mark := ""
			if !ref.Editable {
				mark = "!"
			}
			out = append(out, fmt.Sprintf("%s:%d %s%s", f.Path, ref.Line, mark, ref.Reference))
		}
		remarks := f.Remarks
		if f.Unreadable != nil {
			remarks = append(remarks, *f.Unreadable)
		}
		for _, m := range remarks {
			severity := "remark"
			if m.Severe {
				severity = "error"
			}
			out = append(out, fmt.Sprintf("%s:%d %s %s", f.Path, m.Line, severity, m.Rule))
		}
	}
	return out
}

const (
	evil   = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a, image: 'evil:1'}]\n"
	evil2  = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a, image: 'evil:2'}]\n"
	values = "image: {repository: quay.io/acme/evil, tag: '1'}\n"
	chart  = "apiVersion: v2\nname: a\nversion: 1.0.0\n"
	lfs    = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)

func TestWhatConsumersRead(t *testing.T) {
	type files map[string]string
	tests := []struct {
		name  string
		files files
		links files // name to target
		cfg   *config.Config
		want  []string
	}{
		// symlinks
		{"a manifest behind a symlink", files{"payload/p.txt": evil}, files{"apps/x.yaml": "../payload/p.txt"}, nil, []string{"payload/p.txt:4 evil:1"}},
		{"a text that nothing makes a manifest", files{"payload/p.txt": evil}, files{"apps/x.txt": "../payload/p.txt"}, nil, nil},
		{"a symlink to a manifest", files{"a/x.yaml": evil}, files{"b/x.yaml": "../a/x.yaml"}, nil, []string{"a/x.yaml:4 evil:1"}},
		{"two symlinks to one text", files{"p.txt": evil}, files{"a.yaml": "p.txt", "b.yaml": "p.txt"}, nil, []string{"p.txt:4 evil:1"}},
		{"a symlink to a symlink", files{"p.txt": evil}, files{"a.yaml": "b", "b": "p.txt"}, nil, []string{"p.txt:4 evil:1"}},
		{"behind a symlink to a folder", files{"p/x.txt": evil, "apps/kustomization.yaml": "resources: [q/x.txt]\n"}, files{"apps/q": "../p"}, nil, []string{"p/x.txt:4 evil:1"}},
		{"a symlink that is checked out as text", files{"p.txt": evil, "a/x.yaml": "../p.txt"}, nil, nil, []string{"p.txt:4 evil:1"}},
		{"a text that names no file", files{"a/x.yaml": "hello"}, nil, nil, nil},
		{"a symlink out of the repository", nil, files{"apps/x.yaml": "../../outside.yaml"}, nil, []string{"apps/x.yaml:1 error unknown-input"}},
		{"an absolute symlink", nil, files{"apps/x.yaml": "/etc/x.yaml"}, nil, []string{"apps/x.yaml:1 error unknown-input"}},
		{"a symlink to a folder outside", nil, files{"apps": "../outside"}, nil, []string{"apps:1 error unknown-input"}},
		{"a symlink to git's own files", nil, files{"apps/x.yaml": "../.git/config", "y.yaml": ".git/HEAD"}, nil, []string{"apps/x.yaml:1 error unknown-input", "y.yaml:1 error unknown-input"}},
		{"a symlink to a text outside", nil, files{"README.md": "/usr/share/README.md", ".envrc": "/etc/envrc"}, nil, nil},
		{"a symlink to what is not there", nil, files{"apps/x.yaml": "gone.yaml"}, nil, []string{"apps/x.yaml:1 error unknown-input"}},
		{"a text's symlink to what is not there", nil, files{"apps/x.md": "gone.md"}, nil, nil},
		{"a symlink to itself", nil, files{"x.yaml": "x.yaml", "a": "b", "b": "a"}, nil, []string{"a:1 error unknown-input", "b:1 error unknown-input", "x.yaml:1 error unknown-input"}},
		{"a symlink to the folder above", files{"a/x.yaml": evil}, files{"a/up": ".."}, nil, []string{"a/x.yaml:4 evil:1"}},
		{"an excluded symlink", files{"p.txt": evil}, files{"a/x.yaml": "../p.txt", "a/y.yaml": "/etc/y.yaml"}, &config.Config{Exclude: []string{"a"}}, []string{"plumb.yaml:1 remark unknown-input"}},
		{"a symlink to what is excluded", files{"p/x.yaml": evil}, files{"a/x.yaml": "../p/x.yaml"}, &config.Config{Exclude: []string{"p"}}, []string{"p/x.yaml:4 evil:1", "plumb.yaml:1 remark unknown-input"}},
		{"a symlinked folder of what is excluded", files{"p/x.yaml": evil}, files{"a": "p"}, &config.Config{Exclude: []string{"p"}}, []string{"p/x.yaml:4 evil:1", "plumb.yaml:1 remark unknown-input"}},
		{"a symlinked kustomization", files{"c/base.txt": "images: [{name: web, newTag: '1'}]\nresources: [x.txt]\n", "a/x.txt": evil}, files{"a/kustomization.yaml": "../c/base.txt"}, nil, []string{"a/kustomization.yaml:1 !web:1", "a/x.txt:4 evil:1"}},
		{"a chart's symlinked values", files{"c/Chart.yaml": chart, "all.txt": values}, files{"c/values.yaml": "../all.txt"}, nil, []string{"all.txt:1 quay.io/acme/evil:1"}},
		{"symlinked values of no chart", files{"all.txt": values}, files{"c/values.yaml": "../all.txt"}, nil, nil},
		{"a chart's symlinked templates", files{"c/Chart.yaml": chart, "t/x.tpl": evil}, files{"c/templates": "../t"}, nil, []string{"c/templates/x.tpl:4 !evil:1"}},
		// names
		{"a resource of any name", files{"kustomization.yaml": "resources: [d.txt, e]\n", "d.txt": evil, "e": evil2}, nil, nil, []string{"d.txt:4 evil:1", "e:4 evil:2"}},
		{"a resource that is not there", files{"kustomization.yaml": "resources:\n- d.txt\n"}, nil, nil, []string{"kustomization.yaml:2 error unknown-input"}},
		{"a patch that is not there", files{"kustomization.yaml": "patches: [{path: d.yaml}]\n"}, nil, nil, []string{"kustomization.yaml:1 error unknown-input"}},
		{"a resource outside", files{"a/kustomization.yaml": "resources: [../../x.yaml]\n"}, nil, nil, []string{"a/kustomization.yaml:1 error unknown-input"}},
		{"resources that are there", files{"a/kustomization.yaml": "resources: [../b, c.yaml]\n", "b/kustomization.yaml": "{}", "a/c.yaml": evil}, nil, nil, []string{"a/c.yaml:4 evil:1"}},
		{"a remote base", files{"kustomization.yaml": "resources:\n- https://a.example/x.yaml\n- github.com/acme/app//deploy?ref=v1\n- git@a.example:acme/app\n- a.example/acme/app.git\n"}, nil, nil,
			[]string{"kustomization.yaml:2 !https://a.example/x.yaml", "kustomization.yaml:3 github.com/acme/app//deploy?ref=v1", "kustomization.yaml:4 git@a.example:acme/app"}},
		{"an excluded resource", files{"kustomization.yaml": "resources: [d.txt]\n", "d.txt": evil}, nil, &config.Config{Exclude: []string{"d.txt"}}, []string{"plumb.yaml:1 remark unknown-input"}},
		{"another repository's values", files{"a.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: c, helm: {valueFiles: [v.yaml]}}}\n"}, nil, nil, nil},
		// charts
		{"templates of any name", files{"c/Chart.yaml": chart, "c/templates/x.tpl": evil, "c/templates/sub/y": evil2, "c/templates/NOTES.txt": "image: evil:3\n"}, nil, nil, []string{"c/templates/sub/y:4 evil:2", "c/templates/x.tpl:4 evil:1"}},
		{"a subchart's templates", files{"c/Chart.yaml": chart, "c/charts/d/Chart.yaml": chart, "c/charts/d/templates/x.tpl": evil}, nil, nil, []string{"c/charts/d/templates/x.tpl:4 evil:1"}},
		{"templates of no chart", files{"app/templates/x.html": "<p>{{ a: [ }}</p>\n", "app/templates/x.tpl": evil}, nil, nil, nil},
		{"a chart's text that is no template", files{"c/Chart.yaml": chart, "c/templates/README.md": "# a: [\nb: [\n", "c/.helmignore": "# x\n*.md\n"}, nil, nil, nil},
		{"a chart's template that cannot be parsed", files{"c/Chart.yaml": chart, "c/templates/README.md": "# a: [\nb: [\n"}, nil, nil, []string{"c/templates/README.md:2 error unreadable"}},
		{"a template that plumb.yaml leaves out", files{"c/Chart.yaml": chart, "c/templates/x.tpl": evil}, nil, &config.Config{Exclude: []string{"c"}}, []string{"plumb.yaml:1 remark unknown-input"}},
		// others
		{"a name in capitals", files{"a/X.YAML": evil, "a/y.Json": `{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "evil:2"}]}}`}, nil, nil, []string{"a/X.YAML:4 evil:1", "a/y.Json:1 evil:2"}},
		{"in a hidden folder", files{".plumb/x.yaml": evil, ".a/.b.yaml": evil2}, nil, nil, []string{".a/.b.yaml:4 evil:2", ".plumb/x.yaml:4 evil:1"}},
		{"an LFS pointer", files{"a/x.yaml": lfs}, nil, nil, []string{"a/x.yaml:1 error unknown-input"}},
		{"an LFS pointer of something else", files{"a/x.bin": lfs}, nil, nil, nil},
		{"an LFS pointer that is named", files{"kustomization.yaml": "resources: [x.txt]\n", "x.txt": lfs}, nil, nil, []string{"x.txt:1 error unknown-input"}},
		{"what exclude leaves out", files{"a/x.yaml": evil, "a/y.yaml": evil, "b/x.yaml": evil2}, nil, &config.Config{Exclude: []string{"a"}}, []string{"b/x.yaml:4 evil:2", "plumb.yaml:1 remark unknown-input"}},
		{"what include leaves out", files{"a/x.yaml": evil, "b/x.yaml": evil2}, nil, &config.Config{Include: []string{"b"}}, []string{"b/x.yaml:4 evil:2", "plumb.yaml:1 remark unknown-input"}},
		{"an exclude that leaves nothing out", files{"a/x.txt": evil, "b/x.yaml": evil2}, nil, &config.Config{Exclude: []string{"a"}}, []string{"b/x.yaml:4 evil:2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			write(t, r.dir, test.files)
			for name, target := range test.links {
				r.symlink(target, name)
			}
			r.commit()
			cfg := test.cfg
			if cfg == nil {
				cfg = config.Default("x")
			}
			for name, open := range ways {
				files, err := open(t.Context(), r.dir)
				if err != nil {
					t.Fatal(err)
				}
				root := &lockroot.Root{Dir: r.dir, Tree: files, Config: cfg}
				if err := root.Scan(t.Context(), nil); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(test.want, report(root)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}
