// Command apiserver runs a kube-apiserver and its etcd in one process, for tests. It
// takes a directory for all that it writes, prints one line when it is ready, with the
// path of a kubeconfig, and ends with its standard input.
//
//	apiserver DIR [FLAG…]
//
// Flags are handed on to the kube-apiserver.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: apiserver DIR [FLAG…]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		os.Exit(1)
	}
}

// startTimeout bounds how long the server may take until it is ready.
const startTimeout = 2 * time.Minute

func run(dir string, flags []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	files, err := newFiles(dir)
	if err != nil {
		return err
	}
	socket, err := startEtcd(dir)
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	go func() { ended <- serve(files, socket, flags) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin) // whoever started it has gone
		ended <- err
	}()
	ctx, stop := context.WithTimeout(context.Background(), startTimeout)
	defer stop()
	ready := make(chan error, 1)
	go func() { ready <- files.await(ctx) }()
	select {
	case err := <-ended:
		return err
	case err := <-ready:
		if err != nil {
			return err
		}
	}
	fmt.Println(files.kubeconfig)
	return <-ended
}
