package main_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/config"
)

func readme(t *testing.T) string {
	t.Helper()
	return readFile(t, "..", "..", "README.md")
}

// What does not fit has its place in docs.
func TestReadmeIsShort(t *testing.T) {
	const most = 9 << 10 // bytes
	if n := len(readme(t)); n > most {
		t.Errorf("README.md has %d bytes, want at most %d", n, most)
	}
}

// The plumb.yaml in docs/configuration.md is the reference of that file: it is valid and
// shows every field.
func TestDocsShowEveryFieldOfTheConfiguration(t *testing.T) {
	_, rest, _ := strings.Cut(readFile(t, "..", "..", "docs", "configuration.md"), "\n## plumb.yaml\n")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	text, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("docs/configuration.md has no plumb.yaml")
	}
	c, err := config.Parse("docs/configuration.md", []byte(text))
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
			t.Errorf("the plumb.yaml of docs/configuration.md does not show %s.%s", name, v.Type().Field(i).Name)
		}
	}
}
