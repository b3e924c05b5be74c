package main

import (
	"os"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/resolver/config"
	"github.com/plumb-dev/plumb/verify"
)

// TestReadme checks that the README's plumb.yaml is one, and that it names
// every rule.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	_, rest, ok := strings.Cut(text, "```yaml\n")
	if !ok {
		t.Fatal("the README has no YAML")
	}
	yaml, _, _ := strings.Cut(rest, "```")
	c, err := config.Parse("README.md", []byte(yaml))
	if err != nil {
		t.Error(err)
	} else if len(c.Exceptions) != 1 || len(c.Fields) != 2 {
		t.Errorf("read %+v", c)
	}
	for _, r := range verify.Rules() {
		if !strings.Contains(text, "| `"+r.Name+"` |") {
			t.Errorf("the README does not name the rule %s", r.Name)
		}
	}
}
