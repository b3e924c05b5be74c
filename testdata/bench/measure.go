package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// measureMode makes this program run one command and print its usage. Linux
// counts the memory of the process that starts another one as the other's own;
// bench holds registries and repositories in memory, so a small process has to
// stand between it and what it measures.
const measureMode = "measure"

// usage is what one process took.
type usage struct {
	Wall, CPU time.Duration
	Memory    int64  // peak resident set, bytes
	Status    int    // exit status
	Output    []byte // the beginning of what it printed
}

// maxOutput is how much of a command's output is kept for messages.
const maxOutput = 4 << 10

// measureCommand runs a command and prints its usage as JSON.
func measureCommand(args []string, stdout, stderr io.Writer) int {
	cmd := exec.Command(args[0], args[1:]...)
	// A pipe: grep stops at the first match where its output goes nowhere.
	out := &head{}
	cmd.Stdout, cmd.Stderr = out, out
	begin := time.Now()
	err := cmd.Run()
	wall := time.Since(begin)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(stderr, err)
		return 1
	}
	u := usage{
		Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Memory: maxRSS(cmd.ProcessState), Status: cmd.ProcessState.ExitCode(), Output: out.kept.Bytes(),
	}
	if err := json.NewEncoder(stdout).Encode(u); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// maxRSS is a process's peak resident set in bytes.
func maxRSS(p *os.ProcessState) int64 {
	const unit = 1 << 10 // Linux counts kilobytes
	return int64(p.SysUsage().(*syscall.Rusage).Maxrss) * unit
}

// head keeps the beginning of what is written to it. The buffer is not embedded: its
// ReadFrom would take everything.
type head struct{ kept bytes.Buffer }

// Write keeps what there is room for, and drops the rest.
func (h *head) Write(p []byte) (int, error) {
	if room := maxOutput - h.kept.Len(); room > 0 {
		h.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// command is a command line whose usage is to be measured.
type command struct {
	dir    string
	args   []string
	before func() error // not measured; may be nil
	status int          // that it must end with
}

// measure runs a command once.
func (b *bench) measure(ctx context.Context, c command) (usage, error) {
	if c.before != nil {
		if err := c.before(); err != nil {
			return usage{}, err
		}
	}
	cmd := exec.CommandContext(ctx, b.self, append([]string{measureMode}, c.args...)...)
	cmd.Dir, cmd.Env = c.dir, b.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return usage{}, fmt.Errorf("%v: %w: %s", c.args, err, stderr.Bytes())
	}
	var u usage
	if err := json.Unmarshal(out, &u); err != nil {
		return usage{}, err
	}
	if u.Status != c.status {
		return u, fmt.Errorf("%v ended with status %d, not %d:\n%s", c.args, u.Status, c.status, u.Output)
	}
	return u, nil
}

// samples are the usages of one command.
type samples []usage

// interleave runs the commands in turns, each b.runs times after one run that
// is not counted, so that what slows the machine down slows down all of them.
func (b *bench) interleave(ctx context.Context, commands ...command) ([]samples, error) {
	all := make([]samples, len(commands))
	for run := range b.runs + 1 {
		for i, c := range commands {
			u, err := b.measure(ctx, c)
			if err != nil {
				return nil, err
			}
			if run > 0 {
				all[i] = append(all[i], u)
			}
		}
	}
	return all, nil
}

func (s samples) wall() time.Duration {
	return median(s, func(u usage) time.Duration { return u.Wall })
}

func (s samples) cpu() time.Duration {
	return median(s, func(u usage) time.Duration { return u.CPU })
}

func (s samples) memory() float64 {
	return float64(median(s, func(u usage) int64 { return u.Memory })) / 1e6
}

// to is the ratio of the wall times of s and a yardstick.
func (s samples) to(yardstick samples) float64 {
	return float64(s.wall()) / float64(yardstick.wall())
}

func median[T int64 | time.Duration](s samples, of func(usage) T) T {
	values := make([]T, len(s))
	for i, u := range s {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
