package lockroot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

// write writes files below dir.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func pod(image string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{image: '%s'}]}\n", image)
}

// take scans dir as a command does that begins now.
func take(t *testing.T, dir string, cfg *config.Config, cache *lockroot.Cache) *lockroot.Root {
	t.Helper()
	work, err := tree.OpenWorkTree(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &lockroot.Root{Dir: dir, Tree: work, Config: cfg}
	if err := r.Scan(t.Context(), cache); err != nil {
		t.Fatal(err)
	}
	return r
}

// references are those of a lock root in short: "file:line reference".
func references(r *lockroot.Root) []string {
	var out []string
	for _, f := range r.Files {
		for _, ref := range f.References {
			out = append(out, fmt.Sprintf("%s:%d %s", f.Path, ref.Line, ref.Reference))
		}
	}
	return out
}

// text is all that a scan found.
func text(t *testing.T, r *lockroot.Root) string {
	t.Helper()
	b, err := json.MarshalIndent([]any{r.Files, r.Nested}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestScanLeavesNestedRootsOut(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"b.yaml": pod("b:1"), "a/a.yaml": pod("a:1"),
		"prod/plumb.yaml": "", "prod/p.yaml": pod("p:1"), "prod/deep/plumb.yaml": "", "prod/deep/d.yaml": pod("d:1"),
		"product/q.yaml": pod("q:1"),
	})
	inv := take(t, dir, config.Default("x"), nil)
	if diff := cmp.Diff([]string{"a/a.yaml:4 a:1", "b.yaml:4 b:1", "product/q.yaml:4 q:1"}, references(inv)); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"prod", "prod/deep"}, inv.Nested); diff != "" {
		t.Errorf("nested (-want +got):\n%s", diff)
	}
	// From inside, a nested root is the root.
	inv = take(t, filepath.Join(dir, "prod"), config.Default("x"), nil)
	if diff := cmp.Diff([]string{"p.yaml:4 p:1"}, references(inv)); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestScanReadsWhatTheConfigurationSays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.yaml": pod("a:1"), "skip/b.yaml": pod("b:1"), "compose.yaml": "services: {web: {image: 'c:1'}}\n",
		"w.yaml": "apiVersion: a.example/v1\nkind: W\nspec: {engine: 'w:1'}\n",
	})
	tests := []struct {
		name   string
		change func(*config.Config)
		want   []string
	}{
		{"default", func(*config.Config) {}, []string{"a.yaml:4 a:1", "skip/b.yaml:4 b:1"}},
		{"exclude", func(c *config.Config) { c.Exclude = []string{"skip"} }, []string{"a.yaml:4 a:1"}},
		{"include", func(c *config.Config) { c.Include = []string{"compose.yaml"} }, []string{"compose.yaml:1 c:1"}},
		{"fields", func(c *config.Config) { c.Fields = []config.Field{{Kind: "W", Path: "spec.engine"}} },
			[]string{"a.yaml:4 a:1", "skip/b.yaml:4 b:1", "w.yaml:3 w:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config.Default("x")
			tt.change(cfg)
			if diff := cmp.Diff(tt.want, references(take(t, dir, cfg, nil))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A file is read as Helm values where another says that it is one.
func TestScanReadsValuesFiles(t *testing.T) {
	dir := t.TempDir()
	values := "app:\n  image:\n    repository: ghcr.io/acme/app\n    tag: v1\n"
	write(t, dir, map[string]string{"settings.yaml": values, "kustomization.yaml": kustomization("other.yaml")})
	const chart = "kustomization.yaml:4 https://charts.example.com#app"
	want := []string{chart}
	if diff := cmp.Diff(want, references(take(t, dir, config.Default("x"), nil))); diff != "" {
		t.Errorf("a file that nothing names (-want +got):\n%s", diff)
	}
	write(t, dir, map[string]string{"kustomization.yaml": kustomization("settings.yaml")})
	want = []string{chart, "settings.yaml:3 ghcr.io/acme/app:v1"}
	if diff := cmp.Diff(want, references(take(t, dir, config.Default("x"), nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func kustomization(values string) string {
	return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n" +
		"- {name: app, repo: 'https://charts.example.com', valuesFile: " + values + "}\n"
}

// Whatever its name, a file is read where a kustomization names it, and left alone where
// nothing does.
func TestScanReadsNamedFiles(t *testing.T) {
	dir := t.TempDir()
	cache := t.TempDir()
	write(t, dir, map[string]string{
		"deploy.txt": pod("a:1"), "image.patch": "- {op: replace, path: /spec/containers/0/image, value: 'b:1'}\n",
		"kustomization.yaml": "resources: [other.txt]\n",
	})
	take := func() []string {
		t.Helper()
		return references(take(t, dir, config.Default("x"), lockroot.OpenCache(cache, keyIn(cache), dir, config.Default("x"))))
	}
	if got := take(); len(got) != 0 {
		t.Errorf("files that nothing names have references: %v", got)
	}
	write(t, dir, map[string]string{"kustomization.yaml": "resources: [deploy.txt, base]\npatches: [{path: image.patch}]\n"})
	want := []string{"deploy.txt:4 a:1", "image.patch:1 b:1"}
	for range 2 {
		if diff := cmp.Diff(want, take()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
