package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fake is a tool that says what go says, and writes its file if err is nil.
func fake(dir, name string, err error, builds *int) tool {
	return tool{
		name: name, title: name + " v1", takes: "a second", path: filepath.Join(dir, name+"-v1", name),
		build: func(_ context.Context, dir string, log io.Writer) error {
			*builds++
			_, _ = io.WriteString(log, "go: downloading example.com/m v1.0.0\nexample.com/m\n")
			_, _ = io.WriteString(log, "# example.com/n\nn.go:1:1: undefined: nothing")
			return errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte("program"), 0o755))
		},
	}
}

func TestBuildAllKeepsWhatIsBuilt(t *testing.T) {
	var out strings.Builder
	b := builder{dir: t.TempDir(), out: &out}
	builds := 0
	all := []tool{
		fake(b.dir, "one", nil, &builds),
		fake(b.dir, "two", errors.New("go install: exit status 1"), &builds),
		fake(b.dir, "three", nil, &builds),
	}
	err := b.buildAll(t.Context(), all)
	if err == nil || !strings.Contains(err.Error(), "two v1: go install: exit status 1\n") ||
		!strings.Contains(err.Error(), "# example.com/n\nn.go:1:1: undefined: nothing") ||
		strings.Contains(err.Error(), "downloading") {
		t.Errorf("error %v, want one that shows what two printed", err)
	}
	if !strings.Contains(out.String(), "three v1: building, 3 of 3") ||
		!strings.Contains(out.String(), "three v1: built in ") {
		t.Errorf("the output is\n%s", out.String())
	}
	if !all[0].there() || all[1].there() || !all[2].there() {
		t.Error("not the first and the third are there")
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, ".*")); len(left) > 0 {
		t.Errorf("left in the cache: %v", left)
	}

	out.Reset()
	b.list(all)
	want := "!!!! not built; ITS TESTS ARE SKIPPED: two v1 (make test builds it)\n"
	if out.String() != want {
		t.Errorf("list prints %q, want %q", out.String(), want)
	}

	builds = 0
	if err := b.buildAll(t.Context(), []tool{all[0], all[2]}); err != nil || builds > 0 {
		t.Errorf("what is there is built again: %d times, %v", builds, err)
	}
}

func TestBuildAllStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	b := builder{dir: t.TempDir(), out: io.Discard}
	builds := 0
	first := fake(b.dir, "one", context.Canceled, &builds)
	build := first.build
	first.build = func(ctx context.Context, dir string, log io.Writer) error {
		stop()
		return build(ctx, dir, log)
	}
	err := b.buildAll(ctx, []tool{first, fake(b.dir, "two", nil, &builds)})
	if !errors.Is(err, context.Canceled) || builds != 1 {
		t.Errorf("%d builds and error %v, want one and that it was interrupted", builds, err)
	}
}

func TestAdvice(t *testing.T) {
	all := func(string) bool { return true }
	if got := advice(missing(all)); got != "" {
		t.Errorf("advice where everything is installed: %q", got)
	}
	some := func(program string) bool {
		return program != "zsh" && program != "ssh-keygen" && program != "kubectl"
	}
	want := "!!!! not installed; THEIR TESTS ARE SKIPPED. " +
		"On Debian: apt-get install zsh openssh-client\n" +
		"!!!! not installed; ITS TESTS ARE SKIPPED: kubectl (https://kubernetes.io/docs/tasks/tools/)\n"
	if got := advice(missing(some)); got != want {
		t.Errorf("advice is %q, want %q", got, want)
	}
}

// The tests name the releases that are built.
func TestToolsAreThoseOfTheTests(t *testing.T) {
	t.Chdir("../..")
	for file, wants := range map[string][]string{
		"cmd/plumb/e2e_registry_test.go":     {distribution},
		"cmd/plumb/e2e_signed_test.go":       {cosign2, cosign3},
		"resolver/chart/helm_test.go":        {helm},
		"resolver/chart/oci_test.go":         {distribution},
		"resolver/signatures/cosign_test.go": {cosign2, cosign3},
		"verify/report/sarif_test.go":        {sarif},
		"testdata/apiserver/go.mod":          {"k8s.io/apiserver v0." + strings.TrimPrefix(kubernetes, "v1.")},
		"testdata/control/go.mod":            {"k8s.io/kubernetes " + kubernetes},
	} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s does not name %s", file, want)
			}
		}
	}
	all, err := tools("cache")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := choose(all, []string{"cosign2", "cosign4"}); err == nil {
		t.Error("choose takes a name that does not exist")
	}
}
