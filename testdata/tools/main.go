// Tools builds the programs that tests run and Debian does not have, each once, into the
// user's cache folder, where the tests find them. It also says which of Debian's programs
// that tests run are not installed.
//
//	tools [-n] [NAME…]
//	tools -debian
//
// Without names it is about all of them; engines such as Flux are only built by name, or
// with ENGINES=1 in the environment. With -n it builds nothing and says what is not
// built; with -debian it prints the Debian packages that are missing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tools:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("tools", flag.ContinueOnError)
	dry := flags.Bool("n", false, "build nothing, say what is not built")
	debian := flags.Bool("debian", false, "print the Debian packages that are missing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *debian {
		packages, _ := missing(installed)
		for _, p := range packages {
			fmt.Fprintln(stdout, p)
		}
		return nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	b := builder{dir: filepath.Join(cache, "plumb-test"), out: stdout}
	all, err := tools(b.dir)
	if err != nil {
		return err
	}
	chosen := all
	if flags.NArg() > 0 {
		if chosen, err = choose(all, flags.Args()); err != nil {
			return err
		}
	} else {
		fmt.Fprint(stdout, advice(missing(installed)))
	}
	if *dry {
		b.list(chosen)
		return nil
	}
	if flags.NArg() == 0 && os.Getenv("ENGINES") == "" {
		chosen = slices.DeleteFunc(chosen, func(t tool) bool { return t.engine })
	}
	return b.buildAll(ctx, chosen)
}

// choose returns those of the tools that have the names.
func choose(all []tool, names []string) ([]tool, error) {
	var chosen []tool
	for _, name := range names {
		i := slices.IndexFunc(all, func(t tool) bool { return t.name == name })
		if i < 0 {
			var known []string
			for _, t := range all {
				known = append(known, t.name)
			}
			return nil, fmt.Errorf("unknown tool %s: want one of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return !errors.Is(err, exec.ErrNotFound)
}
