// Package trace tells what programs plumb runs and what it requests from servers, by way of
// a context. Nothing is told unless a command has asked for it.
package trace

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/lockfile/shell"
)

// Event is a program that was run or a request that was sent, and how that ended. It holds
// no credential.
type Event struct {
	What     string // "git rev-parse HEAD", "GET https://10.0.0.1/api/v1/namespaces/a/secrets/b 200"
	Err      error  // nil for success; a program's has its exit status
	Duration time.Duration
}

// String returns the event as one line: "git rev-parse HEAD 3ms".
func (e Event) String() string {
	took := e.Duration.Round(time.Millisecond)
	if e.Err != nil {
		return fmt.Sprintf("%s %s %v", e.What, withoutUsers(e.Err.Error()), took)
	}
	return fmt.Sprintf("%s %v", e.What, took)
}

type key struct{}

// With returns a context whose events are told to tell, perhaps by many goroutines at once.
func With(ctx context.Context, tell func(Event)) context.Context {
	return context.WithValue(ctx, key{}, tell)
}

// Command begins an event: a program that is run with arguments. The returned function ends
// it, once, and must be called.
func Command(ctx context.Context, program string, args ...string) (end func(error)) {
	return begin(ctx, func() string {
		what := program
		for _, arg := range args {
			what += " " + shell.Word(arg)
		}
		return what
	})
}

// Request begins an event: a request of a method for a URL, whose user and query are left
// out. The returned function ends it, once, and must be called; status is 0 where there is
// no response.
func Request(ctx context.Context, method, url string) (end func(status int, err error)) {
	status := 0
	told := begin(ctx, func() string {
		what := method + " " + query().ReplaceAllString(url, "")
		if status != 0 {
			what += fmt.Sprintf(" %d", status)
		}
		return what
	})
	return func(of int, err error) {
		status = of
		told(err)
	}
}

// begin starts the clock of what, if anything is told in ctx.
func begin(ctx context.Context, what func() string) (end func(error)) {
	tell, _ := ctx.Value(key{}).(func(Event))
	if tell == nil {
		return func(error) {}
	}
	start := time.Now()
	return func(err error) {
		tell(Event{withoutUsers(what()), err, time.Since(start)})
	}
}

// user is what stands before the host of a URL: it may be a token.
var user = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`://[^/\s]*@`)
})

// query is what follows the path of a URL.
var query = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[?#].*$`)
})

func withoutUsers(s string) string { return user().ReplaceAllString(s, "://") }
