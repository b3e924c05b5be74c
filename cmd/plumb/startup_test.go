package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// initLine is what GODEBUG=inittrace=1 says of one of plumb's packages.
var initLine = regexp.MustCompile(
	`(?m)^init (github\.com/plumb-dev/plumb/\S*) @.* (\d+) bytes, \d+ allocs$`)

// maxInit is how many bytes a package may take before main: a table or a flag, not a
// regular expression, of which most commands use none.
const maxInit = 16 << 10

// TestStartup holds plumb's packages to doing nothing heavy before main. Memory stands for
// time, as it is the same in every run.
func TestStartup(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := initLine.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		t.Fatalf("none of plumb's packages is in\n%s", out)
	}
	for _, m := range found {
		if strings.HasSuffix(string(m[1]), "_test") {
			continue
		}
		if bytes, _ := strconv.Atoi(string(m[2])); bytes > maxInit {
			t.Errorf("package %s takes %d bytes before main, more than %d: "+
				"make it when it is first used (sync.OnceValue)", m[1], bytes, maxInit)
		}
	}
}
