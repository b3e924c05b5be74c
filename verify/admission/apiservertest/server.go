// Package apiservertest runs a real kube-apiserver for tests, and the rest of a control
// plane: the programs that `make apiserver` and `make control` build of testdata/apiserver
// and testdata/control, into the user's cache.
package apiservertest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Server is a kube-apiserver with an etcd of its own, which ends with Stop, and with
// the process that started it.
type Server struct {
	Kubeconfig string // of an administrator

	cmd   *exec.Cmd
	stdin io.Closer
	log   string
}

// Missing is the error of Start where the program has not been built.
type Missing struct {
	// Program is the path of the program.
	Program string
	// Target is the target of make that builds it.
	Target string
}

// Error says how to build it.
func (e *Missing) Error() string {
	return e.Program + " not found; to build it: make " + e.Target
}

// Program is the path of the program for the source in a checkout, whether it is
// there or not.
func Program(checkout string) (string, error) { return program(checkout, "apiserver") }

// program is the path of the program for the source testdata/NAME in a checkout.
func program(checkout, name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	key, err := keyOf(os.DirFS(filepath.Join(checkout, "testdata", name)))
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "plumb-test", name+"-"+key, name), nil
}

// keyOf tells one state of the source from another.
func keyOf(source fs.FS) (string, error) {
	names, err := fs.Glob(source, "*.go")
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range append([]string{"go.mod", "go.sum"}, names...) {
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return "", err
		}
		_, _ = sum.Write(data) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// Start runs the server of a checkout in dir, which it fills, and returns once it is
// ready. The error is a *Missing if the program has not been built.
func Start(checkout, dir string, flags ...string) (*Server, error) {
	name, err := Program(checkout)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, &Missing{Program: name, Target: "apiserver"}
	}
	s := &Server{cmd: exec.Command(name, append([]string{dir}, flags...)...),
		log: filepath.Join(dir, "apiserver.log")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	s.cmd.Stderr = log
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.Stop()
		return nil, fmt.Errorf("the API server did not start: %w\n%s", err, tail(s.log))
	}
	s.Kubeconfig = strings.TrimSpace(line)
	return s, nil
}

// tail is the end of a log.
func tail(name string) string {
	const most = 4 << 10
	data, _ := os.ReadFile(name) // without it there is nothing to show
	return string(data[max(0, len(data)-most):])
}

// Stop ends the server.
func (s *Server) Stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Process.Kill() // nothing of it is kept
	_ = s.cmd.Wait()         // it was killed
}
