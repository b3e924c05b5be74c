//go:build unix

package tree

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLockWaitsForTheOther(t *testing.T) {
	for name, r := range map[string]repo{"git": newRepo(t), "no git": newDir(t)} {
		t.Run(name, func(t *testing.T) {
			unlock, err := r.workTree().Lock(context.Background(), func(msg string) { t.Error("waiting without another process: " + msg) })
			if err != nil {
				t.Fatal(err)
			}
			said := make(chan string, 10)
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			if _, err := r.workTree().Lock(ctx, func(msg string) { said <- msg }); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the second Lock ends with %v, want a deadline that was exceeded", err)
			}
			want := fmt.Sprintf("waiting for another plumb (process %d) that writes to %s", os.Getpid(), r.dir)
			if msg := <-said; msg != want || len(said) > 0 {
				t.Errorf("the second Lock says %q and %d times more, want %q once", msg, len(said), want)
			}
			got := make(chan error)
			go func() {
				second, err := r.workTree().Lock(context.Background(), func(msg string) { said <- msg })
				if err == nil {
					second()
				}
				got <- err
			}()
			<-said
			unlock()
			unlock() // does no harm
			if err := <-got; err != nil {
				t.Errorf("the second Lock, after the first is given up: %v", err)
			}
			r.names()
		})
	}
}

func TestLocksOfTwoRootsDiffer(t *testing.T) {
	r := newRepo(t)
	r.write("a/x", "")
	r.write("b/x", "")
	for _, dir := range []string{"a", "b", "."} {
		unlock, err := r.at(dir).workTree().Lock(context.Background(), func(msg string) { t.Error(msg) })
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
	}
}

func TestWritersTakeTurns(t *testing.T) {
	r := newRepo(t)
	r.write("count", "0")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			w := r.workTree()
			for range 10 {
				if err := increment(w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	r.holds("count", "20")
}

// increment adds one to the number in the file count.
func increment(w *WorkTree) error {
	ctx := context.Background()
	unlock, err := w.Lock(ctx, func(string) {})
	if err != nil {
		return err
	}
	defer unlock()
	old, err := w.Read(ctx, "count")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(old))
	if err != nil {
		return err
	}
	return w.WriteAll(ctx, []Write{{Path: "count", Old: old, New: []byte(strconv.Itoa(n + 1))}})
}

func TestLockClearsUpAfterADeadWriter(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a.yaml", "a")
	held, _, err := r.workTree().ensureLock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	stale, bystander := "dir/"+tempName(), "dir/"+tempName()
	directory := "dir/" + tempName()
	if err := held.announce([]string{stale, "dir/a.yaml", "../x", "gone/" + tempName(), directory}); err != nil {
		t.Fatal(err)
	}
	r.write(stale, "half")
	r.write(bystander, "someone's own")
	r.write(directory+"/x", "")
	held.release() // as the end of a process does
	unlock, err := r.workTree().Lock(context.Background(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	r.holds("dir/a.yaml", "a")
	r.holds(bystander, "someone's own")
	r.holds(directory+"/x", "")
	if _, err := os.Lstat(r.path(stale)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the dead writer's file is still there: %v", err)
	}
}

func TestIsTemp(t *testing.T) {
	for name, want := range map[string]bool{
		tempName(): true, "a/b/" + tempName(): true,
		"": false, "a.yaml": false, "../" + tempName(): false, "/" + tempName(): false,
		".plumb-0123456789abcdef.tmp/x": false, ".plumb-0123456789ABCDEF.tmp": false, ".plumb.tmp": false,
	} {
		if got := isTemp(name); got != want {
			t.Errorf("isTemp(%q) = %v, want %v", name, got, want)
		}
	}
}

// writerFiles are how many files the writer that is killed writes, and each of
// its two versions of one.
const writerFiles = 12

func version(letter string) string { return strings.Repeat(letter, 100_000) }

// writeUntilKilled writes the files of the tree at dir over and over.
func writeUntilKilled(dir string) {
	ctx := context.Background()
	w, err := OpenWorkTree(ctx, dir)
	for from, to := "a", "b"; err == nil; from, to = to, from {
		var writes []Write
		for i := range writerFiles {
			writes = append(writes, Write{Path: fmt.Sprintf("f%d.yaml", i), Old: []byte(version(from)), New: []byte(version(to))})
		}
		err = w.WriteAll(ctx, writes)
		fmt.Println("written")
	}
	fmt.Println(err)
	os.Exit(1)
}

func TestKilledWriterLeavesWholeFiles(t *testing.T) {
	r := newRepo(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for round := range 8 {
		for i := range writerFiles {
			r.write(fmt.Sprintf("f%d.yaml", i), version("a"))
		}
		killWriter(t, r, self, time.Duration(round)*3*time.Millisecond)
		counts := map[string]int{}
		for i := range writerFiles {
			content, err := os.ReadFile(r.path(fmt.Sprintf("f%d.yaml", i)))
			if err != nil {
				t.Fatal(err)
			}
			counts[string(content)]++
		}
		if counts[version("a")]+counts[version("b")] != writerFiles {
			t.Fatalf("round %d: a file is neither old nor new", round)
		}
		unlock, err := r.workTree().Lock(context.Background(), func(msg string) { t.Error(msg) })
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		if left, err := filepath.Glob(r.path(".plumb-*")); err != nil || left != nil {
			t.Fatalf("round %d: left behind: %q, %v", round, left, err)
		}
	}
}

// killWriter runs a writer in another process and kills it, some time after it
// has written once.
func killWriter(t *testing.T, r repo, self string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "PLUMB_TEST_WRITER="+r.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) || line != "written\n" {
		t.Errorf("the writer says %q, %v", line, err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
}
