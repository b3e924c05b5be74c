package planreport

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/fetch"
	"github.com/plumb-dev/plumb/resolver/gitref"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
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

// TestSourceFailureFix has how to fix what fails for sources, which is what their errors say:
// no "docker login" for a server that is no registry.
func TestSourceFailureFix(t *testing.T) {
	failed := func(status int) *transport.Error {
		return &transport.Error{Op: "GET", URL: "https://a.example/x", Host: "a.example",
			Status: status}
	}
	for _, test := range []struct {
		err        error
		fix, cause string
	}{
		{&fetch.RequestError{Err: failed(401)},
			"to log in, add to ~/.netrc: machine a.example login USER password TOKEN", ""},
		{&fetch.RequestError{Err: failed(501)}, "report it to the operators of a.example; or " +
			"copy the file into the repository, and name the copy", "a.example: 501 Not Implemented"},
		{&fetch.NotFoundError{Status: 410}, "check the URL", ""},
		{&fetch.InvalidURLError{}, "correct the URL in the manifest", ""},
		{&gitref.Error{Kind: gitref.HostKey}, (&gitref.Error{Kind: gitref.HostKey}).Hint(), ""},
		{&chart.RequestError{Err: failed(403)}, "to log in: helm repo add NAME  --username USER; " +
			"plumb reads helm's repositories.yaml and ~/.netrc", ""},
		{&chart.NotFoundError{}, "correct the chart's name or its repository in the manifest", ""},
		{&chart.NotFoundError{Version: "1", Err: &chart.RequestError{Err: failed(404)}},
			"correct the chart's version in the manifest, or update the chart", ""},
		{failed(401), "to log in: docker login a.example",
			"a.example: token server https://a.example/x: 401 Unauthorized"},
	} {
		got := newFailure(resolver.Failure{Err: fmt.Errorf("x: %w", test.err)}, nil)
		if got.Fix != test.fix || got.Cause != test.cause {
			t.Errorf("%T: %q for %q, want %q for %q", test.err, got.Fix, got.Cause, test.fix,
				test.cause)
		}
	}
}

func TestPrintFailures(t *testing.T) {
	const used = "not sent: rate limit of hub.example exceeded"
	at := func(file string) []report.Place { return []report.Place{{File: file, Line: 6}} }
	one := report.Failure{Name: "hub.example/a:1", Error: "429", Places: at("a.yaml"), Fix: "to log in: docker login hub.example"}
	notSent := func(name, file string) report.Failure {
		return report.Failure{Name: name, Error: "GET x: " + used, Cause: used, NotSent: true,
			Places: at(file), Fix: one.Fix}
	}
	b, c := notSent("hub.example/b:1", "b.yaml"), notSent("hub.example/c:1", "c.yaml")
	other := report.Failure{Name: "down.example/d:1", Error: "GET d: no such host"}
	const cached = "    what has been read is cached: a later run queries only the rest\n"
	for _, test := range []struct {
		name  string
		in    []report.Failure
		quiet bool
		want  string
	}{
		{"none", nil, false, ""},
		{"one sent, one not", []report.Failure{one, b}, false,
			"resolving hub.example/a:1: 429\n    a.yaml:6 refers to it; to log in: docker login hub.example\n" +
				"resolving hub.example/b:1: GET x: " + used +
				"\n    b.yaml:6 refers to it; to log in: docker login hub.example\n" + cached},
		{"two of one cause, one of another", []report.Failure{b, other, c}, false,
			"resolving 2 names: " + used + "\n    hub.example/b:1, hub.example/c:1\n" +
				"    b.yaml:6, c.yaml:6 refer to them; to log in: docker login hub.example\n" + cached +
				"resolving down.example/d:1: GET d: no such host\n    no manifest refers to it\n"},
		{"the same error", []report.Failure{other, one, other}, false,
			"resolving 2 names: GET d: no such host\n    down.example/d:1, down.example/d:1\n" +
				"    no manifest refers to them\n" +
				"resolving hub.example/a:1: 429\n    a.yaml:6 refers to it; to log in: docker login hub.example\n"},
		{"quiet", []report.Failure{b, c}, true, "resolving 2 names: " + used +
			"\n    hub.example/b:1, hub.example/c:1\n    b.yaml:6, c.yaml:6 refer to them\n"},
		{"late", []report.Failure{{Name: "x", TimedOut: true}}, false, ""},
	} {
		var out bytes.Buffer
		(&Failures{All: test.in}).Print(&cli.IO{Stderr: &out, Quiet: test.quiet}, "resolving", 0)
		if out.String() != test.want {
			t.Errorf("%s:\n%s\nwant:\n%s", test.name, out.String(), test.want)
		}
	}
}
