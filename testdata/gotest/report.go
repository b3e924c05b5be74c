package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is an event of "go test -json" (go doc test2json).
type event struct {
	Action, Package, Test, Output string
}

// line is a line that a test printed, or its package where test is empty.
type line struct{ test, text string }

// pkg is what a running package has printed and gotest has not.
type pkg struct{ lines []line }

// take removes the lines of a test and returns them.
func (p *pkg) take(test string) []string {
	var taken []string
	p.lines = slices.DeleteFunc(p.lines, func(l line) bool {
		if l.test == test {
			taken = append(taken, l.text)
		}
		return l.test == test
	})
	return taken
}

// end removes what a test printed before it passed or was skipped, and returns it. What
// follows its result is not the test's: a goroutine that panics is an example.
func (p *pkg) end(test string) []string {
	lines := p.take(test)
	result := slices.IndexFunc(lines, func(text string) bool {
		text = strings.TrimLeft(text, " ")
		return strings.HasPrefix(text, "--- PASS: ") || strings.HasPrefix(text, "--- SKIP: ")
	})
	if result < 0 {
		return lines
	}
	for _, text := range lines[result+1:] {
		p.lines = append(p.lines, line{test, text})
	}
	return lines[:result+1]
}

// rest returns all that the package and those of its tests that did not end have printed,
// in the order that it came, without the lines in which "go test" says what runs.
func (p *pkg) rest() string {
	var out strings.Builder
	for _, l := range p.lines {
		if !strings.HasPrefix(l.text, "=== ") {
			out.WriteString(l.text)
		}
	}
	return out.String()
}

// report prints what "go test" prints, from its events.
type report struct {
	out      io.Writer
	packages map[string]*pkg // that run
	skipped  []string
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
	if e.Action == "build-output" {
		fmt.Fprint(r.out, e.Output)
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{}
		r.packages[e.Package] = p
	}
	switch e.Action {
	case "output":
		p.lines = append(p.lines, line{e.Test, e.Output})
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e, p)
		} else {
			r.endTest(e, p)
		}
	}
}

func (r *report) endTest(e event, p *pkg) {
	switch e.Action {
	case "fail":
		fmt.Fprint(r.out, strings.Join(p.take(e.Test), ""))
	case "pass":
		p.end(e.Test)
	case "skip":
		r.skipped = append(r.skipped,
			fmt.Sprintf("NOT TESTED %s %s: %s", e.Package, e.Test, reason(p.end(e.Test))))
	}
}

func (r *report) endPackage(e event, p *pkg) {
	switch e.Action {
	case "fail":
		fmt.Fprint(r.out, p.rest())
	case "pass":
		fmt.Fprint(r.out, result(p.take("")))
	case "skip": // a package without tests
		fmt.Fprint(r.out, strings.Join(p.take(""), ""))
	}
	delete(r.packages, e.Package)
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

// finish prints what packages printed whose end go test did not report, as it does not
// when it is killed, and lists the skipped tests.
func (r *report) finish() {
	for _, name := range slices.Sorted(maps.Keys(r.packages)) {
		if rest := r.packages[name].rest(); rest != "" {
			fmt.Fprint(r.out, rest)
			fmt.Fprintf(r.out, "FAIL\t%s [did not end]\n", name)
		}
	}
	if len(r.skipped) > 0 {
		rule := strings.Repeat("!", 72)
		fmt.Fprintf(r.out, "%s\n%s\n%s\n", rule, strings.Join(r.skipped, "\n"), rule)
	}
}
