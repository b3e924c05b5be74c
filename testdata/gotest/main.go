// Gotest runs "go test" with its arguments and prints what "go test" prints, and also a
// line for every test that was skipped, with its reason: a skipped test must not look
// like one that passed.
//
//	gotest [-C DIR] ARGUMENT…
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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
	r := report{out: stdout, lines: map[test][]string{}}
	readErr := r.read(events)
	waitErr := cmd.Wait()
	fmt.Fprint(stdout, r.summary())
	var exit *exec.ExitError
	switch {
	case errors.As(waitErr, &exit):
		return exit.ExitCode()
	case readErr != nil:
		fmt.Fprintln(stderr, "gotest: reading the events of go test:", readErr)
		return 2
	case waitErr != nil:
		fmt.Fprintln(stderr, "gotest:", waitErr)
		return 2
	}
	return 0
}

// event is an event of "go test -json" (go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// test names a test, or a package where name is empty.
type test struct{ pkg, name string }

// report holds the output of each test until the test ends.
type report struct {
	out     io.Writer
	lines   map[test][]string
	skipped []string
}

// read consumes events to their end.
func (r *report) read(events io.Reader) error {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.out, lines.Text())
			continue
		}
		r.handle(e)
	}
	// An error of the scanner must not stop go test, which waits for its reader.
	_, drainErr := io.Copy(io.Discard, events)
	return errors.Join(lines.Err(), drainErr)
}

// handle records one event, and prints what is to be printed at it.
func (r *report) handle(e event) {
	t := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		r.lines[t] = append(r.lines[t], e.Output)
	case "fail":
		fmt.Fprint(r.out, strings.Join(r.lines[t], ""))
		delete(r.lines, t)
	case "skip":
		if t.name == "" { // a package without tests
			fmt.Fprint(r.out, strings.Join(r.lines[t], ""))
		} else {
			r.skipped = append(r.skipped,
				fmt.Sprintf("NOT TESTED %s %s: %s", t.pkg, t.name, reason(r.lines[t])))
		}
		delete(r.lines, t)
	case "pass":
		if t.name == "" {
			fmt.Fprint(r.out, result(r.lines[t]))
		}
		delete(r.lines, t)
	}
}

// result returns the lines of a package's output that give its result and coverage.
func result(lines []string) string {
	var out strings.Builder
	for _, line := range lines {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "coverage:") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// reason returns the output of a skipped test, on one line.
func reason(lines []string) string {
	var words []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "--- ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// summary lists the skipped tests.
func (r *report) summary() string {
	if len(r.skipped) == 0 {
		return ""
	}
	rule := strings.Repeat("!", 72)
	return rule + "\n" + strings.Join(r.skipped, "\n") + "\n" + rule + "\n"
}
