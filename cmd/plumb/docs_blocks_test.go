package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestDocsBlocksParse parses all JSON and YAML in the documents.
func TestDocsBlocksParse(t *testing.T) {
	parsed := map[string]int{}
	for _, b := range blocksOf(documents(t)) {
		var err error
		switch b.language {
		case "json":
			err = checkJSON(b.text)
		case "yaml":
			err = checkYAML(b.text)
		default:
			continue
		}
		parsed[b.language]++
		if err != nil {
			t.Errorf("%s:%d: %v\n%s", b.file, b.line, err, b.text)
		}
	}
	if parsed["json"] == 0 || parsed["yaml"] == 0 {
		t.Errorf("parsed %v", parsed)
	}
}

// checkJSON returns an error unless text is one JSON object, in which no key stands twice.
func checkJSON(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	if err := onceEach(d, true); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the object")
	}
	return nil
}

// onceEach reads a value, in whose objects no key may stand twice.
func onceEach(d *json.Decoder, top bool) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if top && open != '{' {
		return errors.New("not an object")
	}
	if !ok {
		return nil
	}
	seen := map[json.Token]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if seen[key] {
				return fmt.Errorf("the key %q stands twice", key)
			}
			seen[key] = true
		}
		if err := onceEach(d, false); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// checkYAML returns an error unless text has one document or more, each of which is a
// mapping or a list. The parser rejects keys that stand twice.
func checkYAML(text string) error {
	d := yaml.NewDecoder(strings.NewReader(text))
	for n := 0; ; n++ {
		var document any
		err := d.Decode(&document)
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return nil
		case err != nil:
			return err
		}
		switch document.(type) {
		case map[string]any, []any:
		default:
			return fmt.Errorf("document %d is a %T", n+1, document)
		}
	}
}

// The checks of blocks reject what a reader could not use.
func TestDocsBlocksRejected(t *testing.T) {
	for _, text := range []string{"", "[]", "{", `{"a": 1,}`, `{"a": 1} {}`, `{"a": {"b": 1, "b": 2}}`, `{a: 1}`, "// x\n{}", `{"a": 1} x`} {
		if checkJSON(text) == nil {
			t.Errorf("taken as JSON: %s", text)
		}
	}
	if err := checkJSON(`{"a": [{"b": 1}, {"b": 2}], "b": null}`); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "a", "a: 1\na: 2", "a: [", "a: 1\n---\nb", "a: b: c"} {
		if checkYAML(text) == nil {
			t.Errorf("taken as YAML: %s", text)
		}
	}
	if err := checkYAML("a: 1\n---\n- b\n"); err != nil {
		t.Error(err)
	}
}

// TestDocsRenovate has what docs/bots.md says that Renovate's configuration is, held
// against what the CI files do and against each other. The fields have no others beside
// them: a misspelled one would be ignored.
func TestDocsRenovate(t *testing.T) {
	type config struct {
		Schema            string   `json:"$schema"`
		Extends           []string `json:"extends"`
		GitIgnoredAuthors []string `json:"gitIgnoredAuthors"`
		PostUpgradeTasks  struct {
			Commands      []string `json:"commands"`
			FileFilters   []string `json:"fileFilters"`
			ExecutionMode string   `json:"executionMode"`
		} `json:"postUpgradeTasks"`
		AllowedCommands []string `json:"allowedCommands"`
	}
	var all config
	for _, b := range blocksOf(documents(t)) {
		if b.file != "docs/bots.md" || b.language != "json" {
			continue
		}
		d := json.NewDecoder(bytes.NewReader([]byte(b.text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&all); err != nil {
			t.Errorf("%s:%d: %v", b.file, b.line, err)
		}
	}
	for _, name := range []string{"github-bots.yml", "gitlab-bots.yml"} {
		data, err := os.ReadFile(filepath.Join("..", "internal", "scaffold", "ci", name))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`PLUMB_EMAIL: (\S+)`).FindStringSubmatch(string(data))
		if m == nil || !slices.Contains(all.GitIgnoredAuthors, m[1]) {
			t.Errorf("Renovate ignores commits by %q, and %s commits as %q", all.GitIgnoredAuthors, name, m)
		}
	}
	if len(all.PostUpgradeTasks.Commands) == 0 || all.PostUpgradeTasks.ExecutionMode != "branch" {
		t.Errorf("tasks %+v", all.PostUpgradeTasks)
	}
	for _, command := range all.PostUpgradeTasks.Commands {
		allowed := slices.ContainsFunc(all.AllowedCommands, func(pattern string) bool {
			return regexp.MustCompile(pattern).MatchString(command)
		})
		if !allowed {
			t.Errorf("%q is not allowed by %q", command, all.AllowedCommands)
		}
	}
}
