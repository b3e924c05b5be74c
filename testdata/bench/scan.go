package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// scan measures list and verify on a repository of 10,000 files.
func scan(ctx context.Context, b *bench) error {
	repo := filepath.Join(b.dir, "repo")
	files, size, err := writeRepository(repo)
	if err != nil {
		return err
	}
	if err := b.commit(ctx, repo); err != nil {
		return err
	}
	syscall.Sync() // so that no writing is under way while reading is measured
	b.note("a repository of %d files, %.1f MB", files, float64(size)/1e6)

	forget := func() error { return os.RemoveAll(cacheDir(b.dir)) }
	grep := command{dir: repo, args: []string{"grep", "-rc", "image:", "--exclude-dir=.git", "."}}
	status := command{dir: repo, args: []string{"git", "status"}}
	list := command{dir: repo, args: []string{b.plumb, "list"}}
	verify := command{dir: repo, args: []string{b.plumb, "verify"}}
	coldList, coldVerify := list, verify
	coldList.before, coldVerify.before = forget, forget

	all, err := b.interleave(ctx, grep, coldList, list, coldVerify, verify, status)
	if err != nil {
		return err
	}
	grepped, statused := all[0], all[5]
	b.note("grep -rc image: %.0f ms, git status %.0f ms",
		inMilliseconds(grepped.wall()), inMilliseconds(statused.wall()))
	for i, name := range []string{"list", "verify"} {
		cold, again := all[2*i+1], all[2*i+2]
		b.note("plumb %s %.0f ms, again %.0f ms",
			name, inMilliseconds(cold.wall()), inMilliseconds(again.wall()))
		b.budget(name+"-cold", cold.to(grepped), 1.5, ratio)
		b.budget(name+"-cold-memory", cold.memory(), 100, megabytes)
		b.budget(name+"-again", again.to(statused), 1.3, ratio)
	}
	return nil
}

// commit makes a folder a git repository with one commit.
func (b *bench) commit(ctx context.Context, dir string) error {
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "all"}} {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir, cmd.Env = dir, b.env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
