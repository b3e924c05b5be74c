package tree

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Lock makes the caller the only one that writes to this lock root, until
// unlock is called or the process ends, however it ends. While another process
// has the lock, it waits; notify is then called once with a line that says so,
// and the end of ctx ends the wait. What a killed writer left behind is removed.
func (t *WorkTree) Lock(ctx context.Context, notify func(msg string)) (unlock func(), err error) {
	held, err := t.acquire(ctx, notify)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.held = held
	t.mu.Unlock()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.held == held {
			t.held = nil
			held.release()
		}
	}, nil
}

// ensureLock returns the lock that is held, or takes it. release gives up what
// ensureLock took.
func (t *WorkTree) ensureLock(ctx context.Context) (held *lockFile, release func(), err error) {
	t.mu.Lock()
	held = t.held
	t.mu.Unlock()
	if held != nil {
		return held, func() {}, nil
	}
	held, err = t.acquire(ctx, func(string) {})
	if err != nil {
		return nil, nil, err
	}
	return held, held.release, nil
}

// acquire opens the lock file and waits until it is this process's.
func (t *WorkTree) acquire(ctx context.Context, notify func(string)) (*lockFile, error) {
	name, err := t.lockName(ctx)
	if err != nil {
		return nil, err
	}
	file, err := openLock(name)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", t.root, err)
	}
	held := &lockFile{file: file}
	if err := held.wait(ctx, func() {
		notify(fmt.Sprintf("waiting for another plumb%s that writes to %s", held.holder(), t.root))
	}); err != nil {
		_ = file.Close() // nothing was written
		return nil, fmt.Errorf("locking %s: %w", t.root, err)
	}
	if err := held.recover(t.root); err != nil {
		held.release()
		return nil, fmt.Errorf("removing what an interrupted run left in %s: %w", t.root, err)
	}
	return held, nil
}

// lockName returns the path of the lock file of this lock root: in the git
// directory, where git does not track it, else among the user's caches.
func (t *WorkTree) lockName(ctx context.Context) (string, error) {
	sum := sha256.Sum256([]byte(resolved(t.root)))
	base := hex.EncodeToString(sum[:8]) + ".lock"
	inGit, err := t.git.line(ctx, "rev-parse", "--git-path", "plumb/"+base)
	switch {
	case err == nil:
		name := filepath.FromSlash(inGit)
		if !filepath.IsAbs(name) {
			name = filepath.Join(t.root, name)
		}
		if os.MkdirAll(filepath.Dir(name), 0o777) == nil && access(filepath.Dir(name)) == nil {
			return name, nil
		}
	case !noGit(err):
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), "plumb-"+strconv.Itoa(os.Getuid()))
	}
	name := filepath.Join(cache, "plumb", "locks", base)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", fmt.Errorf("creating the directory of the lock of %s: %w", t.root, err)
	}
	return name, nil
}

// lockFile is the file whose lock makes a process the only writer. It holds the
// writer's process id and the names of its temporary files, one a line: a
// journal by which the next writer clears up after one that was killed.
type lockFile struct{ file *os.File }

// Waiting for the lock tries it again at growing intervals.
const (
	firstWait = 10 * time.Millisecond
	lastWait  = 250 * time.Millisecond
)

// wait locks the file. It calls waiting once if another process has it.
func (l *lockFile) wait(ctx context.Context, waiting func()) error {
	for pause := firstWait; ; pause = min(2*pause, lastWait) {
		taken, err := tryLock(l.file)
		if err != nil || taken {
			return err
		}
		if pause == firstWait {
			waiting()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// holder says which process has the lock, as far as the file tells.
func (l *lockFile) holder() string {
	content := make([]byte, 32)
	n, _ := l.file.ReadAt(content, 0) // without it the message names no process
	line, _, _ := bytes.Cut(content[:n], []byte("\n"))
	if pid, err := strconv.Atoi(string(line)); err == nil {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}

// announce replaces the journal, on disk, with the names of the temporary files
// that are about to be made.
func (l *lockFile) announce(temps []string) error {
	var journal strings.Builder
	fmt.Fprintf(&journal, "%d\n", os.Getpid())
	for _, temp := range temps {
		fmt.Fprintf(&journal, "%s\n", strconv.Quote(temp))
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	if _, err := l.file.WriteAt([]byte(journal.String()), 0); err != nil {
		return err
	}
	if len(temps) == 0 {
		return nil // at worst the next writer looks for files that are gone
	}
	return l.file.Sync()
}

// recover removes the temporary files that the journal names and that are still
// there, and begins a journal of this process.
func (l *lockFile) recover(root string) error {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }() // nothing is written through it itself
	var errs []error
	if _, err := l.file.Seek(0, 0); err != nil {
		return err
	}
	for lines := bufio.NewScanner(l.file); lines.Scan(); {
		temp, err := strconv.Unquote(lines.Text())
		if err != nil || !isTemp(temp) {
			continue // the process id, or a line that a loss of power cut short
		}
		info, err := dir.Lstat(filepath.FromSlash(temp))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := remove(dir, temp); err != nil {
			errs = append(errs, FileError{Path: temp, Err: cause(err)})
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return l.announce(nil)
}

// release gives the lock up. The file stays: removing it would let two
// processes lock two files of one name.
func (l *lockFile) release() { _ = l.file.Close() } // all that matters is synced

// tempName returns a new name for a temporary file.
func tempName() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return ".plumb-" + hex.EncodeToString(random[:]) + ".tmp"
}

var tempPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\.plumb-[0-9a-f]{16}\.tmp$`)
})

// isTemp reports whether name is the path of a temporary file of plumb's.
func isTemp(name string) bool { return inside(name) && tempPattern().MatchString(path.Base(name)) }
