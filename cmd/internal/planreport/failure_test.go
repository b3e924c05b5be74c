package planreport

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/verify/report"
)

// TestFailureFix has how to fix a failure that is not a registry's.
func TestFailureFix(t *testing.T) {
	for want, err := range map[string]error{
		"fix the file or helper that it names, or log in again: docker login hub.example": fmt.Errorf("x: %w", &registry.CredentialsError{Host: "hub.example", Err: errors.New("y")}),
		"to give it more: --timeout 4s": fmt.Errorf("x: %w", &cli.TimeoutError{Limit: 2 * time.Second}),
		"":                              errors.New("z"),
	} {
		if got := newFailure(resolver.Failure{Err: err}, nil).Fix; got != want {
			t.Errorf("%v: the fix is %q, want %q", err, got, want)
		}
	}
}

func TestPrintFailures(t *testing.T) {
	const used = "not sent: rate limit of hub.example exceeded"
	at := func(file string) []report.Place { return []report.Place{{File: file, Line: 6}} }
	one := report.Failure{Name: "hub.example/a:1", Error: "429", Places: at("a.yaml"), Fix: "to log in: docker login hub.example"}
	b := report.Failure{Name: "hub.example/b:1", Error: "GET b: " + used, NotQueried: used, Places: at("b.yaml"), Fix: one.Fix}
	c := report.Failure{Name: "hub.example/c:1", Error: "GET c: " + used, NotQueried: used, Places: at("c.yaml"), Fix: one.Fix}
	other := report.Failure{Name: "down.example/d:1", Error: "GET d: not sent: down.example is down", NotQueried: "not sent: down.example is down"}
	for _, test := range []struct {
		name string
		in   []report.Failure
		want string
	}{
		{"none", nil, ""},
		{"one asked, one not", []report.Failure{one, b},
			"resolving hub.example/a:1: 429\n    a.yaml:6 refers to it; to log in: docker login hub.example\n" +
				"resolving hub.example/b:1: GET b: " + used + "\n    b.yaml:6 refers to it; to log in: docker login hub.example\n"},
		{"two not asked for one reason, one for another", []report.Failure{b, other, c},
			"resolving 2 names more: " + used + "\n    hub.example/b:1, hub.example/c:1\n    b.yaml:6, c.yaml:6 refer to them\n" +
				"    to log in: docker login hub.example\n" +
				"    what has been read is cached: a later run queries only the rest\n" +
				"resolving down.example/d:1: GET d: not sent: down.example is down\n    plumb.yaml or plumb.lock names it\n"},
		{"late", []report.Failure{{Name: "x", TimedOut: true}}, ""},
	} {
		var out bytes.Buffer
		(&Failures{All: test.in}).Print(&cli.IO{Stderr: &out}, "resolving", 0)
		if out.String() != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, out.String(), test.want)
		}
	}
}
