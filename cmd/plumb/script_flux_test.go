package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

// TestFlux runs the scripts of testdata/flux, which apply what plumb wrote to a real API
// server, where Flux's source-controller fetches it.
func TestFlux(t *testing.T) {
	const checkout = "../.."
	program, err := apiservertest.FluxProgram(checkout)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		skipFlux(t, &apiservertest.Missing{Program: program, Target: "flux"})
	}
	if _, err := exec.LookPath("kubectl"); err != nil {
		skipFlux(t, err)
	}
	server, err := apiservertest.Start(checkout, t.TempDir())
	if missing := (*apiservertest.Missing)(nil); errors.As(err, &missing) {
		skipFlux(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if err := applyFluxCRDs(checkout, server.Kubeconfig); err != nil {
		t.Fatal(err)
	}
	flux, err := apiservertest.StartFlux(checkout, t.TempDir(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(flux.Log())
		}
		flux.Stop()
	})
	t.Run("scripts", func(t *testing.T) { // which are parallel, and end before the server
		p := scriptParams()
		p.Dir = filepath.Join(checkout, "testdata", "flux")
		p.Setup = func(env *testscript.Env) error {
			env.Setenv("KUBECONFIG", server.Kubeconfig)
			return setupScript(env)
		}
		testscript.Run(t, p)
	})
}

// skipFlux ends a test that cannot run: with ENGINES=1 it fails.
func skipFlux(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("ENGINES") != "" {
		t.Fatalf("%v: ENGINES=1 has to have it", err)
	}
	t.Skipf("NOT TESTED WITH FLUX: %v", err)
}

// applyFluxCRDs applies the CRDs of the source-controller's module.
func applyFluxCRDs(checkout, kubeconfig string) error {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/fluxcd/source-controller")
	list.Dir, list.Env = filepath.Join(checkout, "testdata", "flux"), append(os.Environ(), "GOFLAGS=")
	dir, err := list.Output()
	if err != nil {
		return fmt.Errorf("finding the CRDs of Flux: %w", err)
	}
	apply := exec.Command("kubectl", "--kubeconfig", kubeconfig, "apply", "--server-side", "-f",
		filepath.Join(strings.TrimSpace(string(dir)), "config", "crd", "bases"))
	if out, err := apply.CombinedOutput(); err != nil {
		return fmt.Errorf("applying the CRDs of Flux: %w\n%s", err, out)
	}
	return nil
}
