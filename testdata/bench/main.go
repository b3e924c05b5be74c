// Bench measures plumb against its budgets and prints one line for each:
//
//	budget NAME MEASURED LIMIT ok
//
// or "over" in place of "ok". NAME is stable. MEASURED and LIMIT are numbers
// with a unit, "x" for a ratio. The yardstick of a ratio is measured in the same
// run, in turns with what it is compared with; what is measured are medians of
// whole processes, with the files in the page cache. A budget that is over does
// not make bench fail; one that could not be measured does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case measureMode:
			os.Exit(measureCommand(os.Args[2:], os.Stdout, os.Stderr))
		case signatureMode, sigstoreMode:
			os.Exit(verifyCommand(os.Args[1], os.Args[2], os.Stderr))
		case bareMode:
			os.Exit(bareClient(os.Args[2], os.Stderr))
		case chartMode:
			os.Exit(bareCharts(os.Args[2], os.Stderr))
		case allowMode:
			os.Exit(allowAll(os.Args[2], os.Args[3], os.Stdout, os.Stderr))
		}
	}
	plumb := flag.String("plumb", "bin/plumb", "the `binary` to measure")
	runs := flag.Int("runs", 7, "how often each command is run, at least 5")
	only := flag.String("only", "", "run the parts whose names contain `text`: "+
		"scan, lock, sources, read, signature, start, admission, apiserver")
	keep := flag.Bool("keep", false, "keep what was measured, and say where it is")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	dir, err := os.MkdirTemp("", "plumb-bench-")
	if err == nil {
		err = run(ctx, dir, *plumb, max(*runs, 5), *only, os.Stdout, os.Stderr)
	}
	stop()
	if *keep {
		fmt.Fprintln(os.Stderr, "# what was measured is in", dir)
	} else {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: not measured:", err)
		os.Exit(1)
	}
}

// bench is what the parts share.
type bench struct {
	plumb string // absolute path of the binary
	self  string // of this program
	dir   string // an empty folder of the part's own
	env   []string
	runs  int
	out   io.Writer // the budgets
	log   io.Writer // everything else
}

// run measures the parts in folders of their own below dir.
func run(ctx context.Context, dir, plumb string, runs int, only string, out, log io.Writer) error {
	plumb, err := filepath.Abs(plumb)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var errs []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *bench) error
	}{
		{"start", start}, {"read", readLock}, {"scan", scan}, {"lock", lock},
		{"sources", sources}, {"signature", signatures}, {"admission", admitting}, {"apiserver", throughAPIServer},
	} {
		if !strings.Contains(part.name, only) {
			continue
		}
		b := &bench{plumb: plumb, self: self, dir: filepath.Join(dir, part.name), runs: runs,
			out: out, log: log}
		b.env = cleanEnv(b.dir)
		if err := os.Mkdir(b.dir, 0o755); err != nil {
			return err
		}
		if err := part.run(ctx, b); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", part.name, err))
		}
	}
	return errors.Join(errs...)
}

// cleanEnv is the environment of what is measured: with a home of its own, no
// proxy between it and the loopback interface, and no git that tidies up in the
// background.
func cleanEnv(dir string) []string {
	return append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+cacheDir(dir), "DOCKER_CONFIG="+dir,
		"DOCKER_AUTH_CONFIG=", "REGISTRY_AUTH_FILE=", "XDG_RUNTIME_DIR="+dir, "XDG_CONFIG_HOME="+dir,
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=gc.auto", "GIT_CONFIG_VALUE_0=0",
		"GIT_CONFIG_KEY_1=maintenance.auto", "GIT_CONFIG_VALUE_1=false",
		"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@plumb.example",
		"GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@plumb.example", "NO_PROXY=127.0.0.1")
}

// cacheDir is where what is measured keeps what it remembers between runs.
func cacheDir(dir string) string { return filepath.Join(dir, "cache") }

// unit says how a quantity is printed.
type unit string

const (
	ratio        unit = "%.2fx"
	megabytes    unit = "%.1fMB"
	seconds      unit = "%.2fs"
	milliseconds unit = "%.1fms"
	microseconds unit = "%.1fµs"
	plain        unit = "%.0f"
)

// budget prints whether a quantity stays within its limit.
func (b *bench) budget(name string, measured, limit float64, u unit) {
	verdict := "ok"
	if measured > limit {
		verdict = "over"
	}
	fmt.Fprintf(b.out, "budget %s "+string(u)+" "+string(u)+" %s\n", name, measured, limit, verdict)
}

// note prints how a budget came about.
func (b *bench) note(format string, args ...any) { fmt.Fprintf(b.log, "# "+format+"\n", args...) }
