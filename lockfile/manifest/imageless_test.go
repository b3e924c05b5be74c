package manifest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// configMapOf is a ConfigMap with an entry of this text.
func configMapOf(key, text string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  " + key + ": |-\n    " +
		strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

// sameWithout checks that a file is found to hold the same whether texts without images are
// told by their bytes or searched, and returns what was found.
func sameWithout(t *testing.T, name, src string) File {
	t.Helper()
	quick, thorough := NewScanner(Options{}), NewScanner(Options{})
	thorough.thorough = true
	got, want := quick.Scan(name, []byte(src)), thorough.Scan(name, []byte(src))
	if d := cmp.Diff(want, got, cmp.AllowUnexported(File{}, Reference{}, site{}, slot{}, tagSite{},
		use{}, ask{}, offer{}, links{}, Remark{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%.2000s\nis found to hold something else (-searched +told by its bytes):\n%s", src, d)
	}
	return want
}

func TestImageless(t *testing.T) {
	const query = `"expr": "rate(a{image!=\"\", path=~\"/api/v1/.*\"}[5m])"`
	for text, want := range map[string]bool{
		"{" + query + "}":     true,
		"[{" + query + "}]\n": true,
		"{" + query + `, "n": [1, -2.5e+3, true, false, null, [], {}], "url": "https://a.b/c"}`: true,
		"{\n  " + query + ",\n  \"name\": \"x\\ny\\t\\\\\"\n}":                                  true,
		"{" + query + "": false, "{" + query + ",}": false, "{" + query + "} x": false,
		"{" + query + ` "a": 1}`: false, "{" + query + `, "a" : 1}`: false,
		"{" + query + `, a: 1}`:   false,
		"{" + query + `, "a": x}`: false, "{" + query + `, "a": -}`: false,
		"{" + query + ", \"a\":\t1}": false,
		"{" + query + `, "a": "é"}`:  false, "{" + query + `, "a": "\u0061"}`: false,
		"{" + query + `, "a": "\/"}`: false, "{" + query + `, "a": "` + "\n" + `"}`: false,
		"{" + query + `, "a\"": 1}`: false, "{" + query + `, "a/b": 1}`: false,
		"{" + query + `, "image": "a"}`: false, "{" + query + `, "appImage": "a"}`: false,
		"{" + query + `, "IMAGE": "a"}`: false, "{" + query + `, "repository": "a"}`: false,
		"{" + query + `, "env": []}`: false, "{" + query + `, "containerArgs": []}`: false,
		"{" + query + `, "a": "ghcr.io/a/b:1"}`:                           false,
		"{" + query + `, "a": "run \"ghcr.io/a/b:1\""}`:                   false,
		"{" + query + `, "a": "run\nghcr.io/a/b:1."}`:                     false,
		"{" + query + `, "a": "localhost/b:1\""}`:                         false,
		"{" + query + `, "a": "[::1]:5000/b:1"}`:                          false,
		"{" + query + `, "a": "oci://a/b:1"}`:                             false,
		"{" + query + `, "a": "docker://a/b:1"}`:                          false,
		"{" + query + `, "a": "x\nimage=nginx:1.27"}`:                     false,
		"{" + query + `, "kind": "DockerImage"}`:                          false,
		"{" + query + `, "apiVersion": "v1"}`:                             false,
		"{" + query + `, "a": "{apiVersion: v1, kind: x}"}`:               false,
		"{" + query + `, "` + strings.Repeat("k", 2000) + `": 1}`:         false,
		strings.Repeat("[", 100) + "\"image\"" + strings.Repeat("]", 100): false,
		"image: a": false, `"image"`: false, "": false, "{": false, `{"`: false, `{"\`: false,
	} {
		if got := imageless(text); got != want {
			t.Errorf("imageless(%.200q) = %v, want %v", text, got, want)
		}
		found := sameWithout(t, "a.yaml", configMapOf("a.json", text))
		if want && len(found.References)+len(found.Remarks) > 0 {
			t.Errorf("%s holds %v %v", text, found.References, found.Remarks)
		}
	}
}

// TestImagelessKeys tries each name that stands in the sources of this package as a key of
// JSON, with values that may matter under it: what is told by its bytes to hold no images
// has to be found to hold nothing when it is searched.
func TestImagelessKeys(t *testing.T) {
	names := namesInSources(t)
	if len(names) < 500 || !slices.Contains(names, "repository") {
		t.Fatalf("only %d names are found in the sources", len(names))
	}
	told, lost := 0, 0
	for _, name := range names {
		text := `{"note": "image", "all": [` + strings.Join(shapesOf(strconv.Quote(name)), ",\n") + `]}`
		found := sameWithout(t, "a.yaml", configMapOf("a.json", text))
		switch {
		case imageless(text):
			told++
		case len(found.References)+len(found.Remarks) > 0:
			lost++
		}
	}
	if told == 0 || lost == 0 {
		t.Errorf("of %d names %d decide nothing and %d lead to an image: the test shows nothing",
			len(names), told, lost)
	}
}

// shapesOf are mappings in which a key may lead to an image that does not look like one.
func shapesOf(key string) []string {
	var out []string
	for _, v := range []string{`"nginx"`, `"nginx:1.27"`, `"team/app:v1"`, `"v1.2.3"`, `"Deployment"`,
		`"--sidecar-image=team/app:v1"`, `"bundles"`, `"sha256:` + strings.Repeat("a", 64) + `"`,
		`"image: nginx:1.27"`, `"a"`, `5`} {
		for _, shape := range []string{
			`{%[1]s: %[2]s}`, `{%[1]s: [%[2]s]}`, `{%[1]s: {%[1]s: %[2]s}}`, `{%[1]s: {"name": %[2]s}}`,
			`{"name": %[2]s, %[1]s: "v1"}`, `{"name": "APP_IMAGE", %[1]s: %[2]s}`,
			`{%[1]s: [{"name": "APP_IMAGE", "value": %[2]s}]}`, `{%[1]s: {"name": %[2]s, "tag": "v1"}}`,
			`{%[1]s: {"tag": %[2]s, "registry": "ghcr.io", "digest": "x"}}`,
			`{%[1]s: %[2]s, "tag": "v1", "registry": "ghcr.io", "kind": "Task"}`,
			`{%[1]s: "replace", "path": "/spec/containers/0/image", "value": %[2]s}`,
			`{%[1]s: "bundles", "params": [{"name": "bundle", "value": %[2]s}]}`,
			`{"oci": {%[1]s: %[2]s}}`, `{"url": %[2]s, "type": %[1]s}`,
		} {
			out = append(out, fmt.Sprintf(shape, key, v))
		}
	}
	return out
}

// namesInSources are the texts in the package's sources that may be names of fields.
func namesInSources(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				names = append(names, strings.FieldsFunc(s, func(r rune) bool {
					return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
						strings.ContainsRune("_-<", r))
				})...)
			}
			return true
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// FuzzImageless holds what is told of a text by its bytes to what is found in it.
func FuzzImageless(f *testing.F) {
	for _, shape := range shapesOf(`"image"`) {
		f.Add("a.json", shape)
	}
	f.Add("a", `{"expr": "rate(a{image!=\"\", path=~\"/api/v1/.*\"}[5m])", "n": [1, -2.5e+3, null]}`)
	f.Add("values", `[{"image": "a\n", "a": "x\nimage=nginx:1", "b": "ghcr.io/a/b:1"}]`)
	f.Fuzz(func(t *testing.T, key, text string) {
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz.") == "" && key != "" {
			sameWithout(t, "a.yaml", configMapOf(key, text))
		}
	})
}
