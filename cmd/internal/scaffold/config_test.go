package scaffold

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumb-dev/plumb/lockfile/config"
)

// What plumb init writes sets nothing until a "#" is removed, and then it is valid.
func TestConfig(t *testing.T) {
	for name, test := range map[string]struct {
		dir  string
		f    Found
		want config.Config // some fields of what is uncommented
	}{
		"nothing": {"prod", Found{}, config.Config{
			Name: "prod", Platforms: []string{"linux/amd64", "linux/arm64"},
			Exclude: []string{"**/testdata/**"},
			Registries: map[string]config.Registry{
				"docker.io": {Mirrors: []string{"mirror.internal.example/hub"}},
			},
			Fields:  []config.Field{{Kind: "Database", Path: "spec.nodes[].image"}},
			Require: []string{"image", "artifact", "chart", "git", "url", "release"},
			Self:    []config.Self{{URL: "git@git.example.com:acme/clusters.git"}},
		}},
		"something": {"it's: \"a\"\n#b", Found{
			Exclude: []string{"charts/a b/examples"}, Platforms: []string{"linux/arm64"},
			Registries: []Registry{{"docker.io", 4}, {"registry:5000", 1}, {"[fd00::1]:5000", 1}},
			Fields:     []Field{{Kind: "Widget", Path: "spec.*.engine"}, {Kind: "null", Path: "spec.a[].b"}},
			Locked:     []string{"artifact", "image"},
			Self:       []Self{{URL: "https://git.example.com/a", Branch: "prod"}},
		}, config.Config{
			Name: "it's: \"a\"\n#b", Platforms: []string{"linux/arm64"},
			Exclude: []string{"charts/a b/examples"},
			Registries: map[string]config.Registry{
				"registry:5000":  {CAFile: "certs/registry-ca.pem", Timeout: 20e9},
				"[fd00::1]:5000": {CAFile: "certs/registry-ca.pem", Timeout: 20e9}},
			Fields: []config.Field{
				{Kind: "Widget", Path: "spec.*.engine"}, {Kind: "null", Path: "spec.a[].b"},
			},
			Require: []string{"artifact", "image"},
			Self:    []config.Self{{URL: "https://git.example.com/a", Branch: "prod"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := Config(test.dir, test.f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := config.Parse("plumb.yaml", []byte(text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			unexported := cmpopts.IgnoreUnexported(config.Config{})
			if diff := cmp.Diff(config.Default(""), got, unexported); diff != "" {
				t.Errorf("what is written is not the default (-default +written):\n%s", diff)
			}
			all := regexp.MustCompile(`(?m)^#([^ \n]|  )`).ReplaceAllString(text, "$1")
			got, err = config.Parse("plumb.yaml", []byte(all))
			if err != nil {
				t.Fatalf("%v\n%s", err, all)
			}
			rest := cmpopts.IgnoreFields(config.Config{},
				"Include", "Policies", "Unsigned", "Pin", "Images", "Exceptions")
			if diff := cmp.Diff(&test.want, got, rest, unexported); diff != "" {
				t.Errorf("uncommented, it says (-want +got):\n%s", diff)
			}
			for _, field := range []string{
				"include", "policies", "unsigned", "pin", "images", "exceptions", "self",
			} {
				if strings.Count(text, "\n#"+field+":") != 1 {
					t.Errorf("the field %s is not shown once", field)
				}
			}
		})
	}
}

func TestInternal(t *testing.T) {
	for host, want := range map[string]bool{
		"registry": true, "registry:5000": true, "registry.lab.internal": true,
		"10.0.0.7": true, "10.0.0.7:5000": true,
		"[fd00::1]:5000": true, "registry.example.com:8443": true,
		"docker.io": false, "ghcr.io": false, "registry.example.com": false,
		"localhost": false, "localhost:5000": false, "127.0.0.1:5000": false, "[::1]:5000": false,
	} {
		if got := internal(host); got != want {
			t.Errorf("internal(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestIdle(t *testing.T) {
	for file, want := range map[string]string{
		"charts/web/testdata/a.yaml": "charts/web/testdata", "examples/a/examples/b.yaml": "examples",
		"apps/web.yaml": "", "apps/examples.yaml": "", "a*b/testdata/a.yaml": "",
	} {
		if got := strings.Join(idle(file), " "); got != want {
			t.Errorf("idle(%q) = %q, want %q", file, got, want)
		}
	}
}
