package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testHead = "package p\n\nimport \"testing\"\n\n"

const mainHead = "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n)\n\n" +
	"var _, _, _ = fmt.Print, os.Exit, time.Sleep\n\n"

var tests = []struct {
	name, file string
	args       []string
	status     int
	shows      []string // in this order
	hides      string
}{
	{
		name:  "a test that passes",
		file:  testHead + "func TestA(t *testing.T) { t.Log(\"chatter\") }\n",
		shows: []string{"ok  \texample.com/p"},
		hides: "chatter",
	},
	{
		name: "a test that fails",
		file: testHead + "func TestA(t *testing.T) { t.Error(\"the matter\") }\n\n" +
			"func TestB(t *testing.T) { t.Log(\"chatter\") }\n",
		status: 1,
		shows:  []string{"the matter", "--- FAIL: TestA", "FAIL\texample.com/p"},
		hides:  "chatter",
	},
	{
		name: "a test that is skipped",
		file: testHead + "func TestA(t *testing.T) { t.Run(\"b\", func(t *testing.T) " +
			"{ t.Skip(\"the reason\") }) }\n",
		shows: []string{
			"ok  \texample.com/p", "NOT TESTED example.com/p TestA/b: p_test.go:5: the reason",
		},
	},
	{
		name:   "a test that panics",
		file:   testHead + "func TestA(t *testing.T) { panic(\"the matter\") }\n",
		status: 1,
		shows:  []string{"the matter", "FAIL\texample.com/p"},
	},
	{
		name: "a goroutine that panics after the test that passed",
		file: mainHead + "func TestA(t *testing.T) { t.Log(\"chatter\"); " +
			"go func() { time.Sleep(100*time.Millisecond); panic(\"the matter\") }() }\n\n" +
			"func TestB(t *testing.T) { t.Parallel(); time.Sleep(time.Minute) }\n",
		status: 1,
		shows:  []string{"panic: the matter", "FAIL\texample.com/p"},
		hides:  "chatter",
	},
	{
		name: "a test that exits",
		file: mainHead + "func TestA(t *testing.T) { t.Log(\"chatter\") }\n\n" +
			"func TestB(t *testing.T) { fmt.Print(\"the matter\"); os.Exit(3) }\n",
		status: 1,
		shows:  []string{"the matter", "FAIL\texample.com/p"},
		hides:  "chatter",
	},
	{
		name: "a TestMain that exits before the tests",
		file: mainHead +
			"func TestMain(m *testing.M) { fmt.Fprintln(os.Stderr, \"the matter\"); os.Exit(3) }\n",
		status: 1,
		shows:  []string{"the matter", "FAIL\texample.com/p"},
	},
	{
		name: "a TestMain that fails after the tests",
		file: mainHead + "func TestMain(m *testing.M) { m.Run(); fmt.Println(\"the matter\"); " +
			"os.Exit(3) }\n\nfunc TestA(t *testing.T) { t.Log(\"chatter\") }\n",
		status: 1,
		shows:  []string{"the matter", "FAIL\texample.com/p"},
		hides:  "chatter",
	},
	{
		name:   "an init that panics",
		file:   mainHead + "func init() { panic(\"the matter\") }\n\nfunc TestA(t *testing.T) {}\n",
		status: 1,
		shows:  []string{"panic: the matter", "FAIL\texample.com/p"},
	},
	{
		name: "a time-out",
		file: mainHead + "func TestA(t *testing.T) { t.Log(\"chatter\") }\n\n" +
			"func TestB(t *testing.T) { t.Parallel(); t.Log(\"the matter\"); " +
			"fmt.Println(\"waits\"); time.Sleep(time.Minute) }\n",
		args:   []string{"-timeout", "500ms"},
		status: 1,
		shows: []string{
			"the matter", "waits", "panic: test timed out after 500ms", "TestB", "FAIL\texample.com/p",
		},
		hides: "chatter",
	},
	{
		name:   "a test that does not compile",
		file:   testHead + "func TestA(t *testing.T) { nothing() }\n",
		status: 1,
		shows:  []string{"undefined: nothing", "FAIL\texample.com/p [build failed]"},
	},
	{
		name:   "a test that go vet rejects",
		file:   mainHead + "func TestA(t *testing.T) { fmt.Printf(\"%d\", \"the matter\") }\n",
		status: 1,
		shows:  []string{"has arg \"the matter\" of wrong type string", "FAIL\texample.com/p"},
	},
	{
		name:   "a package that imports what does not exist",
		file:   "package p\n\nimport _ \"example.com/p/nothing\"\n",
		status: 1,
		shows:  []string{"example.com/p/nothing", "FAIL\texample.com/p [setup failed]"},
	},
}

func TestRun(t *testing.T) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, map[string]string{"p_test.go": tt.file})
			var stdout, stderr strings.Builder
			args := append([]string{"-C", dir}, append(tt.args, "./...")...)
			if status := run(args, &stdout, &stderr); status != tt.status {
				t.Errorf("status %d, want %d\n%s", status, tt.status, stderr.String())
			}
			rest := stdout.String()
			for _, want := range tt.shows {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Fatalf("the output has no %q, or not there:\n%s", want, stdout.String())
				}
				rest = after
			}
			if tt.hides != "" && strings.Contains(stdout.String(), tt.hides) {
				t.Errorf("the output has %q:\n%s", tt.hides, stdout.String())
			}
			loud := strings.Contains(stdout.String(), "!!!!")
			if loud != strings.Contains(tt.name, "skipped") {
				t.Errorf("the output is loud: %v\n%s", loud, stdout.String())
			}
		})
	}
}

// Two packages that print at the same time and fail are printed one after the other.
func TestRunTwoPackages(t *testing.T) {
	t.Parallel()
	file := func(name string) string {
		return strings.Replace(mainHead, "package p", "package "+name, 1) +
			"func TestA(t *testing.T) {\n\tfor range 50 {\n\t\tfmt.Println(\"of " + name +
			"\")\n\t\ttime.Sleep(time.Millisecond)\n\t}\n\tos.Exit(3)\n}\n"
	}
	dir := module(t, map[string]string{"a/a_test.go": file("a"), "b/b_test.go": file("b")})
	var stdout, stderr strings.Builder
	if status := run([]string{"-C", dir, "./..."}, &stdout, &stderr); status != 1 {
		t.Errorf("status %d, want 1\n%s", status, stderr.String())
	}
	for _, name := range []string{"a", "b"} {
		if !strings.Contains(stdout.String(), strings.Repeat("of "+name+"\n", 50)) {
			t.Errorf("what package %s printed is not there, or not in one piece:\n%s", name,
				stdout.String())
		}
	}
}

// What packages printed is not lost with a go test that is killed.
func TestReportWithoutEnd(t *testing.T) {
	var out strings.Builder
	r := report{out: &out, packages: map[string]*pkg{}}
	err := r.read(strings.NewReader(`{"Action":"start","Package":"example.com/p"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"example.com/p","Test":"TestA","Output":"the matter\n"}
`))
	if err != nil {
		t.Fatal(err)
	}
	r.finish()
	if want := "the matter\nFAIL\texample.com/p [did not end]\n"; out.String() != want {
		t.Errorf("the output is %q, want %q", out.String(), want)
	}
}

// module writes a module of files and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/p\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
