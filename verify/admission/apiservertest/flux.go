package apiservertest

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// FluxProgram is the path of Flux's source-controller for testdata/flux in a checkout,
// whether it is there or not.
func FluxProgram(checkout string) (string, error) { return program(checkout, "flux") }

// StartFlux runs Flux's source-controller for a server in dir, which it fills. The server
// must have Flux's CRDs. The error is a *Missing if the program has not been built.
func StartFlux(checkout, dir string, s *Server) (*Control, error) {
	name, err := FluxProgram(checkout)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, &Missing{Program: name, Target: "flux"}
	}
	storage := filepath.Join(dir, "storage")
	if err := os.MkdirAll(storage, 0o700); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	c := &Control{dir: dir}
	args := []string{"sh", "-c", untilEOF, "sh", "env", "KUBECONFIG=" + s.Kubeconfig,
		"RUNTIME_NAMESPACE=flux-system", name, "--enable-leader-election=false",
		"--watch-all-namespaces", "--interval-jitter-percentage=0",
		"--requeue-dependency=1s", "--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0",
		"--storage-path=" + storage, "--storage-addr=" + address,
		"--storage-adv-addr=" + address}
	if err := c.start(filepath.Join(dir, "source-controller.log"), args); err != nil {
		return nil, err
	}
	return c, nil
}

// freeAddress is a loopback address that nothing listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
