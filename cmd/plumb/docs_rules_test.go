package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
)

var updateDocs = flag.Bool("update", false, "write docs/rules.md anew")

// docs/rules.md is made of what plumb explain says: go test ./cmd/plumb -run TestDocsRules
// -update writes it.
func TestDocsRules(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "rules.md")
	want := rulesDocument(t)
	if *updateDocs {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/rules.md is not what plumb explain says: " +
			"go test ./cmd/plumb -run TestDocsRules -update")
	}
}

const rulesHead = `# Rules

<!-- Generated from plumb explain: go test ./cmd/plumb -run TestDocsRules -update -->

` + "`plumb verify`" + ` reports findings, each as ` + "`file:line:column: message [rule]`" + `,
with the command or edit that fixes it below. Lines and columns are counted from 1, columns in
bytes. An error makes the exit status 1; a remark never changes it. ` + "`plumb explain RULE`" + `
explains one rule, as this page explains all of them.

| rule | severity | says |
|---|---|---|
`

// rulesDocument is what docs/rules.md has to be.
func rulesDocument(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("plumb", "explain", "--output", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Rules []struct{ Rule, Severity, Says, Why, Fix, Example string }
	}
	if err := json.Unmarshal(out, &doc); err != nil || len(doc.Rules) == 0 {
		t.Fatalf("plumb explain has %d rules: %v", len(doc.Rules), err)
	}
	var table, rules strings.Builder
	for _, r := range doc.Rules {
		fmt.Fprintf(&table, "| [`%s`](#%s) | %s | %s |\n",
			r.Rule, anchorOf(r.Rule), r.Severity, r.Says)
		fmt.Fprintf(&rules, "\n## %s\n\n%s: %s.\n\n%s\n\n%s\n\n```text\n%s\n```\n",
			r.Rule, r.Severity, r.Says, markdownWrapped(r.Why),
			markdownWrapped("To fix it: "+r.Fix), r.Example)
	}
	return rulesHead + table.String() + rules.String()
}

// markdownWrapped breaks prose into lines, in which nothing is markup by accident.
func markdownWrapped(text string) string {
	text = strings.NewReplacer("*", `\*`, "<", "&lt;", "[", `\[`).Replace(text)
	return cli.WrapAt(text, columns)
}
