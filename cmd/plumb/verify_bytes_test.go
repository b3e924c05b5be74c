package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	goodName = "docker.io/library/good:1"
	goodPin  = goodName + "@sha256:" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	goodLock = "# plumb.lock: what this tree's external inputs are, by content. Written by plumb; commit it.\nversion: 1\nentries:\n" +
		"  - image: " + goodName + "\n    digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n    mediaType: application/vnd.oci.image.index.v1+json\n"
)

// hidden are objects whose image IMAGE a consumer starts. With one that is pinned and
// locked in its place verify has no error, unless always says that parsers read it differently.
var hidden = []struct {
	file, src string
	encode    func(string) string
	always    bool
}{
	{file: "escaped-key.yaml", src: "\"apiVersi\\x6fn\": v1\n\"k\\u0069nd\": Pod\nspec:\n  containers:\n  - {name: c, \"im\\U00000061ge\": \"IMAGE\"}\n"},
	{file: "escaped-key-in-json.json", src: `{"k\u0069nd":"Pod","apiV\u0065rsion":"v1","spec":{"containers":[{"im\u0061ge":"IMAGE"}]}}`},
	{file: "utf16-le.yaml", src: "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: \"IMAGE\"}]}\n", encode: utf16LittleEndian},
	{file: "utf16-le.json", src: `{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"image":"IMAGE"}]}}`, encode: utf16LittleEndian},
	{file: "json-slash.json", src: `{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"name":"\/","image":"IMAGE"}]}}`},
	{file: "json-slash.yaml", src: `{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"name":"\/","image":"IMAGE"}]}}`},
	{file: "json-lines.json", src: "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\"}\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"IMAGE\"}]}}\n"},
	{file: "json-long-key.json", src: `{"kind":"Pod","apiVersion":"v1","` + strings.Repeat("k", 2000) + `":1,"spec":{"containers":[{"image":"IMAGE"}]}}`},
	{file: "separator-comment.yaml", src: "# c\n---#\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"IMAGE\"}]}}\n"},
	{file: "bom-inside.yaml", src: "a: 1\n---\n\ufeffapiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: IMAGE\n"},
	{file: "kind-twice.yaml", src: "apiVersion: v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nkind: Pod\nspec:\n  containers: [{name: c, image: \"IMAGE\"}]\n"},
	{file: "spec-twice.yaml", src: "apiVersion: v1\nkind: Pod\nspec: {}\nspec:\n  containers: [{name: c, image: \"IMAGE\"}]\n"},
	{file: "alias-key.yaml", src: "apiVersion: v1\nmetadata: {labels: {&k kind: x, a: &i image}}\n*k : Pod\nspec:\n  containers:\n  - *i : IMAGE\n"},
	{file: "binary.yaml", src: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !!%62inary aW1hZ2U=: IMAGE\n", always: true},
	{file: "merge-order.yaml", src: "apiVersion: v1\nkind: Pod\nstatus:\n- &c {name: c, image: \"IMAGE\"}\nspec:\n  containers:\n  - image: " + goodPin + "\n    <<: *c\n"},
	{file: "merge-deep.yaml", src: deepMerge(60)},
	{file: "items-anywhere.yaml", src: "apiVersion: v1\nkind: Secret\nitems:\n- {apiVersion: v1, kind: Pod, spec: {containers: [{image: \"IMAGE\"}]}}\n"},
	{file: "items-of-list.yaml", src: "apiVersion: v1\nkind: ConfigMapList\nitems:\n- data:\n    x: |\n      kind: Pod\n      apiVersion: v1\n      spec: {containers: [{image: \"IMAGE\"}]}\n"},
	{file: "operation-and-more.yaml", src: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {image: \"IMAGE\", op: add, path: /x, value: y}\n"},
	{file: "kind-of-another-group.yaml", src: "apiVersion: a.example/v1\nkind: CustomResourceDefinition\nspec: {containers: [{image: \"IMAGE\"}]}\n"},
	{file: "in-text.yaml", src: "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    {\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"a\":\"\\/\",\"spec\":{\"containers\":[{\"im\\u0061ge\":\"IMAGE\"}]}}\n"},
	{file: "in-values.yaml", src: "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: https://charts.example\n    targetRevision: 1.0.0\n    helm:\n      values: '{\"a\":\"\\/\",\"image\":\"" + goodPin + "\",\"image\":\"IMAGE\"}'\n"},
	{file: ".hidden/folder.yaml", src: "kind: Pod\napiVersion: v1\nspec: {containers: [{image: \"IMAGE\"}]}\n"},
	{file: ".plumb/folder.yaml", src: "kind: Pod\napiVersion: v1\nspec: {containers: [{image: \"IMAGE\"}]}\n"},
}

// harmless are files that no consumer takes for objects, or that hold nothing of an image.
var harmless = map[string]string{
	"tsconfig.json":                "{\n  // comment\n  \"compilerOptions\": {\"strict\": true,},\n}\n",
	"i18n.json":                    "{\"image\": \"Bild \\u00fc\", \"kind\": \"Art!!\", \"a\\/b\": \"\\ud83d\"}\n",
	"jinja.yaml":                   "{% if x %}\na: {{ b }}\n{% endif %}\n- [\n",
	"twice.yaml":                   "a: 1\na: 2\nimage: x\nimage: y\n",
	"compose.yaml":                 "x-a: &a {image: a}\nservices:\n  b: {image: b, <<: *a}\n",
	".github/workflows/build.yaml": "on: push\njobs: {a: {steps: [{run: 'echo apiVersion kind'}]}}\n",
	"twice-elsewhere.yaml":         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\ndata: {a: \"1\", a: \"2\"}\n",
	"merge-elsewhere.yaml":         "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: &l {a: b}\n  annotations: {a: c, <<: *l}\n",
}

func deepMerge(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nstatus:\n- &m0 {image: \"IMAGE\"}\n")
	for i := range n {
		b.WriteString("- &m" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + " {<<: *m")
		if i == 0 {
			b.WriteString("0}\n")
		} else {
			b.WriteString(string(rune('a'+(i-1)%26)) + strings.Repeat("x", (i-1)/26) + "}\n")
		}
	}
	n--
	b.WriteString("spec:\n  containers:\n  - <<: *m" + string(rune('a'+n%26)) + strings.Repeat("x", n/26) + "\n")
	return b.String()
}

func utf16LittleEndian(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// TestVerifyReadsWhatConsumersRead checks that verify, whatever it reads from, has an error
// at each file that hides an image, and none at its twin.
func TestVerifyReadsWhatConsumersRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, src string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), src)
	}
	write("plumb.lock", goodLock)
	// The Application in one of them comes from a repository, which is not what is tested.
	write("plumb.yaml", "apiVersion: plumb.dev/v1\nkind: Config\nrequire: [image, artifact]\n")
	texts := map[string]string{}
	want := map[string]bool{} // whether verify has an error at the file
	for _, h := range hidden {
		for _, twin := range []bool{false, true} {
			name, image := h.file, "evil:1"
			if twin {
				name, image = "twin/"+h.file, goodPin
			}
			src := strings.ReplaceAll(h.src, "IMAGE", image)
			if h.encode != nil {
				src = h.encode(src)
			}
			texts[name], want[name] = src, !twin || h.always
		}
	}
	for name, src := range harmless {
		texts[name], want[name] = src, false
	}
	for name, src := range texts {
		write(name, src)
	}
	run := func(stdin string, args ...string) []byte {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, ".git", "cache"))
		out, err := cmd.Output()
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || args[0] == "git") {
			t.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
		return out
	}
	run("", "git", "init", "-q")
	run("", "git", "add", "-A", "-f")
	run("", "git", "-c", "user.name=a", "-c", "user.email=a@test.example", "commit", "-qm", "x")
	for _, flags := range [][]string{{}, {"--staged"}, {"--rev", "HEAD"}} {
		got := errorFiles(t, run("", append([]string{"plumb", "verify", "--output", "json"}, flags...)...))
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("plumb verify %s: an error at %s is %v, want %v", strings.Join(flags, " "), name, got[name], want[name])
			}
		}
	}
	for name, src := range texts {
		if _, ok := harmless[name]; ok {
			continue // what is rendered holds objects
		}
		got := errorFiles(t, run(src, "plumb", "verify", "--output", "json", "-"))
		if (len(got) > 0) != want[name] {
			t.Errorf("plumb verify - <%s: errors %v, want %v", name, got, want[name])
		}
	}
}

// errorFiles returns the files of the errors in what verify wrote as JSON.
func errorFiles(t *testing.T, out []byte) map[string]bool {
	t.Helper()
	var document struct {
		Findings []struct{ Severity, File string }
	}
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&document); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	files := map[string]bool{}
	for _, f := range document.Findings {
		if f.Severity == "error" {
			files[f.File] = true
		}
	}
	return files
}
