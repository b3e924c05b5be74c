package main

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// TestFailureFix has what mends a failure that is not a registry's.
func TestFailureFix(t *testing.T) {
	for want, err := range map[string]error{
		"fix the file or helper that it names, or log in again: docker login hub.example": fmt.Errorf("x: %w", &registry.CredentialsError{Host: "hub.example", Err: errors.New("y")}),
		"to give it more: --timeout 4s": fmt.Errorf("x: %w", &timeUpError{2 * time.Second}),
		"":                              errors.New("z"),
	} {
		if got := new(session).failure(resolver.Failure{Err: err}, nil).Fix; got != want {
			t.Errorf("%v: the fix is %q, want %q", err, got, want)
		}
	}
}

func TestPrintFailures(t *testing.T) {
	const used = "not sent: rate limit of hub.example exceeded"
	at := func(file string) []spot { return []spot{{File: file, Line: 6}} }
	one := failed{Name: "hub.example/a:1", Error: "429", Places: at("a.yaml"), Fix: "to log in: docker login hub.example"}
	b := failed{Name: "hub.example/b:1", Error: "GET b: " + used, unasked: used, Places: at("b.yaml"), Fix: one.Fix}
	c := failed{Name: "hub.example/c:1", Error: "GET c: " + used, unasked: used, Places: at("c.yaml"), Fix: one.Fix}
	other := failed{Name: "down.example/d:1", Error: "GET d: not sent: down.example is down", unasked: "not sent: down.example is down"}
	for _, test := range []struct {
		name string
		in   []failed
		want string
	}{
		{"none", nil, ""},
		{"one asked, one not", []failed{one, b},
			"resolving hub.example/a:1: 429\n    a.yaml:6 refers to it; to log in: docker login hub.example\n" +
				"resolving hub.example/b:1: GET b: " + used + "\n    b.yaml:6 refers to it; to log in: docker login hub.example\n"},
		{"two not asked for one reason, one for another", []failed{b, other, c},
			"resolving 2 names more: " + used + "\n    hub.example/b:1, hub.example/c:1\n    b.yaml:6, c.yaml:6 refer to them\n" +
				"    to log in: docker login hub.example\n" +
				"    what has been read is kept: run it again later, and only the rest is asked for\n" +
				"resolving down.example/d:1: GET d: not sent: down.example is down\n    plumb.yaml or plumb.lock names it\n"},
		{"late", []failed{{Name: "x", late: true}}, ""},
	} {
		var out bytes.Buffer
		s := &session{stderr: &out}
		s.printFailures("resolving", test.in)
		if out.String() != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, out.String(), test.want)
		}
	}
}
