package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
)

// The releases that the tests name.
const (
	distribution = "v3.1.2"
	cosign2      = "v2.6.5"
	cosign3      = "v3.1.3"
	helm         = "v4.2.4"
	sarif        = "sarif-2.1.0-rtm.5.json"
	sarifPackage = "@microsoft/jest-sarif@1.0.0-beta.0"
	kubernetes   = "v1.36.3"
)

// tool is a file that tests need.
type tool struct {
	name, title string
	takes       string // how long, where nothing is cached
	engine      bool   // built only by its name and with ENGINES=1, since it takes long
	path        string
	// build writes the file into dir, under its name, and what it does to log.
	build func(ctx context.Context, dir string, log io.Writer) error
}

// tools returns all tools, which are to be in the folder dir.
func tools(dir string) ([]tool, error) {
	const checkout = "."
	server, err := apiservertest.Program(checkout)
	if err != nil {
		return nil, fmt.Errorf("not at the top of a checkout: %w", err)
	}
	control, kwok, err := apiservertest.ControlPrograms(checkout)
	if err != nil {
		return nil, err
	}
	flux, err := apiservertest.FluxProgram(checkout)
	if err != nil {
		return nil, err
	}
	return []tool{
		{
			name: "distribution", title: "distribution " + distribution, takes: "2 minutes",
			path:  filepath.Join(dir, "distribution-"+distribution, "registry"),
			build: install("github.com/distribution/distribution/v3/cmd/registry@" + distribution),
		},
		{
			name: "cosign2", title: "cosign " + cosign2, takes: "5 minutes",
			path:  filepath.Join(dir, "cosign-"+cosign2, "cosign"),
			build: install("github.com/sigstore/cosign/v2/cmd/cosign@" + cosign2),
		},
		{
			name: "cosign3", title: "cosign " + cosign3, takes: "5 minutes",
			path:  filepath.Join(dir, "cosign-"+cosign3, "cosign"),
			build: install("github.com/sigstore/cosign/v3/cmd/cosign@" + cosign3),
		},
		{
			name: "helm", title: "helm " + helm, takes: "2 minutes",
			path:  filepath.Join(dir, "helm-"+helm, "helm"),
			build: install("helm.sh/helm/v4/cmd/helm@" + helm),
		},
		{
			name: "sarif", title: "SARIF's schema", takes: "a second",
			path: filepath.Join(dir, sarif), build: fetchSARIF,
		},
		{
			name: "apiserver", title: "kube-apiserver " + kubernetes, takes: "5 to 9 minutes",
			path: server, build: buildKubernetes("apiserver"),
		},
		{
			name: "control", title: "kube-controller-manager and kube-scheduler " + kubernetes,
			takes: "3 minutes after the kube-apiserver, 9 without",
			path:  control, build: buildKubernetes("control"),
		},
		{
			name: "kwok", title: "kwok " + apiservertest.KwokVersion, takes: "4 minutes",
			path:  kwok,
			build: install("sigs.k8s.io/kwok/cmd/kwok@"+apiservertest.KwokVersion, "CGO_ENABLED=0"),
		},
		{
			name: "flux", title: "Flux's source-controller", takes: "4 minutes", engine: true,
			path: flux, build: buildFlux,
		},
	}, nil
}

// install builds a package of another module.
func install(pkg string, env ...string) func(context.Context, string, io.Writer) error {
	return func(ctx context.Context, dir string, log io.Writer) error {
		return command(ctx, log, "", append(env, "GOBIN="+dir), "go", "install", "-v", pkg)
	}
}

// buildKubernetes builds testdata/NAME, which is a module of its own because of its
// 560 MB of modules. "kubectl version" fails without the version.
func buildKubernetes(name string) func(context.Context, string, io.Writer) error {
	return func(ctx context.Context, dir string, log io.Writer) error {
		return kubernetesProgram(ctx, name, dir, log)
	}
}

func kubernetesProgram(ctx context.Context, name, dir string, log io.Writer) error {
	const noCgo = "CGO_ENABLED=0"
	module := "testdata/" + name
	major, minor, _ := strings.Cut(strings.TrimPrefix(kubernetes, "v"), ".")
	minor, _, _ = strings.Cut(minor, ".")
	flags := "-s -w"
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags += fmt.Sprintf(" -X %s.gitVersion=%s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s",
			pkg, kubernetes, major, minor)
	}
	if err := command(ctx, log, module, []string{noCgo}, "go", "vet", "-trimpath", "."); err != nil {
		return err
	}
	return command(ctx, log, module, []string{noCgo}, "go", "build", "-v", "-trimpath",
		"-buildvcs=false", "-ldflags", flags, "-o", filepath.Join(dir, name), ".")
}

// buildFlux builds the source-controller that testdata/flux, a module of its own, requires.
func buildFlux(ctx context.Context, dir string, log io.Writer) error {
	return command(ctx, log, "testdata/flux", []string{"CGO_ENABLED=0"}, "go", "build", "-v",
		"-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", filepath.Join(dir, "flux"),
		"github.com/fluxcd/source-controller")
}

// errNoNPM is the error of fetchSARIF where a test is skipped, and no more.
var errNoNPM = errors.New("npm is not installed: SARIF IS NOT CHECKED AGAINST ITS SCHEMA")

// fetchSARIF fetches SARIF's schema, which is OASIS's and which plumb does not
// redistribute.
func fetchSARIF(ctx context.Context, dir string, log io.Writer) error {
	if !installed("npm") {
		return errNoNPM
	}
	if err := command(ctx, log, dir, nil, "npm", "pack", "--silent", sarifPackage); err != nil {
		return err
	}
	packs, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packs) != 1 {
		return fmt.Errorf("npm pack wrote %d files, want one", len(packs))
	}
	return command(ctx, log, dir, nil, "tar", "-xzf", packs[0], "--strip-components=3",
		"package/lib/schemas/"+sarif)
}

// command runs a program in a folder.
func command(ctx context.Context, log io.Writer, dir string, env []string, name string,
	args ...string,
) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(append(os.Environ(), "GOFLAGS="), env...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return nil
}

// there says whether the tool is built.
func (t tool) there() bool {
	_, err := os.Stat(t.path)
	return !errors.Is(err, fs.ErrNotExist)
}
