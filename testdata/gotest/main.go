// Gotest runs "go test" with its arguments and prints what "go test" prints, and also a
// line for every test that was skipped, with its reason: a skipped test must not look
// like one that passed. Of a package that failed, it prints also what the tests that did
// not end had printed, because a time-out, a panic or an exit fails no test.
//
//	gotest [-C DIR] ARGUMENT…
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	dir := ""
	if len(args) > 1 && args[0] == "-C" {
		dir, args = args[1], args[2:]
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir = dir
	cmd.Stderr = stderr
	events, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "gotest: starting go test:", err)
		return 2
	}
	r := report{out: stdout, packages: map[string]*pkg{}}
	readErr := r.read(events)
	waitErr := cmd.Wait()
	r.finish()
	var exit *exec.ExitError
	switch {
	case errors.As(waitErr, &exit) && exit.Exited():
		return exit.ExitCode()
	case readErr != nil:
		fmt.Fprintln(stderr, "gotest: reading the events of go test:", readErr)
		return 2
	case waitErr != nil:
		fmt.Fprintln(stderr, "gotest: go test:", waitErr)
		return 2
	}
	return 0
}
