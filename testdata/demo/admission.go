package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

const (
	webImage  = "registry.example/shop/web:1.4"
	workImage = "registry.example/shop/web-worker:1.0"
)

// admission is the part about the cluster, with a real API server where one is built.
func admission(ctx context.Context, p *pushes) []step {
	steps := []step{
		{
			say: "A cluster, too, can admit only what the lock has. Two Pods: web is locked and\n" +
				"signed, worker is pinned, but the lock does not have it.",
			change:  func(s *session) error { return s.writePods(p) },
			command: "grep image: ../web.yaml ../worker.yaml",
			shows:   []string{webImage + "@sha256:", workImage + "@sha256:"},
		},
		{
			say:     "What would admission answer? This needs no cluster.",
			command: "plumb admission explain -f ../web.yaml",
			shows:   []string{"Pod shop/web: allowed"},
		},
		{
			command: "plumb admission explain -f ../worker.yaml",
			exit:    1,
			shows:   []string{"Pod shop/worker: denied [unlocked]", workImage},
		},
	}
	if why := noAPIServer(); why != nil {
		return append(steps, step{say: fmt.Sprintf("!!!! %v: NOT SHOWN: a Kubernetes API server "+
			"that asks plumb", why)})
	}
	return append(steps,
		step{
			say:     "The same on a Kubernetes API server, whose webhook is plumb admission serve.",
			change:  func(s *session) error { return s.startCluster(ctx) },
			command: "kubectl apply -f ../web.yaml",
			shows:   []string{"pod/web created"},
		},
		step{
			command: "kubectl apply -f ../worker.yaml",
			exit:    1,
			shows:   []string{"admission webhook \"enforce.plumb.dev\" denied the request", workImage},
		},
		step{
			say:     "Only the locked one was created.",
			command: "kubectl get pods -n shop -o name",
			shows:   []string{"pod/web\n"},
		},
	)
}

// noAPIServer says why there is no API server to start, nil if there is one.
func noAPIServer() error {
	if _, err := exec.LookPath("kubectl"); err != nil {
		return errors.New("kubectl is not installed")
	}
	checkout, err := checkoutDir()
	if err != nil {
		return err
	}
	program, err := apiservertest.Program(checkout)
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); err != nil {
		return errors.New("no API server is built (make apiserver does it)")
	}
	return nil
}

// checkoutDir returns the top of the checkout that the demo runs in.
func checkoutDir() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// writePods writes two Pods beside the repository.
func (s *session) writePods(p *pushes) error {
	for name, image := range map[string]string{
		"web": webImage + "@" + p.web, "worker": workImage + "@" + p.rogue,
	} {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: shop}\n" +
			"spec:\n  containers:\n    - name: " + name + "\n      image: " + image + "\n"
		if err := os.WriteFile(s.beside(name+".yaml"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// startCluster starts an API server and plumb, and waits until the one asks the other.
func (s *session) startCluster(ctx context.Context) error {
	checkout, err := checkoutDir()
	if err != nil {
		return err
	}
	server, err := apiservertest.Start(checkout, s.beside("apiserver"))
	if err != nil {
		return err
	}
	s.ends = append(s.ends, server.Stop)
	s.env = append(s.env, "KUBECONFIG="+server.Kubeconfig)
	hook, err := s.startWebhook(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.beside("webhook.yaml"), []byte(hook), 0o644); err != nil {
		return err
	}
	const prepare = "kubectl create namespace shop && " +
		"kubectl create serviceaccount default -n shop && kubectl create -f ../webhook.yaml"
	if out, status, err := s.shell(ctx, prepare); err != nil || status != 0 {
		return fmt.Errorf("preparing the cluster: %v, exit status %d\n%s", err, status, out)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		out, _, err := s.shell(ctx, "kubectl create --dry-run=server -f ../worker.yaml")
		if err != nil || strings.Contains(out, "denied the request") {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the API server does not ask plumb:\n%s", out)
		}
	}
}
