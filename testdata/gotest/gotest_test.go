package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const head = "package p\n\nimport \"testing\"\n\n"
	tests := []struct {
		name, file string
		status     int
		shows      []string
		hides      string
	}{
		{
			name:  "a test that passes",
			file:  head + "func TestA(t *testing.T) { t.Log(\"chatter\") }\n",
			shows: []string{"ok  \texample.com/p"},
			hides: "chatter",
		},
		{
			name:   "a test that fails",
			file:   head + "func TestA(t *testing.T) { t.Error(\"the matter\") }\n\nfunc TestB(t *testing.T) { t.Log(\"chatter\") }\n",
			status: 1,
			shows:  []string{"the matter", "--- FAIL: TestA", "FAIL\texample.com/p"},
			hides:  "chatter",
		},
		{
			name:  "a test that is skipped",
			file:  head + "func TestA(t *testing.T) { t.Run(\"b\", func(t *testing.T) { t.Skip(\"the reason\") }) }\n",
			shows: []string{"ok  \texample.com/p", "NOT TESTED example.com/p TestA/b: p_test.go:5: the reason"},
		},
		{
			name:   "a test that panics",
			file:   head + "func TestA(t *testing.T) { panic(\"the matter\") }\n",
			status: 1,
			shows:  []string{"the matter", "FAIL\texample.com/p"},
		},
		{
			name:   "a test that does not compile",
			file:   head + "func TestA(t *testing.T) { nothing() }\n",
			status: 1,
			shows:  []string{"undefined: nothing", "FAIL\texample.com/p"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"go.mod": "module example.com/p\n\ngo 1.26\n", "p_test.go": tt.file} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr strings.Builder
			if status := run([]string{"-C", dir, "./..."}, &stdout, &stderr); status != tt.status {
				t.Errorf("status %d, want %d\n%s", status, tt.status, stderr.String())
			}
			for _, want := range tt.shows {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("the output has no %q:\n%s", want, stdout.String())
				}
			}
			if tt.hides != "" && strings.Contains(stdout.String(), tt.hides) {
				t.Errorf("the output has %q:\n%s", tt.hides, stdout.String())
			}
			if loud := strings.Contains(stdout.String(), "!!!!"); loud != strings.Contains(tt.name, "skipped") {
				t.Errorf("the output is loud: %v\n%s", loud, stdout.String())
			}
		})
	}
}
