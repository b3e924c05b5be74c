package chart

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entriesOf are two versions of a chart as helm writes them.
func entriesOf(name string) string {
	return `  - apiVersion: v2
    annotations:
      artifacthub.io/changes: |
        - "a: b"
        entries:
    created: "2024-03-05T10:11:12.123456789Z"
    description: 'it''s: a chart'
    digest: 77aa
    maintainers:
    - email: a@example.org
      name: other
    name: ` + name + `
    urls:
    - https://example.org/` + name + `-1.2.3.tgz
    - https://mirror.example.org/` + name + `-1.2.3.tgz
    version: 1.2.3
  - name: ` + name + `
    urls: [` + name + `-1.10.tgz]
    version: 1.10
`
}

const end = "generated: \"2024-03-05T10:11:12Z\"\n"

// indexes are those that the scanner takes, and those that are parsed as a whole.
var indexes = map[string]struct {
	text  string
	whole string // why it is not in the form that helm writes, "" if it is
}{
	"as helm writes it":     {"apiVersion: v1\nentries:\n  db:\n" + entriesOf("db") + "  web:\n" + entriesOf("web") + end, ""},
	"entries last":          {"apiVersion: v1\n" + end + "entries:\n  db:\n" + entriesOf("db"), ""},
	"no line end":           {"apiVersion: v1\nentries:\n  web:\n  - version: 1.2.3", ""},
	"one chart":             {"apiVersion: v1\nentries:\n  web:\n" + entriesOf("web"), ""},
	"no charts":             {"apiVersion: v1\nentries: {}\n" + end, ""},
	"null":                  {"apiVersion: v1\nentries:\n" + end, ""},
	"an empty chart":        {"apiVersion: v1\nentries:\n  db: []\n  web:\n" + entriesOf("web"), ""},
	"a null chart":          {"apiVersion: v1\nentries:\n  db:\n  web:\n" + entriesOf("web"), ""},
	"a null version":        {"apiVersion: v1\nentries:\n  web:\n  - null\n" + entriesOf("web"), ""},
	"CRLF":                  {strings.ReplaceAll("apiVersion: v1\nentries:\n  web:\n"+entriesOf("web"), "\n", "\r\n"), ""},
	"BOM":                   {"\ufeffapiVersion: v1\nentries:\n  web:\n" + entriesOf("web"), ""},
	"a document":            {"---\napiVersion: v1\nentries:\n  web:\n" + entriesOf("web"), ""},
	"comments":              {"# a\napiVersion: v1 # b\nentries: # c\n  # d\n  web:\n" + entriesOf("web") + "# e\n", "entries in another form"},
	"a comment between":     {"# a\napiVersion: v1\nentries:\n  web:\n# b\n  # c\n" + entriesOf("web") + "# e\n", ""},
	"other indentation":     {"apiVersion: v1\nentries:\n    web:\n        - name: web\n          version: 1.2.3\n    db:\n        - version: 1.0.0\n", ""},
	"more keys":             {"apiVersion: v1\nserverInfo:\n  contextPath: /a\n  entries:\n    x:\nentries:\n  web:\n" + entriesOf("web") + "publicKeys: []\n", ""},
	"a quoted name":         {"apiVersion: v1\nentries:\n  \"web\":\n" + entriesOf("web") + "  'db':\n" + entriesOf("db"), ""},
	"JSON":                  {`{"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.2.3","urls":["a"]}]}}`, "not a key"},
	"flow style":            {"apiVersion: v1\nentries: {web: [{version: 1.2.3}]}\n", "entries in another form"},
	"a chart in flow style": {"apiVersion: v1\nentries:\n  web: [{version: 1.2.3}]\n", "not a chart's name"},
	"an anchor":             {"apiVersion: v1\nentries:\n  web: &a\n  - version: 1.2.3\n  db: *a\n", "not a chart's name"},
	"an anchor elsewhere":   {"apiVersion: v1\nentries:\n  web:\n  - &a\n    version: 1.2.3\n  db:\n  - *a\n", ""},
	"a name with a space":   {"apiVersion: v1\nentries:\n  web app:\n  - version: 1.2.3\n", "not a chart's name"},
	"a merge key":           {"apiVersion: v1\nentries:\n  <<: {web: [{version: 1.2.3}]}\n", "not a chart's name"},
	"a long key":            {"apiVersion: v1\n? entries\n: {web: [{version: 1.2.3}]}\n", "not a key"},
	"a string of two lines": {"apiVersion: v1\ngenerated: \"a\nentries:\n  x:\n  - version: 1.2.3\n\"\nentries:\n  web:\n" + entriesOf("web"), "may go on in the next line"},
	"a string over a name":  {"apiVersion: v1\nentries:\n  db:\n  - description: \"a\n  x:\n  - b\"\n    version: 1.2.3\n  web:\n" + entriesOf("web"), ""},
	"two documents":         {"apiVersion: v1\nentries:\n  web:\n" + entriesOf("web") + "---\napiVersion: v1\n", "not a key"},
}

// readIndex reads an index in small parts.
func readIndex(t testing.TB, text string) (*index, error) {
	x := &index{at: "https://example.org/index.yaml"}
	t.Cleanup(func() { _ = x.close() })
	return x, x.read(strings.NewReader(text))
}

// TestScan compares what is cut out of an index with what a parser makes of the whole.
func TestScan(t *testing.T) {
	for name, tt := range indexes {
		t.Run(name, func(t *testing.T) {
			want, err := parseIndex([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			x, err := readIndex(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if (x.charts == nil) != (tt.whole != "") {
				t.Errorf("parsed as a whole: %v, want %q", x.charts == nil, tt.whole)
			}
			for chart, list := range want {
				got, err := x.entries(chart)
				if len(got) == 0 && len(list) == 0 {
					continue
				}
				if diff := cmp.Diff(list, got); err != nil || diff != "" {
					t.Errorf("chart %s: %v (-want +got):\n%s", chart, err, diff)
				}
			}
			if got, err := x.entries("missing"); got != nil || err != nil {
				t.Errorf("a chart that is not there: %v, %v", got, err)
			}
			s := scanner{charts: map[string]span{}}
			if why := s.scanText(tt.text); !strings.Contains(why, tt.whole) || tt.whole == "" && why != "" {
				t.Errorf("the scanner says %q, want %q", why, tt.whole)
			}
		})
	}
}

// TestNoIndex has texts that are no index.
func TestNoIndex(t *testing.T) {
	cut := "apiVersion: v1\nentries:\n  web:\n" + entriesOf("web")
	for name, tt := range map[string]struct{ text, err string }{
		"nothing":                {"", "the index is empty"},
		"a BOM":                  {"\ufeff\n\n", "the index is empty"},
		"HTML":                   {"\n<!DOCTYPE html>\n<html>", "an HTML page"},
		"HTML without a doctype": {"<html><body>", "an HTML page"},
		"text":                   {"not found\n", "not an index.yaml"},
		"no apiVersion":          {"entries:\n  web:\n" + entriesOf("web"), "no apiVersion"},
		"no entries":             {"apiVersion: v1\n", "no entries"},
		"a manifest":             {"apiVersion: v1\nkind: List\nitems: []\n", "no entries"},
		"JSON, no apiVersion":    {"{}", "no apiVersion"},
		"JSON, an error":         {`{"errors":[{"status":404}]}`, "no apiVersion"},
		"a chart twice":          {cut + "  web:\n" + entriesOf("web"), "already set in map"},
		"entries twice":          {cut + "entries:\n  db:\n", "already set in map"},
		"cut in a key":           {"apiVersion: v1\nentr", "not an index.yaml"},
		"binary":                 {"\x1f\x8b\x08\x00", "not an index.yaml"},
		"a tab":                  {cut + "\t\n", "a tab character"},
		"a list":                 {"- apiVersion: v1\n", "not an index.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readIndex(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
		})
	}
}

// TestCutIndex has an index that ends anywhere: a chart in the rest is not said to be
// missing where that shows.
func TestCutIndex(t *testing.T) {
	text := indexes["as helm writes it"].text
	n := Name{"https://example.org", "web"}
	r := &repository{}
	silent := 0
	for i := range strings.Index(text, "  web:\n") {
		x, err := readIndex(t, text[:i])
		if err != nil {
			continue
		}
		r.url, _ = parseRepo(n.Repo)
		if _, err := x.versions(n, r); err == nil {
			t.Fatalf("of %d bytes: web is there", i)
		} else if !strings.Contains(err.Error(), "cut off") {
			silent++ // it ends where an index may end
		}
	}
	t.Logf("%d of %d places to cut do not show", silent, strings.Index(text, "  web:\n"))
}

// TestLongIndex has an index in another form that is too long for a parser.
func TestLongIndex(t *testing.T) {
	text := "apiVersion: v1\nentries: {web: [{version: 1.2.3}]}\n#" + strings.Repeat(" ", maxWhole)
	_, err := readIndex(t, text)
	if err == nil || !strings.Contains(err.Error(), "not in the form that helm repo index writes (line 2: entries in another form), and longer than 16 MiB") {
		t.Error(err)
	}
	// In the form that helm writes it may be, and is not kept in memory.
	x, err := readIndex(t, "apiVersion: v1\nentries:\n  web:\n  - version: 1.2.3\n"+strings.Repeat("# a comment\n", maxWhole/12))
	if err != nil || x.text.file == nil || x.text.memory != nil {
		t.Fatalf("%v; in a file: %v", err, x.text.file != nil)
	}
	if list, err := x.entries("web"); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}

func FuzzScan(f *testing.F) {
	for _, tt := range indexes {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := parseIndex([]byte(text))
		x, readErr := readIndex(t, text)
		if err != nil || readErr != nil {
			return
		}
		for chart, list := range want {
			got, err := x.entries(chart)
			if err == nil && len(got)+len(list) > 0 && !reflect.DeepEqual(list, got) {
				t.Errorf("chart %q: %v, want %v", chart, got, list)
			}
		}
	})
}

// bigIndex is an index of at least so many bytes, as helm writes it.
func bigIndex(size int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nentries:\n")
	for chart := 0; b.Len() < size; chart++ {
		name := fmt.Sprintf("chart-%04d", chart)
		b.WriteString("  " + name + ":\n")
		for v := range 100 {
			fmt.Fprintf(&b, "  - annotations:\n      category: Infrastructure\n      licenses: Apache-2.0\n      images: |\n"+
				"        - name: %[1]s\n          image: docker.io/acme/%[1]s:1.%[2]d.0-debian-12-r0\n"+
				"    apiVersion: v2\n    appVersion: 1.%[2]d.0\n    created: \"2024-03-05T10:11:12.123456789Z\"\n"+
				"    dependencies:\n    - name: common\n      repository: oci://registry-1.docker.io/acmecharts\n      version: 2.x.x\n"+
				"    description: %[1]s is a chart of which there are many in this index, each with a long description.\n"+
				"    digest: %[3]x\n    home: https://acme.example.org\n    keywords:\n    - http\n    - web\n"+
				"    maintainers:\n    - name: Acme, Inc.\n      url: https://github.com/acme/charts\n    name: %[1]s\n"+
				"    sources:\n    - https://github.com/acme/charts/tree/main/acme/%[1]s\n    urls:\n"+
				"    - https://charts.acme.example.org/acme/%[1]s-1.%[2]d.0.tgz\n    version: 1.%[2]d.0\n", name, v, sha256.Sum256(fmt.Append(nil, name, v)))
		}
	}
	b.WriteString(end)
	return b.String()
}

// scanText returns why an index is not in the form that helm writes, "" if it is.
func (s *scanner) scanText(text string) string {
	if err := s.scan(bufio.NewReader(strings.NewReader(text))); err != nil {
		return err.Error()
	}
	return ""
}
