//go:build unix

package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadDir(t *testing.T) {
	const static = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\n" +
		"spec:\n  images: [{glob: '**'}]\n  authorities: [{name: a, static: {action: fail}}]\n"
	for name, test := range map[string]struct {
		files map[string]string
		links map[string]string
		err   string // "" for one policy
	}{
		"a policy":              {map[string]string{"p.yaml": static}, nil, ""},
		"in capitals":           {map[string]string{"p.YML": static}, nil, ""},
		"no policy":             {map[string]string{"p.yaml": "# x\n"}, nil, "there is no policy in it"},
		"another extension":     {map[string]string{"p.yaml": static, "q.txt": static}, nil, "q.txt: it looks like a policy"},
		"documentation":         {map[string]string{"p.yaml": static, "README.md": static}, nil, ""},
		"as Kubernetes mounts":  {map[string]string{"..1/p.yaml": static}, map[string]string{"..data": "..1", "p.yaml": "..data/p.yaml"}, ""},
		"a symlink to a folder": {map[string]string{"p.yaml": static, "sub/q.txt": "x"}, map[string]string{"more": "sub"}, "more: a symlink to a folder"},
		"a symlink to nothing":  {map[string]string{"p.yaml": static}, map[string]string{"q.yaml": "gone"}, "q.yaml: a symlink to a folder, or to what is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range test.files {
				file = filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for link, target := range test.links {
				if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			set, err := ReadDir(dir, "")
			switch {
			case test.err == "" && (err != nil || set.Len() != 1):
				t.Errorf("%v", err)
			case test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err)):
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
