package main_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table in docs/architecture.md names directories that exist, and each package is in
// one of them, or directly below it.
func TestArchitectureNamesThePackages(t *testing.T) {
	text := readFile(t, "..", "..", "docs", "architecture.md")
	row := regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|")
	var named []string
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		named = append(named, m[1])
		dir := filepath.Join("..", "..", filepath.FromSlash(m[1]))
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			t.Errorf("docs/architecture.md names %s, which is no directory", m[1])
		}
	}
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if !slices.Contains(named, name) && !slices.Contains(named, path.Dir(name)) {
			t.Errorf("docs/architecture.md names neither %s nor %s", name, path.Dir(name))
		}
	}
}
