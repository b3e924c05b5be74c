package scaffold

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"text/template"
)

// configHead is what every plumb.yaml has.
const configHead = "apiVersion: plumb.dev/v1\nkind: Config\n"

// configTemplate is a plumb.yaml in which every field that is optional is
// commented out: "#" and a space begin an explanation, "#" alone a line of YAML.
//
//go:embed plumb.yaml.tmpl
var configTemplate string

// Config is the text of a plumb.yaml for what was found in the directory called
// name.
func Config(name string, f Found) (string, error) {
	t, err := template.New("plumb.yaml").Funcs(template.FuncMap{"quote": yamlQuote,
		"join": func(words []string) string { return strings.Join(words, ", ") }}).
		Parse(configTemplate)
	if err != nil {
		return "", err
	}
	var hosts []string
	for _, r := range f.Registries {
		if internal(r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Name                      string
		Hosts, Exclude, Platforms []string
		Fields                    []Field
		Locked                    []string
		Self                      []Self
		SelfNamed                 bool
	}{name, hosts, f.Exclude, f.Platforms, f.Fields, f.Locked, f.Self,
		slices.ContainsFunc(f.Self, func(s Self) bool { return s.Named })})
	return b.String(), err
}

// item is f as an item of fields.
func (f Field) item() string {
	return "  - kind: " + yamlQuote(f.Kind) + "\n    path: " + yamlQuote(f.Path) + "\n"
}

// Comment is f as an item of fields that is commented out.
func (f Field) Comment() string {
	var b strings.Builder
	for line := range strings.Lines(f.item()) {
		b.WriteString("#" + line)
	}
	return b.String()
}

// yamlQuote is any text as a YAML scalar on one line: JSON's strings are YAML's.
func yamlQuote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // no string fails
	return strings.TrimSuffix(b.String(), "\n")
}
