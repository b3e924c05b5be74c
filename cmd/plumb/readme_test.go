package main_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/verify"
)

func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The README's plumb.yaml is the reference of that file: it is valid and shows
// every field.
func TestReadmeShowsEveryFieldOfTheConfiguration(t *testing.T) {
	_, rest, _ := strings.Cut(readme(t), "\n## plumb.yaml\n")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	text, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("README.md has no block of YAML")
	}
	c, err := config.Parse("README.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	shown(t, "Config", reflect.ValueOf(*c))
	union := config.Registry{}
	for _, r := range c.Registries {
		union.PlainHTTP = union.PlainHTTP || r.PlainHTTP
		union.CAFile += r.CAFile
		union.Concurrency += r.Concurrency
		union.Timeout += r.Timeout
		union.Mirrors = append(union.Mirrors, r.Mirrors...)
	}
	shown(t, "Registry", reflect.ValueOf(union))
	var image config.Image
	for _, i := range c.Images {
		image.Name += i.Name
		image.Track += i.Track
		image.Line, image.Column = i.Line, i.Column
	}
	shown(t, "Image", reflect.ValueOf(image))
	var field config.Field
	for _, f := range c.Fields {
		field.APIGroup += f.APIGroup
		field.Kind += f.Kind
		field.Path += f.Path
		field.Registry += f.Registry
		field.Repository += f.Repository
		field.Tag += f.Tag
		field.Digest += f.Digest
	}
	shown(t, "Field", reflect.ValueOf(field))
	if len(c.Exceptions) > 0 {
		shown(t, "Exception", reflect.ValueOf(c.Exceptions[0]))
	}
}

// shown reports the fields of a struct that are left at zero.
func shown(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the plumb.yaml of README.md does not show %s.%s", name, v.Type().Field(i).Name)
		}
	}
}

func TestReadmeListsTheRules(t *testing.T) {
	text := readme(t)
	_, rest, _ := strings.Cut(text, "| rule | says |\n|---|---|\n")
	table, _, _ := strings.Cut(rest, "\n\n")
	var want strings.Builder
	for i, r := range verify.Rules() {
		if i > 0 {
			want.WriteByte('\n')
		}
		want.WriteString("| `" + r.Name + "` | " + r.Says)
		if r.Severity == verify.Remark {
			want.WriteString(" (a remark)")
		}
		want.WriteString(" |")
	}
	if table != want.String() {
		t.Errorf("README.md has the rules\n%s\nwant\n%s", table, want.String())
	}
}
