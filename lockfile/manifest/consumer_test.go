package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	yamlv3 "go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	apiyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kubectlObjects are the objects that kubectl reads of a file, up to the first
// that it refuses: as its FileVisitor and StreamVisitor do.
func kubectlObjects(src []byte) []map[string]any {
	r := transform.NewReader(bytes.NewReader(src), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	var out []map[string]any
	for d := apiyaml.NewYAMLOrJSONDecoder(r, 4096); ; {
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return out
		}
		var object map[string]any
		if raw = bytes.TrimSpace(raw); len(raw) == 0 || json.Unmarshal(raw, &object) != nil {
			continue
		}
		out = append(out, flatten(object)...)
	}
}

// flatten returns what is applied of an object: itself, or its items if it has some.
func flatten(object map[string]any) []map[string]any {
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	if version == "" || kind == "" {
		return nil
	}
	items, ok := object["items"].([]any)
	if !ok {
		return []map[string]any{object}
	}
	var out []map[string]any
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return nil
		}
		if m["kind"] == nil && m["apiVersion"] == nil {
			m["kind"], m["apiVersion"] = strings.TrimSuffix(kind, "List"), version
		}
		out = append(out, flatten(m)...)
	}
	return out
}

var separatorLine = regexp.MustCompile(`\n---.*\n`)

// kustomizeObjects are the objects that kustomize reads of a file: kyaml splits it
// at lines of ---, decodes each part by yaml.v3, and refuses it whole.
func kustomizeObjects(src []byte) []map[string]any {
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	for _, line := range separatorLine.FindAllString(text, -1) {
		if rest := strings.TrimSpace(line[len("\n---"):]); rest != "" && rest[0] != '#' {
			return nil
		}
	}
	var out []map[string]any
	for _, part := range separatorLine.Split(text, -1) {
		var v any
		if err := decodeV3(part, &v); errors.Is(err, io.EOF) {
			continue
		} else if err != nil {
			return nil
		}
		data, err := yaml.Marshal(v)
		var object map[string]any
		if err != nil || yaml.Unmarshal(data, &object) != nil {
			continue
		}
		out = append(out, flatten(object)...)
	}
	return out
}

func decodeV3(text string, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return yamlv3.NewDecoder(strings.NewReader(text)).Decode(v)
}

// containerImages collects the images of the containers below v.
func containerImages(v any, key string, top bool, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			if !top || k != "status" && k != "metadata" {
				containerImages(child, k, false, into)
			}
		}
	case []any:
		for _, item := range v {
			m, ok := item.(map[string]any)
			if image, isText := m["image"].(string); ok && isText && image != "" &&
				(key == "containers" || key == "initContainers") {
				into[image] = true
			}
			containerImages(item, key, false, into)
		}
	}
}

// workloads are the kinds whose images the differential tests look for: those of
// others, such as a ConfigMap, are not started.
var workloads = map[string]bool{"Pod": true, "Deployment": true, "Job": true, "StatefulSet": true}

// missed returns an image that a consumer starts from src and a scan neither finds
// nor is loud about, whatever the file is called.
func missed(src []byte) string {
	for _, name := range []string{"dir/a.yaml", "a.json", ".hidden/a.yml", "-"} {
		if why := missedIn(name, src); why != "" {
			return name + ": " + why
		}
	}
	return ""
}

func missedIn(name string, src []byte) string {
	s := NewScanner(Options{})
	scan := s.Scan
	if name == "-" {
		scan = s.ScanStream
	}
	f := scan(name, src)
	if f.Unreadable != nil {
		return ""
	}
	known := map[string]bool{}
	for _, r := range f.References {
		known[r.Reference] = true
	}
	for _, r := range f.Remarks {
		known[r.Reference] = r.Rule != "suspect"
		if r.Rule == "unreadable" {
			return ""
		}
	}
	for consumer, objects := range map[string][]map[string]any{
		"kubectl": kubectlObjects(src), "kustomize": kustomizeObjects(src),
	} {
		for _, object := range objects {
			if kind, _ := object["kind"].(string); !workloads[kind] {
				continue
			}
			images := map[string]bool{}
			containerImages(object, "", true, images)
			for image := range images {
				if !known[image] && !known[oneLine(image)] {
					return fmt.Sprintf("%s starts %q", consumer, image)
				}
			}
		}
	}
	return ""
}

// smuggling are texts from which a consumer starts an image, written in a way that
// hides it from one who reads less than the consumer does.
var smuggling = []string{
	"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: evil:1\n",
	"\"apiVersi\\x6fn\": v1\nkind: Pod\nspec:\n  containers:\n  - \"im\\u0061ge\": evil:1\n",
	"apiVersion: v1\nmetadata: {labels: {&k kind: x, a: &i image}}\n*k : Pod\nspec:\n  containers:\n  - name: c\n    *i : evil:1\n",
	"apiVersion: v1\nkind: CustomResourceDefinition\nkind: Pod\nspec:\n  containers: [{image: good:1, image: evil:1}]\n",
	"apiVersion: v1\nkind: Pod\nstatus:\n  s: [&c {name: c, image: evil:1}]\nspec:\n  containers:\n  - name: c\n    image: good:1\n    <<: *c\n",
	"apiVersion: v1\nkind: Pod\nx: [&a {image: evil:1}, &b {<<: *a}, &c {<<: [*b, {image: good:1}]}]\nspec:\n  containers:\n  - {<<: *c, name: x}\n",
	"apiVersion: v1\nkind: Pod\nx: [&a {image: good:1}, &b {image: evil:1}]\nspec:\n  containers:\n  - <<: *a\n    <<: *b\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - ! \"<<\" : {image: evil:1}\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !!merge <<: {image: evil:1}\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !!%62inary aW1hZ2U=: evil:1\n",
	"%TAG !b! tag:yaml.org,2002:bin\n---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !b!ary aW1hZ2U=: evil:1\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - !<tag:yaml.org,2002:binary> aW1hZ2U=: evil:1\n",
	"apiVersion: !!str v1\n!!str kind: !local Pod\nspec:\n  containers: !list\n  - !map {!key image: !!str evil:1}\n",
	"# c\n{kind: Pod, apiVersion: v1, spec: {containers: [{image: \"good:1\"}]}}\n---#\n{kind: Pod, apiVersion: v1, spec: {containers: [{image: \"evil:1\"}]}}\n",
	"# c\n---# {\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}\n",
	"# c\n---\u00a0\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}\n",
	"a: 1\n---\n\uFEFFapiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: evil:1\n",
	"a: 1\r\n---\r\n\uFEFF\uFEFF{kind: Pod, apiVersion: v1, spec: {containers: [{image: evil:1}]}}\r\n",
	"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"name\":\"\\/\",\"image\":\"evil\\/x:1\"}]}}",
	"{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}\n{\"a\":1}",
	"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"" + strings.Repeat("k", 1030) + "\":1,\"spec\":{\"containers\":[{\"image\":\"evil:1\"}]}}",
	"apiVersion: v1\nkind: ConfigMap\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers: [{image: evil:1, op: add, path: /x, value: y}]\n",
	"apiVersion: v1\nkind: PodList\nitems:\n- spec:\n    containers: [{image: evil:1}]\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  ? containers\n  : - ? image\n      : evil:1\n",
	"apiVersion: v1\nkind: Pod\nspec: {containers: [name: c, {? image : evil:1}, {\"image\":\"two:2\"}]}\n",
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: >-\n      evil:1\n  - image: |-\n      two:2\n  - image: \"ev\\\n      il:3\"\n",
	"&x apiVersion: v1\n? &y kind\n: Pod\nspec:\n  containers:\n  - &z image: evil:1\n    name: *z\n",
	"--- # c\n... # d\n%YAML 1.1\n--- !!map\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: evil:1\n...\n",
	"apiVersion: v1\rkind: Pod\rspec:\r  containers:\r  - image: evil:1\r",
	"apiVersion: v1\u2028kind: Pod\u2028spec:\u0085  containers:\u2029  - image: evil:1\n",
	"- apiVersion: v1\n  kind: Pod\n  spec: {containers: [{image: evil:1}]}\n",
}

func TestSmuggling(t *testing.T) {
	for _, src := range smuggling {
		for _, encode := range []func(string) []byte{
			func(s string) []byte { return []byte(s) },
			func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) },
			func(s string) []byte { return []byte(byteOrderMark + s) },
			utf16Text(unicode.LittleEndian), utf16Text(unicode.BigEndian),
		} {
			if why := missed(encode(src)); why != "" {
				t.Errorf("%q: %s", encode(src), why)
			}
		}
	}
}

func utf16Text(order unicode.Endianness) func(string) []byte {
	return func(s string) []byte {
		out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(s)
		if err != nil {
			panic(err)
		}
		return []byte(out)
	}
}

// fragments are what mutations put in: what YAML, JSON and their readers disagree on.
var fragments = []string{
	"\n---\n", "\n---#\n", "\n--- #\n", "---", "\n...\n", "\n", "\r", "\r\n", " ", "  ", "\t", "\uFEFF",
	"\u0085", "\u2028", "\u00a0", "\x00", "\xff", "\x7f", "#", " #", "# {{ }}\n", "{{", "}}", "&a ", "*a", "*a : ",
	"<<: ", "<<: *a\n", "<<: [*a, *b]", "!!str ", "!!binary ", "!!%62inary ", "!x ", "! ", "!!merge ", "? ", ": ",
	"- ", "|", ">-", "|2", "\"", "'", "{", "}", "[", "]", ",", "\\", "\\/", "\\x61", "\\u0061", "\\\n",
	"image: two:2\n", "kind: Pod\n", "kind: X\n", "items: []\n", "\"image\": ", "%YAML 1.2\n", "%TAG ! x\n", "null", "~",
	"=", "0x1: ", "yes: ", "image", "kind", "apiVersion", "status: ", "containers: ",
}

// mutated changes a few places of src: puts a fragment in, takes text out, doubles some, or
// moves a line.
func mutated(r *rand.Rand, src string) string {
	for range 1 + r.IntN(4) {
		i := r.IntN(len(src) + 1)
		j := min(i+1+r.IntN(8), len(src))
		start := strings.LastIndexByte(src[:i], '\n') + 1
		end := len(src)
		if n := strings.IndexByte(src[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		fragment := fragments[r.IntN(len(fragments))]
		switch r.IntN(8) {
		case 0:
			src = src[:i] + src[j:]
		case 1, 2:
			src = src[:i] + fragment + src[i:]
		case 3:
			src = src[:start] + fragment + src[start:]
		case 4:
			src = src[:end] + src[start:end] + src[end:]
		case 5:
			src = src[:start] + src[end:] + src[start:end]
		case 6:
			src = src[:i] + fragment + src[j:]
		case 7:
			src += []string{"", "\n---\n", "---\n", "\n"}[r.IntN(4)] + smuggling[r.IntN(len(smuggling))]
		}
		if len(src) > 4096 {
			src = src[:4096]
		}
	}
	return src
}

// TestConsumers is FuzzConsumers for some seconds, and the same each time.
func TestConsumers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	cases := 0
	for start := time.Now(); time.Since(start) < 2500*time.Millisecond; cases++ {
		src := mutated(r, smuggling[r.IntN(len(smuggling))])
		if why := missed([]byte(src)); why != "" {
			t.Fatalf("%q: %s", src, why)
		}
	}
	if t.Logf("%d texts", cases); cases < 100 {
		t.Errorf("only %d texts", cases)
	}
}

// FuzzConsumers checks, for any text: each image of a container that kubectl or
// kustomize would start is found, or the file is unreadable.
func FuzzConsumers(f *testing.F) {
	for _, src := range smuggling {
		f.Add([]byte(src), uint64(0))
		f.Add(utf16Text(unicode.LittleEndian)(src), uint64(0))
	}
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		if seed != 0 {
			src = []byte(mutated(rand.New(rand.NewPCG(seed, 0)), string(src)))
		}
		if why := missed(src); why != "" {
			t.Errorf("%q: %s", src, why)
		}
	})
}
