package trace_test

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// TestEvents has what is told of programs and requests, without credentials.
func TestEvents(t *testing.T) {
	failed := errors.New("Get https://joe:hush@host/x: refused")
	for want, do := range map[string]func(context.Context){
		`^git ls-files -z '\*\.yaml' \d+m?s$`:        func(ctx context.Context) { trace.Command(ctx, "git", "ls-files", "-z", "*.yaml")(nil) },
		`^git fetch https://host/x main \d+m?s$`:     func(ctx context.Context) { trace.Command(ctx, "git", "fetch", "https://joe:hush@host/x", "main")(nil) },
		`^git x Get https://host/x: refused \d+m?s$`: func(ctx context.Context) { trace.Command(ctx, "git", "x")(failed) },
		`^GET https://host/api/v1/a 404 \d+m?s$`: func(ctx context.Context) {
			trace.Request(ctx, "GET", "https://hush@host/api/v1/a?token=hush#x")(404, nil)
		},
		`^GET https://host/ Get https://host/x: refused \d+m?s$`: func(ctx context.Context) { trace.Request(ctx, "GET", "https://host/")(0, failed) },
	} {
		var got []string
		do(trace.With(t.Context(), func(e trace.Event) { got = append(got, e.String()) }))
		if len(got) != 1 || !regexp.MustCompile(want).MatchString(got[0]) {
			t.Errorf("%q, want %s", got, want)
		}
		do(t.Context()) // is told to no function, and does not panic
	}
}
