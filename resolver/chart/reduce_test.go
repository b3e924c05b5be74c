package chart

import (
	"reflect"
	"strings"
	"testing"
)

// TestReduce has forms that are known and forms that are not; in the first, a parser
// finds the same versions with fewer lines.
func TestReduce(t *testing.T) {
	version := "    version: 1.2.3\n"
	for name, tt := range map[string]struct {
		entry string
		ok    bool
	}{
		"as helm writes it":         {entriesOf("web"), true},
		"a list deeper":             {"    - name: web\n      urls:\n        - a\n        - b\n      version: 1.2.3\n", true},
		"a wide list":               {"  -   name: web\n      version: 1.2.3\n", true},
		"a long string":             {"  - description: \"a\n      version: 9\\\"\n\n      b\"\n" + version, true},
		"a long single-quoted one":  {"  - description: 'a''\n      version: 9 ''\n      b'  # c\n" + version, true},
		"a long plain one":          {"  - description: it's a\n      version of \"b\n" + version, true},
		"a long string that counts": {"  - digest: \"a\n      b\"\n" + version, true},
		"a block scalar":            {"  - annotations:\n      a: |-\n        \"\n        version: 9\n      b: >2+\n        '\n" + version, true},
		"a block scalar in a list":  {"  - keywords:\n    - |\n      \"\n    - a: |\n        \"\n" + version, true},
		"simple lists":              {"  - keywords: [a, b]\n    annotations: {}\n    urls: [a, b]\n" + version, true},
		"quoted keys below":         {"  - annotations:\n      \"a\": \"b\n        c\"\n      'd': e\n      'f':\n        g: h\n" + version, true},
		"comments":                  {"  # a\n  - name: web # b\n" + "    urls: # c\n    - a # d\n    # e\n" + version, true},
		"version first":             {"  - version: 1.2.3\n    name: web\n", true},
		"CRLF":                      {strings.ReplaceAll(entriesOf("web"), "\n", "\r\n"), true},
		"a number":                  {"  - version: 1.10\n    digest: 0123\n", true},
		"nothing of a version":      {"  - home: a\n  - version: 1.2.3\n", true},
		"no versions":               {"", true},

		"a string to the left":                {"  - description: \"a\n    version: 9\n    b\"\n" + version, false},
		"one below":                           {"  - annotations:\n      a: \"b\n    version: 9\n    c\"\n" + version, false},
		"one in a list":                       {"  - keywords:\n    - \"b\n    version: 9\n    c\"\n" + version, false},
		"one behind a quoted key":             {"  - annotations:\n      \"a\": \"b\n    version: 9\n    c\"\n" + version, false},
		"a list of two lines":                 {"  - keywords: [a,\n    version, b]\n" + version, false},
		"a list with strings":                 {"  - keywords: [\"a\"]\n" + version, false},
		"an anchor":                           {"  - &a\n    name: web\n" + version, false},
		"an anchor of a value":                {"  - name: &a web\n    home: *a\n" + version, false},
		"a tag":                               {"  - description: !!str \"a\n    version: 9\n    b\"\n" + version, false},
		"a merge key":                         {"  - <<: {version: 9}\n" + version, false},
		"a quoted key":                        {"  - \"version\": 1.2.3\n", false},
		"a long key":                          {"  - ? version\n    : 1.2.3\n", false},
		"flow style":                          {"  - {version: 1.2.3}\n", false},
		"a dash alone":                        {"  -\n    version: 1.2.3\n", false},
		"a block scalar in a line of its own": {"  - description:\n      |\n      \"\n" + version, false},
		"not closed":                          {"  - version: \"1.2.3\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			text := []byte("  web:\n" + tt.entry)
			left, ok := reduce(text)
			if ok != tt.ok {
				t.Fatalf("known: %v, want %v", ok, tt.ok)
			}
			if !ok {
				return
			}
			want, err := parseEntry("web", text)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := left.entries("web")
				if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(want, got) {
					t.Errorf("%v, %v, want %v; of\n%s", got, err, want, left.text)
				}
				left.easy = false
			}
		})
	}
}

func FuzzReduce(f *testing.F) {
	for _, s := range []string{entriesOf("web"), "  - a: \"b\n      c\"\n    version: 1.2.3\n",
		"  - a:\n      - |\n        \"\n      - b: 'c''\n        d'\n    version: 1.2.3\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		text := []byte("  web:\n" + entry)
		want, err := parseEntry("web", text)
		left, ok := reduce(text)
		if err != nil || !ok {
			return
		}
		for range 2 {
			got, err := left.entries("web")
			if err == nil && len(got)+len(want) > 0 && !reflect.DeepEqual(want, got) {
				t.Errorf("%v, want %v; of\n%s", got, want, left.text)
			}
			left.easy = false
		}
	})
}

// TestSimple compares scalars that need no parser with what a parser makes of them.
func TestSimple(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	for value, ok := range map[string]bool{
		"1.2.3": true, "v1.2.3-rc.1+build": true, "1.2.3+1": true, "kube-prometheus": true, "web": true, "off": false, "Yes": false, "y": false, "nan": true, hash: true,
		"https://a.example.org/b-1.2.3.tgz": true, `"1.10"`: true, `"true"`: true, "./a-1.2.3.tgz": false,
		"1.10": false, "1": false, "true": false, "null": false, "No": false, "~": false, "": false,
		"0x" + hash[2:]: false, "0b" + hash[2:]: true, "0b" + strings.Repeat("1", 62): false, "5b" + hash[2:]: true, "0X" + hash[2:]: false, strings.Repeat("1", 64): false,
		"1e" + strings.Repeat("1", 62): false, "2024-01-01": false, "a: b": false, "a #": false,
		"'a'": false, `"a\n"`: false, "*a": false, "&a b": false, "a:b": false, "1:20:30": false,
	} {
		text, got := simple(value)
		if got != ok {
			t.Errorf("%q: simple %v, want %v", value, got, ok)
		}
		list, err := parseEntry("web", []byte("  web:\n  - version: 1.2.3\n    digest: "+value+"\n"))
		if ok && (err != nil || list[0].Digest != text) {
			t.Errorf("%q is %q, to a parser %q, %v", value, text, list, err)
		}
	}
}
