// Command control runs a part of Kubernetes' control plane, for tests: the
// kube-controller-manager or the kube-scheduler, each in a process of its own, since each
// handles signals. It ends with its standard input.
//
//	control controller-manager|scheduler [FLAG…]
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	var cmd *cobra.Command
	switch os.Args[1] {
	case "controller-manager":
		cmd = manager.NewControllerManagerCommand()
	case "scheduler":
		cmd = scheduler.NewSchedulerCommand()
	default:
		usage()
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whoever started it has gone
		os.Exit(0)
	}()
	cmd.SetArgs(os.Args[2:])
	if err := cmd.Execute(); err != nil {
		os.Exit(1) // it has said why
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: control controller-manager|scheduler [FLAG…]")
	os.Exit(2)
}
